/**
 * What writes over a call have in common, SOAP or HTTP: where values, the id of the operation and fixed texts stand in a request, and which policies
 * for unknown outcomes such a write can keep. A place is a path of names from the top of the request on, with `/` between them.
 */
import { type TSchema, Type } from '@sinclair/typebox'
import type { AnswerRule } from './answer-rules.ts'
import { GatewayError, type Text } from './errors.ts'
import { pointerWord } from './json-pointer.ts'
import { type Content, isContent, type Operation, type OperationValues } from './operation.ts'
import { type UnknownPolicy, unknownPolicies } from './verdict.ts'

/** What an operation becomes: texts, and lists of the same, by name. */
export type Tree = { [name: string]: string | Tree | (string | Tree)[] }

/** What stands in every request beside the values. */
export interface Placing {
  id?: string
  fixed?: Record<string, string>
  secrets?: Record<string, string>
}

type Problem = { path: string; expected: Text }

/** A place, as an option. */
export const place = (title: string, zh: string, en: string) =>
  Type.String({ pattern: '^[^/\\s]+(/[^/\\s]+)*$', title, description: `${zh} / ${en}` })

const byPlace = <T extends TSchema>(value: T, title: string, zh: string, en: string) =>
  Type.Optional(Type.Record(Type.String({ minLength: 1 }), value, { title, description: `${zh} / ${en}` }))

/** The options of `Placing`. */
export const placingOptions = {
  id: Type.Optional(
    place(
      '操作编号 / Id',
      '本次写入的编号放在哪里，对方据以去重；从请求（SOAP 为参数名）起的名称，以 / 相隔。',
      'Where the id of the operation stands, by which the target can tell that it has it; names from the top of the request (for SOAP, the parameter) on, with / between them.',
    ),
  ),
  fixed: byPlace(
    Type.String({ title: '固定值 / Fixed', description: '总是相同的文字。 / A text that is always the same.' }),
    '固定值 / Fixed',
    '位置: 总是相同的文字，如系统代码。',
    'Place: a text that is always the same, such as the code of the system.',
  ),
  secrets: byPlace(
    Type.String({ secret: true, title: '密钥 / Secret', description: '密钥引用。 / A reference to a secret.' }),
    '密钥 / Secrets',
    '位置: 密钥，如作为参数的密码。',
    'Place: a secret, such as a password that is a parameter.',
  ),
}

/** The option of a question that says which values of the operation it asks with. */
export const confirmedBy = byPlace(
  Type.String({ title: '值 / Value', description: '操作中的值的名称。 / The name of a value of the operation.' }),
  '值 / Values',
  '位置: 操作中的值的名称。',
  'Place: the name of a value of the operation.',
)

export const unknownOption = Type.Unsafe<UnknownPolicy>({
  type: 'string',
  enum: [...unknownPolicies],
  title: '结果不明时 / When the outcome is unknown',
  description:
    'idempotent：再写一次（对方须能凭编号去重、认得出重复，或 overwrites）；confirm：先用 confirm 询问；manual：由人决定。 / idempotent: again (the target must know it by its id, say that it is a duplicate, or overwrite); confirm: the target is asked first; manual: a person decides.',
})

export const overwritesOption = Type.Optional(
  Type.Boolean({
    title: '覆盖 / Overwrites',
    description: '对方以新值覆盖旧值，写两次等于一次。 / The target replaces what it has, so that twice is as once.',
  }),
)

interface More {
  under?: string | undefined
  values?: Record<string, string> | undefined
}

/** Where something of its own stands, each with the option that says so. */
const leavesOf = ({ id, fixed, secrets }: Placing, { values }: More): { option: string; at: string }[] => [
  ...(id === undefined ? [] : [{ option: '/id', at: id }]),
  ...Object.entries({ fixed, secrets, values }).flatMap(([option, given]) =>
    Object.keys(given ?? {}).map((at) => ({ option: `/${option}/${pointerWord(at)}`, at })),
  ),
]

/** Every place that the options name. */
export const placesOf = (placing: Placing, more: More): { option: string; at: string }[] => [
  ...leavesOf(placing, more),
  ...(more.under === undefined ? [] : [{ option: '/under', at: more.under }]),
]

/** For `checkOptions`, over the options at `at`. `isName` tells what may be a name there, `misfitOf` what a fixed text may not hold. */
export const findPlacingProblems = (
  at: string,
  placing: Placing,
  more: More,
  isName: (name: string) => boolean,
  misfitOf: (text: string) => Text | undefined,
): Problem[] => {
  const places = placesOf(placing, more)
  const collides = (leaf: { option: string; at: string }): boolean =>
    places.some((other) => other.option !== leaf.option && (other.at === leaf.at || other.at.startsWith(`${leaf.at}/`)))
  return [
    ...places
      .filter((one) => !one.at.split('/').every(isName))
      .map(({ option }) => ({
        path: at + option,
        expected: { zh: '以 / 相隔的可用名称', en: 'usable names with / between them' },
      })),
    ...leavesOf(placing, more)
      .filter(collides)
      .map(({ option }) => ({
        path: at + option,
        expected: { zh: '另有内容放在这里或它之下', en: 'a place of its own: something else stands there, or inside it' },
      })),
    ...Object.entries(placing.fixed ?? {}).flatMap(([name, text]) => {
      const expected = misfitOf(text)
      return expected ? [{ path: `${at}/fixed/${pointerWord(name)}`, expected }] : []
    }),
  ]
}

