/** An explanation as a person reads it: Chinese first, one fact a line. */
import type { Explanation } from '../explain/explain.ts'
import type { DecidingPlace, FieldAnswer } from '../explain/field.ts'
import type { Check, RecomputedMessage } from '../explain/recompute.ts'
import type { Showing } from '../explain/shown.ts'
import { ignoredReason } from '../ignored-reason.ts'
import type { Provenance } from '../mapping/provenance.ts'
import type { ConditionTrace, FieldTrace, Found, TraceStep } from '../mapping/trace.ts'
import type { TracedMapping } from '../mapping/trace-mapping.ts'
import { formatError, shownTime } from './io.ts'

const provenances: Record<Provenance, string> = {
  as_received: '原样 as_received',
  mapped: '查表 mapped',
  normalised: '规范化 normalised',
  derived: '推导 derived',
  corrected: '人员更正 corrected',
}

const outcomes: Record<FieldTrace['outcome'], string> = {
  set: '有值 set',
  absent: '缺失 absent',
  flagged: '缺失并标记 absent and flagged',
  failed: '失败 failed',
}

const steps: Record<TraceStep['kind'], string> = {
  trimmed: '去空白 trimmed',
  placeholder: '占位词 placeholder',
  codes: '代码表 codes',
  date: '日期 date',
  number: '数值 number',
  pattern: '正则 pattern',
  call: '插件 call',
  expression: '表达式 expression',
  corrected: '人员更正 corrected',
}

const checks: Record<Check, string> = {
  same: '✓ 重算所得的类型、内容、标记、来由、比对键与已存消息一致 / recomputed: type, content, flags, provenance and match keys equal the stored message',
  different: '✗✗ 重算内容与已存消息不同！ / recomputed, and NOT what the stored message says',
  gone: '✗✗ 重算不再得出这条已存消息！ / recomputed, and this stored message is NOT made any more',
  unsent: '· 没有发送 / not sent',
  echo: '· 没有发送：是平台自己下发的内容（回声） / not sent: what the platform wrote itself, come back',
  unexchanged: '· 没有发送：交换表写明该环节不交换 / not sent: the exchange table says that the stage is not exchanged',
}

const whys: Record<NonNullable<FieldAnswer['why']>, string> = {
  unmapped: '映射没有这个字段的规则 / the mapping has no rule for it',
  unreached: '之前的规则失败，没有执行到这里 / a rule before it failed: not reached',
  stamped: '由网关写入，不出自映射 / written by the gateway, not by the mapping',
}

const line = (name: string, value: string): string => `    ${name}  ${value}`

const quoted = (value: unknown): string => (value === undefined ? '（无 none）' : JSON.stringify(value))

const holding: Record<Exclude<Found['holds'], 'text'>, string> = {
  nil: '（空 null）',
  structure: '（结构 a structure）',
  nothing: '（来源中没有 nothing there）',
}

const receivedAs = ({ holds, received }: Found): string => (holds === 'text' ? quoted(received) : holding[holds])

const foundLines = (found: Found[], path: string | undefined): string[] => {
  if (path === undefined) return []
  if (found.length === 0) return [line('来源 from', `${path} → 来源中没有 / nothing there`)]
  return found.map((one) => line('来源 from', `${path} → ${one.place}  ${receivedAs(one)}`))
}

const stepLine = ({ kind, before, after, by, day, at }: TraceStep): string =>
  line(steps[kind], [`${quoted(before)} → ${quoted(after)}`, by, day, at].filter((part) => part !== undefined).join('  '))

export const fieldText = (given: FieldTrace): string => {
  const { rule, pointer, found, outcome, value, provenance, code, steps: taken } = given
  const head = outcome === 'set' && provenance ? `${quoted(value)}  ${provenances[provenance]}` : outcomes[outcome]
  const lines = [`  ${pointer || rule.path}  ${head}${code === undefined ? '' : `  ${code}`}`, line('规则 rule', rule.at)]
  if (rule.kind === 'constant') lines.push(line('常量 constant', quoted(value)))
  return [...lines, ...foundLines(found, rule.path), ...taken.map(stepLine)].join('\n')
}

const seen = (found: Found[]): string => (found.length === 0 ? '（无 none）' : found.map(receivedAs).join(', '))

/** Each `ignore` and `when`; of one that does not hold, the parts that decided. */
const conditionsText = (conditions: ConditionTrace[], events: Explanation['traced']['trace']['events']): string[] => {
  const tops = conditions.filter(({ condition: { role } }) => role === 'when' || role === 'ignore')
  return tops.flatMap(({ condition, result, found }) => {
    const name = condition.role === 'ignore' ? `ignore ${(condition.of ?? 0) + 1}` : `when ${events[condition.of ?? -1]?.type}`
    const parts = conditions.filter(
      (part) =>
        part.condition.role === 'part' &&
        part.condition.path !== undefined &&
        part.condition.within === condition.within &&
        part.condition.of === condition.of,
    )
    const leaves = condition.path === undefined ? parts : [{ condition, result, found }]
    const tests = leaves.map((leaf) => `      ${leaf.result ? '✓' : '✗'} ${leaf.condition.test}  ← ${seen(leaf.found)}`)
    return [`  ${result ? '✓' : '✗'} ${name}  ${condition.at}`, ...tests]
  })
}

