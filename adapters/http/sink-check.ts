/** What the schema of a sink's options cannot say. */
import {
  findAnswerRuleProblems,
  findPlacingProblems,
  findPolicyProblems,
  placesOf,
  pointerWord,
  type Text,
} from '../../core/contract.ts'
import type { CallOptions, ConfirmOptions, HttpSinkOptions, WriteOptions } from './sink-options.ts'
import { holderOf, namesIn } from './sink-request.ts'

type Problem = { path: string; expected: Text }

type Call = CallOptions & Partial<Pick<WriteOptions, 'under'> & Pick<ConfirmOptions, 'values'>>

const callProblems = (at: string, call: Call, hasBody: boolean, hasValues: boolean): Problem[] => {
  const problems: Problem[] = []
  const demand = (holds: boolean, option: string, zh: string, en: string): void => {
    if (!holds) problems.push({ path: `${at}${option}`, expected: { zh, en } })
  }
  const { path, body, id, fixed, secrets } = call
  demand(!/[{}]/.test(path.replaceAll(/\{[^{}]+\}/g, '')), '/path', '成对的花括号', 'pairs of braces')
  demand(
    !path.split(/[/?]/).some((step) => step === '.' || step === '..'),
    '/path',
    '没有 . 与 .. 的路径',
    'a path without . and ..',
  )
  if (!hasBody) {
    demand(
      id === undefined && fixed === undefined && secrets === undefined && call.values === undefined,
      '/method',
      'GET 没有正文：值写在 path 里，编号写在 path 或 idHeader',
      'GET has no body: values go into path, the id into path or idHeader',
    )
    return problems
  }
  const { isName, misfitOf } = holderOf(body)
  problems.push(...findPlacingProblems(at, call, call, isName, misfitOf))
  demand(body.format === 'xml' || body.charset === 'utf-8', '/body/charset', 'xml 之外只用 utf-8', 'all but xml are always utf-8')
  demand(body.literals === undefined || body.format === 'json', '/body/literals', '只用于 json', 'for json only')
  const places = placesOf(call, call).map(({ at: one }) => one.split('/'))
  const [root] = places[0] ?? []
  demand(
    body.format !== 'xml' ||
      (root !== undefined && (!hasValues || call.under !== undefined) && places.every(([first]) => first === root)),
    hasValues ? '/under' : '/values',
    'xml 的各个位置须同在一个根元素之下，如 under: Request/Data',
    'for xml all places are below one root element, such as under: Request/Data',
  )
  return problems
}

const ruleProblems = (at: string, rules: WriteOptions['rules'] | ConfirmOptions['rules']): Problem[] => [
  ...findAnswerRuleProblems(at, rules),
  ...rules.flatMap(({ over, path, equals, means }, index): Problem[] => {
    const isSuccess = means === 'accepted' || means === 'applied'
    const isVague = over === 'http' && (equals === undefined || equals.includes('200'))
    return [
      ...(over === 'http' && path !== 'status'
        ? [{ path: `${at}/${index}/path`, expected: { zh: 'http 只有 status', en: 'http has status only' } }]
        : []),
      ...((isSuccess && over === 'error') || ((isSuccess || means === 'duplicate') && isVague)
        ? [
            {
              path: `${at}/${index}/over`,
              expected: {
                zh: '成功看 body，或除 200 以外写明的状态（201、204）：登录页也是 200',
                en: 'success is in body, or in a status that is named and is not 200 (201, 204): a login page comes with 200, too',
              },
            },
          ]
        : []),
    ]
  }),
]

const writeProblems = (at: string, write: WriteOptions): Problem[] => {
  const { confirm, id, idHeader, path, rules } = write
  const isKnownById = id !== undefined || idHeader !== undefined || namesIn(path).includes('id')
  const problems = [
    ...findPolicyProblems(at, write, isKnownById),
    ...callProblems(at, write, true, true),
    ...ruleProblems(`${at}/rules`, rules),
  ]
  if (!confirm) return problems
  const asks =
    namesIn(confirm.path).length > 0 ||
    (confirm.idHeader ?? confirm.id) !== undefined ||
    Object.keys(confirm.values ?? {}).length > 0
  return [
    ...problems,
    ...(asks
      ? []
      : [
          {
            path: `${at}/confirm/path`,
            expected: {
              zh: '写明问的是哪一个，如 /cases/{NO}',
              en: 'something that says which is asked about, such as /cases/{NO}',
            },
          },
        ]),
    ...callProblems(`${at}/confirm`, confirm, confirm.method === 'POST', false),
    ...ruleProblems(`${at}/confirm/rules`, confirm.rules),
  ]
}

/** Above all that a policy for unknown outcomes is one that can be kept. */
export const checkHttpSinkOptions = ({ writes }: HttpSinkOptions): Problem[] =>
  Object.entries(writes).flatMap(([name, write]) => writeProblems(`/writes/${pointerWord(name)}`, write))
