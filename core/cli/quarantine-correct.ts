import { resolve } from 'node:path'
import { Command } from 'commander'
import { type EventType, isEventType } from '../canonical/index.ts'
import { systemClock } from '../clock.ts'
import { loadGatewayOptions, loadSystem } from '../config/load.ts'
import type { Correction } from '../correction.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import { general, toPointer } from '../explain/pointer.ts'
import { decimalOf } from '../mapping/decimal.ts'
import { type TargetSchema, targetAt } from '../mapping/target.ts'
import type { Tracer } from '../mapping/trace.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'
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
  reason: string
  json?: boolean
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

/** The text as the field's type has it; whether the value is allowed is judged with the whole message. */
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
  if (!system) return problems
  const { trace } = await traceMapping(system.mappingModule)
  const { pointer, types } = fieldOf(trace, options.field, typesOf(trace, options.type))
  const value = options.value === undefined ? null : readValue(options.value, targetAt(types[0]!, pointer))
  const type = options.type === undefined ? null : types[0]!
  return { type, pointer, value, by: operatorName(), at: systemClock.now(), reason: options.reason.trim() }
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
    .requiredOption('--reason <text>', '理由（必填），如部门来函 / the reason')
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi quarantine correct 17 --field applicant.kind --value enterprise --reason "部门来函 12 号：类型 7 系误录"\n\n退出码 / Exit: 0 已成为消息 it became a message, 1 仍在隔离 it is still in quarantine',
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
        const { outcome, error } = await replay(seq)
        if (options.json) io.out(JSON.stringify({ seq, correction, outcome, ...(error ? { error: errorToJson(error) } : {}) }))
        else {
          if (error) io.out(formatError(error))
          io.out(
            outcome === 'quarantined'
              ? `已记下更正，记录 ${seq} 仍在隔离：还有别的错误。 / The correction is kept; record ${seq} is still in quarantine for another mistake.`
              : `记录 ${seq} 已更正并重放。 / Record ${seq} is corrected and replayed.`,
          )
        }
        io.exit(outcome === 'stored' || outcome === 'ignored' ? 0 : 1)
      })
    })
