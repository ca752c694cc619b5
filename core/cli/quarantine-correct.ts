import { resolve } from 'node:path'
import { Command } from 'commander'
import { type EventType, findValueFault, isEventType } from '../canonical/index.ts'
import { systemClock } from '../clock.ts'
import { brokenTextRules } from '../codec/text-rules.ts'
import { loadGatewayOptions, loadSystem } from '../config/load.ts'
import type { Correction } from '../correction.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import { openTakers, type Taker } from '../explain/corrected.ts'
import { toPointer } from '../explain/pointer.ts'
import { ignoredReason } from '../ignored-reason.ts'
import { decimalOf } from '../mapping/decimal.ts'
import { general } from '../mapping/pointer.ts'
import { type TargetSchema, targetAt } from '../mapping/target.ts'
import type { Tracer } from '../mapping/trace.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'
import { toSourceRecord } from '../source-record.ts'
import type { Store } from '../store/store.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { configContext, configFlag, jsonFlag, withStore } from './open.ts'
import { operatorName, toRecordNumber } from './quarantine-arguments.ts'
import { openReplay } from './quarantine-replay.ts'

interface Options {
  config: string
  field: string
  value?: string
  absent?: boolean
  type?: string
  entry?: number
  reason: string
  json?: boolean
}

const toEntry = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw usage('--entry 是从 0 数的序号', '--entry is a number, counted from 0')
  return Number(text)
}

const usage = (zh: string, en: string) => GatewayError.of('COMMAND_USAGE', { reason: { zh, en } })

/** The events of a mapping, or the one that was named. */
const typesOf = ({ events }: Tracer, named: string | undefined): EventType[] => {
  const types = [...new Set(events.map(({ type }) => type))].filter(isEventType)
  if (named === undefined) return types
  const type = types.find((one) => one === named)
  if (type) return [type]
  const { zh, en } = didYouMean(named, types)
  throw usage(`这个映射没有事件“${named}”。${zh}`, `the mapping has no event "${named}". ${en}`)
}

/** The field as its rules name it, and the events that have a rule for it. A correction that no rule takes up would say nothing. */
const fieldOf = (trace: Tracer, written: string, types: EventType[]): { pointer: string; types: EventType[] } => {
  let unknown: unknown
  const found = types.flatMap((type) => {
    try {
      const pointer = toPointer(written, type)
      const isRead = trace.rules.some(
        ({ kind, event, pointer: ruled }) =>
          kind === 'value' && ruled === general(pointer) && (event === undefined || trace.events[event]!.type === type),
      )
      return isRead ? [{ pointer, type }] : []
    } catch (error) {
      unknown = error
      return []
    }
  })
  const [first] = found
  if (first)
    return { pointer: first.pointer, types: found.filter(({ pointer }) => pointer === first.pointer).map(({ type }) => type) }
  if (unknown instanceof GatewayError && types.length === 1) throw unknown
  throw usage(
    `映射没有读取字段“${written}”的规则：先在映射里写上`,
    `no rule of the mapping reads the field "${written}": write one first`,
  )
}

/** A correction is kept for ever: what the field can never be is no correction. The value itself may be personal, and is not repeated. */
const checkValue = (value: unknown, schema: TargetSchema | undefined): void => {
  if (!schema) return
  const damage = typeof value === 'string' ? brokenTextRules(value).find(({ severity }) => severity === 'quarantine') : undefined
  if (damage) throw usage(`该值${damage.title.zh}`, `the value ${damage.title.en}`)
  const fault = findValueFault(schema, value)
  if (fault) throw usage(`该值不合字段的规范：${fault.zh}`, `the value breaks the schema of the field: ${fault.en}`)
}

/** The text as the field's type has it. */
const readValue = (text: string, schema: TargetSchema | undefined): string | number | boolean => {
  if (schema?.type === 'boolean') {
    if (text !== 'true' && text !== 'false') throw usage('该字段只能是 true 或 false', 'the field is true or false')
    return text === 'true'
  }
  if (schema?.type !== 'integer' && schema?.type !== 'number') return text
  const number = decimalOf(text.trim())
  if (number === undefined) throw usage('该字段是十进制数', 'the field is a decimal number')
  if (number === 'inexact')
    throw usage(
      '该数值的有效数字超过 15 位，不能原样发送',
      'the number has more than 15 significant digits: it cannot be sent as it is',
    )
  return number
}

/** A correction that no message takes up would be kept and say nothing; one that several take up says of each what was decided of one. */
const checkTakers = ({ entry, pointer }: Correction, takers: Taker[], { events }: Tracer): void => {
  const ofEvents = takers.filter(({ event }) => event !== undefined)
  if (takers.length === 0)
    throw usage(
      `按现在的映射，这条记录没有可更正的“${pointer}”${entry === null ? '' : `（第 ${entry} 项）`}：核对 --field、--type 与 --entry；列表各项按来源从 0 数`,
      `by the mapping of now the record has no "${pointer}"${entry === null ? '' : ` (entry ${entry})`} to correct: check --field, --type and --entry; entries are counted from 0, as in the source`,
    )
  if (entry !== null && ofEvents.length < takers.length)
    throw usage(`“${pointer}”属于整条记录：不写 --entry`, `"${pointer}" is of the whole record: leave out --entry`)
  const types = [...new Set(ofEvents.map(({ event }) => events[event!]!.type))]
  if (entry !== null && types.length > 1)
    throw usage(
      `几类事件都有第 ${entry} 项：用 --type 写明是哪一类（${types.join('、')}）`,
      `several events have an entry ${entry}: say which with --type (${types.join(', ')})`,
    )
  const twice = ofEvents.find(({ event, draft }) => ofEvents.some((other) => other.event === event && other.draft !== draft))
  if (entry === null && twice) {
    const { type } = events[twice.event!]!
    const count = ofEvents.filter(({ event }) => event === twice.event).length
    throw usage(
      `这条记录给出 ${count} 个 ${type} 有“${pointer}”：用 --entry 写明是来源列表的第几项（从 0 数，隔离原因中有写）`,
      `the record gives ${count} of ${type} with "${pointer}": say with --entry which entry of the list of the source is meant, counted from 0, as the reason of the quarantine does`,
    )
  }
}