const headText = ({ record, mapping, quarantine }: Explanation, showing: Showing): string[] => [
  `记录 record    ${record.seq}  ${record.route} / ${record.stream} / ${showing.key(record.key)}  [${record.disposition}]`,
  ...(record.disposition === 'ignored' && record.reason !== null ? [`没有报送 not sent  ${ignoredReason(record.reason)}`] : []),
  `收到 received  ${shownTime(record.receivedAt)}`,
  `原文 raw       sha256 ${record.hash.toString('hex')}  ${record.body.byteLength} 字节 bytes  ${record.contentType}${record.charset === null ? '' : `  ${record.charset}`}`,
  `映射 mapping   ${mapping.name} @ ${mapping.version}`,
  ...(quarantine ? [`隔离 quarantine  ${quarantine.code}  [${quarantine.state}]`] : []),
]

const outcomeText = ({ outcome, reason, error, reproduced }: Explanation): string[] => [
  ...(reproduced
    ? []
    : [
        '✗✗ 核对不符：重算结果与存储不一致，请保留现场并联系维护人员。 / NOT REPRODUCED: what is recomputed and what is stored differ; keep everything and call for help.',
      ]),
  ...(outcome === 'ignored' ? [`按规则忽略：${reason} / ignored by a rule`] : []),
  ...(error ? [formatError(error)] : []),
]

const messageText = (message: RecomputedMessage, showing: Showing): string[] => [
  '',
  `消息 message   ${message.id ?? message.type}${message.at === undefined ? '' : `  ${message.at}`}`,
  `核对 check     ${checks[message.check]}`,
  ...message.differences
    .map(showing.difference)
    .map(({ path, expected, found }) => `  ${path}\n    已存 stored      ${expected}\n    重算 recomputed  ${found}`),
  ...message.flags.map(({ path, code, found, rule }) => `标记 flag      ${path}  ${code}  ${found ?? rule ?? ''}`.trimEnd()),
]

const kinds: Record<DecidingPlace['kind'], string> = {
  rule: '规则 rule',
  event: '事件（在此加规则） event, which has no rule for it',
  row: '代码表行 row of the code table',
}

export interface AskedMessage {
  message: RecomputedMessage
  answer?: FieldAnswer
  /** Where to change it, in the version that made the message and in the file as it is now. */
  places?: { made: DecidingPlace[]; now: DecidingPlace[] | undefined }
}

const placeLines = (name: string, places: DecidingPlace[]): string[] =>
  places.map(({ at, kind, path }) => `  ${name}  ${at}  ${kinds[kind]}${path === undefined ? '' : `  ← ${path}`}`)

const askedText = ({ answer, places }: AskedMessage, showing: Showing): string[] => {
  const made = places?.made ?? []
  const now = places?.now
  return [
    ...(places ? [`修改处 where to change  ${answer?.pointer ?? ''}`] : []),
    ...(now === undefined ? [] : placeLines('现在 now ', now)),
    ...placeLines('当时 then', made),
    ...(places && now === undefined
      ? ['  现在的映射读不出来，只有当时的位置。 / The mapping of now cannot be read: only the place of then is known.']
      : []),
    ...(answer ? answer.lines.map(showing.field).map(fieldText) : []),
    ...(answer?.why ? [`  ${answer.pointer}  ${whys[answer.why]}`] : []),
  ]
}

const titled = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', title, ...lines])

/** What belongs to no message: what was read before its events, and which conditions held. */
export const aroundText = (
  { before, conditions }: { before: readonly FieldTrace[]; conditions: readonly ConditionTrace[] },
  { trace }: Pick<TracedMapping, 'trace'>,
  showing: Showing,
): string[] => [
  ...titled('之前 before', before.map(showing.field).map(fieldText)),
  ...titled('条件 conditions', conditionsText(conditions.map(showing.condition), trace.events)),
]

/** Everything, or what was asked about. */
export const explanationText = (explanation: Explanation, asked: AskedMessage[], showing: Showing): string => {
  const isAsked = asked.some(({ answer }) => answer)
  return [
    ...headText(explanation, showing),
    ...outcomeText(explanation),
    ...asked.flatMap((one) => [
      ...messageText(one.message, showing),
      ...(one.answer ? askedText(one, showing) : one.message.fields.map(showing.field).map(fieldText)),
    ]),
    ...(isAsked ? [] : aroundText(explanation, explanation.traced, showing)),
  ].join('\n')
}
