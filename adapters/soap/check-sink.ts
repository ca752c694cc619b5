/** What the schema of a sink's options cannot say. */
import {
  charsetMisfit,
  findAnswerRuleProblems,
  findPathProblems,
  isCharset,
  pointerWord,
  xmlMisfit,
} from '../../core/contract.ts'
import { findServiceProblems, isElementName, type Problem } from './service-options.ts'
import type { CallOptions, SoapSinkOptions, WriteOptions } from './sink-options.ts'

/** Where something of its own stands; `option` is the one that says so. */
const leavesOf = ({ id, fixed, secrets }: CallOptions, values: Record<string, string> = {}): { option: string; at: string }[] => [
  ...(id === undefined ? [] : [{ option: '/id', at: id }]),
  ...Object.entries({ fixed, secrets, values }).flatMap(([option, given]) =>
    Object.keys(given ?? {}).map((at) => ({ option: `/${option}/${pointerWord(at)}`, at })),
  ),
]

/** Whether both cannot stand there: one holds text, and the other is the same, or inside it. */
const collide = (leaf: string, other: string): boolean => other === leaf || other.startsWith(`${leaf}/`)

const callProblems = (
  at: string,
  given: CallOptions,
  charset: string,
  { under, values }: { under?: string | undefined; values?: Record<string, string> | undefined },
): Problem[] => {
  const problems: Problem[] = []
  const demand = (holds: boolean, option: string, zh: string, en: string): void => {
    if (!holds) problems.push({ path: `${at}${option}`, expected: { zh, en } })
  }
  const leaves = leavesOf(given, values)
  const places = [...leaves, ...(under === undefined ? [] : [{ option: '/under', at: under }])]
  for (const { option, at: written } of places)
    demand(written.split('/').every(isElementName), option, '以 / 相隔的元素名', 'names of elements with / between them')
  for (const { option, at: leaf } of leaves)
    demand(
      places.every((other) => other.option === option || !collide(leaf, other.at)),
      option,
      '另有内容放在这里或它之下',
      'a place of its own: something else stands there, or inside it',
    )
  for (const [name, text] of Object.entries(given.fixed ?? {})) {
    const reason = xmlMisfit(text) ?? (isCharset(charset) ? charsetMisfit(text, charset) : undefined)
    if (reason) problems.push({ path: `${at}/fixed/${pointerWord(name)}`, expected: reason })
  }
  const { document, answer: form } = given
  if (document) {
    const inside = places.filter((one) => collide(document.parameter, one.at)).map((one) => one.at.split('/')[1])
    demand(
      inside.length > 0 && inside.every((root) => root !== undefined && root === inside[0]),
      '/document/parameter',
      'under、id、fixed、values 中须有位置在它之内，且同在一个根元素之下，如 xmlString/Request/Data',
      'places of under, id, fixed or values must be in it, below one root element, such as xmlString/Request/Data',
    )
    const { encoding } = document
    demand(encoding === undefined || isCharset(encoding), '/document/encoding', '已知的编码', 'a known charset')
  }
  return [...problems, ...findPathProblems(`${at}/answer/part`, form.part)]
}

const writeProblems = (at: string, given: WriteOptions, charset: string): Problem[] => {
  const { rules, unknown, id, overwrites, confirm: question } = given
  const problems: Problem[] = []
  const demand = (holds: boolean, option: string, zh: string, en: string): void => {
    if (!holds) problems.push({ path: `${at}${option}`, expected: { zh, en } })
  }
  demand(
    rules.some(({ means }) => means === 'accepted'),
    '/rules',
    '须有一条 means: accepted 的规则，否则永远写不成',
    'a rule that means accepted, or nothing is ever done',
  )
  for (const [index, { over, path, means }] of rules.entries()) {
    demand(over !== 'http' || path === 'status', `/rules/${index}/path`, 'http 只有 status', 'http has status only')
    demand(
      over !== 'http' || (means !== 'accepted' && means !== 'duplicate'),
      `/rules/${index}/over`,
      'HTTP 状态只说明有人应答；成功须看应答的内容',
      'success is in the content of an answer: a status says only that somebody answered',
    )
  }
  demand(
    unknown !== 'idempotent' || id !== undefined || overwrites === true || rules.some(({ means }) => means === 'duplicate'),
    '/unknown',
    '写两次等于一次才可用 idempotent：给出 id，或有 means: duplicate 的规则，或 overwrites',
    'idempotent only where twice is as once: give id, a rule that means duplicate, or overwrites',
  )
  demand(
    unknown !== 'confirm' || question !== undefined,
    '/confirm',
    'unknown 为 confirm 时必填',
    'required, when unknown is confirm',
  )
  if (question) {
    demand(
      question.id !== undefined || Object.keys(question.values ?? {}).length > 0,
      '/confirm/values',
      '给出 id 或 values，服务才知道问的是哪一个',
      'id or values, or the service cannot know what is asked about',
    )
    demand(
      question.rules.some(({ means, over }) => means === 'applied' && over !== 'http'),
      '/confirm/rules',
      '须有一条 means: applied 的规则，不看 HTTP 状态',
      'a rule that means applied, and not over the HTTP status',
    )
  }
  return [
    ...problems,
    ...callProblems(at, given, charset, given),
    ...findAnswerRuleProblems(`${at}/rules`, rules),
    ...(question
      ? [
          ...callProblems(`${at}/confirm`, question, charset, question),
          ...findAnswerRuleProblems(`${at}/confirm/rules`, question.rules),
        ]
      : []),
  ]
}

/** Above all that a policy for unknown outcomes is one that can be kept. */
export const checkSoapSinkOptions = ({ service, writes }: SoapSinkOptions, reading: { charset: string }): Problem[] => [
  ...(service ? findServiceProblems(service, '/service') : []),
  ...Object.entries(writes).flatMap(([name, given]) =>
    writeProblems(`/writes/${pointerWord(name)}`, given, (service ?? reading).charset),
  ),
]