const correctionOf = async (
  store: Store,
  seq: number,
  options: Options,
  io: Io,
): Promise<Correction | readonly GatewayError[]> => {
  const entry = store.quarantineEntry(seq)
  if (entry?.state !== 'open') throw GatewayError.of('QUARANTINE_NOT_FOUND', { seq })
  if (options.reason.trim() === '') throw usage('理由不得为空', 'the reason must not be empty')
  if ((options.value === undefined) === (options.absent !== true))
    throw usage('--value 与 --absent 须取其一', 'give either --value or --absent')
  const folder = resolve(options.config)
  const mappings = resolve(folder, loadGatewayOptions(folder).mappings)
  const { config: system, problems } = await loadSystem(folder, entry.route, mappings, await configContext(io))
  if (!system?.read) return system ? [GatewayError.of('SYSTEM_NOT_READ', { system: entry.route })] : problems
  const { mappingModule } = system.read
  const { trace } = await traceMapping(mappingModule)
  const { pointer, types } = fieldOf(trace, options.field, typesOf(trace, options.type))
  const value = options.value === undefined ? null : readValue(options.value, targetAt(types[0]!, pointer))
  if (value !== null) checkValue(value, targetAt(types[0]!, pointer))
  const type = options.type === undefined ? null : types[0]!
  const given = { type, entry: options.entry ?? null, pointer, value }
  const correction = { ...given, by: operatorName(), at: systemClock.now(), reason: options.reason.trim() }
  const record = store.record(seq)
  if (!record || record.body === null) throw GatewayError.of('RECORD_EXPIRED', { seq })
  const takersOf = await openTakers(mappingModule, toSourceRecord(record, record.body))
  checkTakers(correction, takersOf(correction), trace)
  return correction
}

export const correctCommand = (io: Io): Command =>
  new Command('correct')
    .description(
      '更正一条隔离记录的一个字段并重放：原文不变，谁、何时、为何更正写入消息与存储 / correct one field of a quarantined record and replay it: the record stays as received; who decided, when and why is kept and told',
    )
    .argument('<no>', '记录编号 / number of the record', toRecordNumber)
    .requiredOption('--field <field>', '消息字段，如 content.applicant.kind / field of the message')
    .option('--value <value>', '更正后的值，按消息规范书写（代码写规范代码） / the value, as the message has it')
    .option('--absent', '更正为没有值 / the field is to be absent')
    .option(
      '--type <event>',
      '只更正此类事件；不写则为记录给出的、有该字段的全部事件 / this event only; all that have the field when absent',
    )
    .option(
      '--entry <n>',
      '事件由列表各项给出时，只更正来源的第几项（从 0 数） / of an event that there is for each entry of a list: the entry of the source, from 0',
      toEntry,
    )
    .requiredOption('--reason <text>', '理由（必填），如部门来函 / the reason')
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi quarantine correct 17 --field applicant.kind --value enterprise --reason "部门来函 12 号：类型 7 系误录"\n\n退出码 / Exit: 0 已成为消息 it became a message, 1 仍在隔离或不报送 it is still in quarantine, or not sent',
    )
    .action(async (seq: number, options: Options) => {
      await withStore(options.config, async (store) => {
        const correction = await correctionOf(store, seq, options, io)
        if (!('pointer' in correction)) {
          for (const problem of correction) io.err(formatError(problem))
          return io.exit(1)
        }
        store.commit(() => store.addCorrection(seq, correction))
        const replay = await openReplay(store, options.config, io)
        const { outcome, error, reason } = await replay(seq)
        if (options.json)
          io.out(
            JSON.stringify({
              seq,
              correction,
              outcome,
              ...(reason === undefined ? {} : { reason }),
              ...(error ? { error: errorToJson(error) } : {}),
            }),
          )
        else {
          if (error) io.out(formatError(error))
          io.out(
            reason !== undefined
              ? `已记下更正，记录 ${seq} 没有报送：${ignoredReason(reason)} / The correction is kept, and nothing is sent of record ${seq}`
              : outcome === 'quarantined'
                ? `已记下更正，记录 ${seq} 仍在隔离：还有别的错误。 / The correction is kept; record ${seq} is still in quarantine for another mistake.`
                : `记录 ${seq} 已更正并重放。 / Record ${seq} is corrected and replayed.`,
          )
        }
        io.exit(outcome === 'stored' ? 0 : 1)
      })
    })
