/** What the schema of a sink's options cannot say. */
import {
  charsetMisfit,
  findAnswerRuleProblems,
  findPathProblems,
  findPlacingProblems,
  findPolicyProblems,
  isCharset,
  placesOf,
  pointerWord,
  xmlMisfit,
} from '../../core/contract.ts'
import { findServiceProblems, isElementName, type Problem } from './service-options.ts'
import type { CallOptions, ConfirmOptions, SoapSinkOptions, WriteOptions } from './sink-options.ts'

const callProblems = (
  at: string,
  given: CallOptions & Partial<Pick<WriteOptions, 'under'> & Pick<ConfirmOptions, 'values'>>,
  charset: string,
): Problem[] => {
  const { document, answer } = given
  const problems = findPlacingProblems(
    at,
    given,
    given,
    isElementName,
    (text) => xmlMisfit(text) ?? (isCharset(charset) ? charsetMisfit(text, charset) : undefined),
  )
  if (document) {
    const { parameter, encoding } = document
    const inside = placesOf(given, given).map((one) => one.at.split('/'))
    const roots = inside.filter(([first]) => first === parameter).map(([, root]) => root)
    if (roots.length === 0 || roots.some((root) => root === undefined || root !== roots[0]))
      problems.push({
        path: `${at}/document/parameter`,
        expected: {
          zh: 'under、id、fixed、values 中须有位置在它之内，且同在一个根元素之下，如 xmlString/Request/Data',
          en: 'places of under, id, fixed or values must be in it, below one root element, such as xmlString/Request/Data',
        },
      })
    if (encoding !== undefined && !isCharset(encoding))
      problems.push({ path: `${at}/document/encoding`, expected: { zh: '已知的编码', en: 'a known charset' } })
  }
  return [...problems, ...findPathProblems(`${at}/answer/part`, answer.part)]
}

/** A status says only that somebody answered. */
const successMeans = new Set(['accepted', 'duplicate', 'applied'])

const ruleProblems = (at: string, rules: WriteOptions['rules'] | ConfirmOptions['rules']): Problem[] => [
  ...findAnswerRuleProblems(at, rules),
  ...rules.flatMap(({ over, path, means }, index) => [
    ...(over === 'http' && path !== 'status'
      ? [{ path: `${at}/${index}/path`, expected: { zh: 'http 只有 status', en: 'http has status only' } }]
      : []),
    ...((over === 'http' || over === 'fault') && successMeans.has(means)
      ? [
          {
            path: `${at}/${index}/over`,
            expected: {
              zh: 'HTTP 状态与 Fault 不说明成功；成功须看应答的内容',
              en: 'success is in the content of an answer, and neither in its status nor in a fault',
            },
          },
        ]
      : []),
  ]),
]

const writeProblems = (at: string, given: WriteOptions, charset: string): Problem[] => {
  const { rules, id, confirm } = given
  const problems = [
    ...findPolicyProblems(at, given, id !== undefined),
    ...callProblems(at, given, charset),
    ...ruleProblems(`${at}/rules`, rules),
  ]
  if (!confirm) return problems
  if (confirm.id === undefined && Object.keys(confirm.values ?? {}).length === 0)
    problems.push({
      path: `${at}/confirm/values`,
      expected: {
        zh: '给出 id 或 values，服务才知道问的是哪一个',
        en: 'id or values, or the service cannot know what is asked about',
      },
    })
  return [...problems, ...callProblems(`${at}/confirm`, confirm, charset), ...ruleProblems(`${at}/confirm/rules`, confirm.rules)]
}

/** Above all that a policy for unknown outcomes is one that can be kept. */
export const checkSoapSinkOptions = (
  { service, writes }: SoapSinkOptions,
  reading: { charset: string } | undefined,
): Problem[] => {
  const called = service ?? reading
  if (!called) {
    const expected = { zh: '只写入的系统须写明服务', en: 'the service, for a system that is only written to' }
    return [{ path: '/service', expected }]
  }
  return [
    ...(service ? findServiceProblems(service, '/service') : []),
    ...Object.entries(writes).flatMap(([name, given]) => writeProblems(`/writes/${pointerWord(name)}`, given, called.charset)),
  ]
}
