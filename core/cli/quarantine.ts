import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { createEvents } from '../events.ts'
import { mask } from '../mapping/mask.ts'
import { createPipeline } from '../pipeline.ts'
import type { QuarantineEntry, Store } from '../store/store.ts'
import { type Io, shownTime, table } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'
import { operatorName, toRecordNumber } from './quarantine-arguments.ts'
import { correctCommand } from './quarantine-correct.ts'
import { replayCommand } from './quarantine-replay.ts'

const openEntry = (store: Store, seq: number): QuarantineEntry => {
  const entry = store.quarantineEntry(seq)
  if (!entry) throw GatewayError.of('QUARANTINE_NOT_FOUND', { seq })
  return entry
}

const listCommand = (io: Io): Command =>
  new Command('list')
    .description('列出待处理的记录 / list what waits for a decision')
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--system <name>', '只看某个系统 / one system')
    .option('--limit <n>', '最多几条 / at most so many', toRecordNumber, 100)
    .action(async (options: { config: string; json?: boolean; system?: string; limit: number }) => {
      await withStore(options.config, (store) => {
        const entries = store.openQuarantine({ limit: options.limit, ...(options.system ? { route: options.system } : {}) })
        if (options.json) return io.out(JSON.stringify(entries.map((entry) => ({ ...entry, key: mask(entry.key, undefined) }))))
        const rows = entries.map((entry) => [
          entry.recordSeq,
          shownTime(entry.openedAt),
          entry.route,
          entry.stream,
          entry.code,
          entry.zh,
        ])
        io.out(
          rows.length === 0
            ? '隔离区为空。 / Nothing is in quarantine.'
            : table(['编号 no', '时间 since', '系统 system', '来源 stream', '代码 code', '原因 reason'], rows),
        )
      })
    })

const showCommand = (io: Io): Command =>
  new Command('show')
    .description('查看一条记录的原因与下一步；--raw 显示原文 / why a record is there and what to do; --raw prints it as received')
    .argument('<no>', '记录编号 / number of the record', toRecordNumber)
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--raw', '输出原文（含个人信息，注意保密） / print it as received (holds personal data)')
    .action(async (seq: number, options: { config: string; json?: boolean; raw?: boolean }) => {
      await withStore(options.config, (store) => {
        const entry = openEntry(store, seq)
        const record = options.raw ? store.record(seq) : undefined
        const body = record?.body ?? undefined
        const raw = body && (record?.decoded ? body.toString() : { base64: body.toString('base64') })
        const earlier = store.quarantineHistory(seq)
        const key = options.raw ? entry.key : mask(entry.key, undefined)
        if (options.json)
          return io.out(
            JSON.stringify({
              ...entry,
              key,
              earlier,
              ...(raw === undefined ? {} : { raw }),
            }),
          )
        io.out(`${entry.recordSeq}  ${entry.route} / ${entry.stream} / ${key}  [${entry.state}]  ${shownTime(entry.openedAt)}`)
        io.out(`${entry.code}\n  ${entry.zh}\n  ${entry.en}\n  → ${entry.hintZh}\n  → ${entry.hintEn}`)
        if (entry.closedAt !== null)
          io.out(`${entry.state}: ${shownTime(entry.closedAt)} ${entry.closedBy ?? ''} ${entry.closedReason ?? ''}`)
        for (const { code, state, openedAt, closedAt, closedBy, closedReason } of earlier)
          io.out(
            `先前 earlier  ${shownTime(openedAt)} ${code}  ${state}: ${shownTime(closedAt)} ${closedBy} ${closedReason ?? ''}`.trimEnd(),
          )
        for (const { entry, pointer, value, by, at, reason } of store.record(seq)?.corrections ?? [])
          io.out(
            `更正 corrected  ${pointer}${entry === null ? '' : `（第 ${entry} 项 / entry ${entry}）`} = ${JSON.stringify(value)}  ${by}  ${shownTime(at)}  ${reason}`,
          )
        if (raw !== undefined) io.out(typeof raw === 'string' ? raw : `base64: ${raw.base64}`)
      })
    })

const discardCommand = (io: Io): Command =>
  new Command('discard')
    .description('决定不发送；原文与理由留存 / decide that it will not be sent; the record and the reason are kept')
    .argument('<no>', '记录编号 / number of the record', toRecordNumber)
    .requiredOption('--reason <text>', '理由（必填） / the reason')
    .option(...configFlag)
    .action(async (seq: number, options: { config: string; reason: string }) => {
      if (options.reason.trim() === '')
        throw GatewayError.of('COMMAND_USAGE', { reason: { zh: '理由不得为空', en: 'the reason must not be empty' } })
      await withStore(options.config, (store) => {
        createPipeline({ store, clock: systemClock, events: createEvents() }).discard(seq, operatorName(), options.reason.trim())
        io.out(`记录 ${seq} 不再发送，理由已留存。 / Record ${seq} will not be sent; the reason is kept.`)
      })
    })

export const quarantineCommand = (io: Io): Command =>
  new Command('quarantine')
    .description('隔离区：查看、重放、更正、放弃 / quarantine: list, show, replay, correct, discard')
    .addCommand(listCommand(io))
    .addCommand(showCommand(io))
    .addCommand(replayCommand(io))
    .addCommand(correctCommand(io))
    .addCommand(discardCommand(io))
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi quarantine list\n  qianzhi quarantine show 17 --raw\n  qianzhi quarantine replay 17\n  qianzhi quarantine replay --all --system housing\n  qianzhi quarantine correct 17 --field applicant.kind --value enterprise --reason "部门来函 12 号"\n  qianzhi quarantine discard 17 --reason "部门来函：重复录入"',
    )