/** For `checkOptions`: whether a write can ever be done, and can keep its policy. `isKnownById`: the target gets the id of the operation. */
export const findPolicyProblems = (
  at: string,
  {
    rules,
    unknown,
    overwrites,
    confirm,
  }: { rules: readonly AnswerRule[]; unknown: UnknownPolicy; overwrites?: boolean; confirm?: { rules: readonly AnswerRule[] } },
  isKnownById: boolean,
): Problem[] => {
  const problems: Problem[] = []
  const demand = (holds: boolean, option: string, zh: string, en: string): void => {
    if (!holds) problems.push({ path: `${at}${option}`, expected: { zh, en } })
  }
  const some = (list: readonly AnswerRule[], wanted: string): boolean => list.some(({ means }) => means === wanted)
  demand(
    some(rules, 'accepted'),
    '/rules',
    '须有一条 means: accepted 的规则，否则永远写不成',
    'a rule that means accepted, or nothing is ever done',
  )
  demand(
    unknown !== 'idempotent' || isKnownById || overwrites === true || some(rules, 'duplicate'),
    '/unknown',
    '写两次等于一次才可用 idempotent：给出 id，或有 means: duplicate 的规则，或 overwrites',
    'idempotent only where twice is as once: give id, a rule that means duplicate, or overwrites',
  )
  demand(
    unknown !== 'confirm' || confirm !== undefined,
    '/confirm',
    'unknown 为 confirm 时必填',
    'required, when unknown is confirm',
  )
  demand(
    confirm === undefined || some(confirm.rules, 'applied'),
    '/confirm/rules',
    '须有一条 means: applied 的规则',
    'a rule that means applied',
  )
  return problems
}

/** What is put in, by its place. */
export type Filling = readonly [at: readonly string[], value: OperationValues[string]][]

/** The values of an operation below the place `under`. */
export const valuesUnder = ({ values }: Operation, under: string | undefined): Filling =>
  Object.entries(values).map(([name, value]) => [[...(under?.split('/') ?? []), name], value])

/** Chosen values of an operation, by their places. Throws DELIVERY_MISFIT for one that it does not have. */
export const chosenValues = (system: string, operation: Operation, chosen: Readonly<Record<string, string>> = {}): Filling =>
  Object.entries(chosen).map(([at, name]) => {
    const value = operation.values[name]
    if (value !== undefined) return [at.split('/'), value]
    const reason = { zh: '操作里没有这个值', en: 'the operation has no such value' }
    throw GatewayError.of('DELIVERY_MISFIT', { system, write: operation.write, name, reason })
  })

/** What a request can hold: which names, and which texts. */
export interface Holder {
  system: string
  isName(name: string): boolean
  misfitOf(text: string): Text | undefined
  /** What stands for a content; absent where it can hold none. */
  markOf?: ((content: Content) => string) | undefined
}

/** Throws DELIVERY_MISFIT for what the request cannot hold as it is. What is null is left out. */
export const fillPlaces = (
  { system, isName, misfitOf, markOf }: Holder,
  { id, fixed, secrets }: Placing,
  operation: Operation,
  filling: Filling,
): Tree => {
  const misfit = (name: string, reason: Text): GatewayError =>
    GatewayError.of('DELIVERY_MISFIT', { system, write: operation.write, name, reason })
  const named = (name: string, path: string): string => {
    if (!isName(name)) throw misfit(path, { zh: '不是可用的元素名', en: 'it is no usable name of an element' })
    return name
  }
  const contentOf = (value: NonNullable<OperationValues[string]>, path: string): Tree[string] => {
    if (isContent(value)) {
      if (markOf) return markOf(value)
      throw misfit(path, { zh: '附件的内容放不进这里', en: 'the content of an attachment cannot stand here' })
    }
    if (typeof value !== 'string') return value.map((entry, index) => treeOf(entry, `${path}[${index + 1}]/`))
    const reason = misfitOf(value)
    if (reason) throw misfit(path, reason)
    return value
  }
  const treeOf = (values: OperationValues, path: string): Tree => {
    const tree: Tree = {}
    for (const [name, value] of Object.entries(values))
      if (value !== null) tree[named(name, path + name)] = contentOf(value, path + name)
    return tree
  }
  const put = (
    tree: Tree,
    [name = '', ...rest]: readonly string[],
    value: NonNullable<OperationValues[string]>,
    path: string,
  ) => {
    const there = Object.hasOwn(tree, named(name, path)) ? tree[name] : undefined
    if (rest.length === 0 && there === undefined) tree[name] = contentOf(value, path)
    else if (rest.length === 0 || typeof there === 'string' || Array.isArray(there))
      throw misfit(path, { zh: '此处已有 id 或固定值', en: 'id or a fixed value stands there already' })
    else {
      const inner: Tree = there ?? {}
      tree[name] = inner
      put(inner, rest, value, path)
    }
  }

  const tree: Tree = {}
  for (const [at, text] of Object.entries({ ...fixed, ...secrets })) put(tree, at.split('/'), text, at)
  if (id !== undefined) put(tree, id.split('/'), operation.id, id)
  for (const [at, value] of filling) if (value !== null) put(tree, at, value, at.join('/'))
  return tree
}
