import { Command, InvalidArgumentError } from 'commander'
import { beijingTime, systemClock } from '../clock.ts'
import { type AlertChange, type Supervision, sendAlerts, supervise } from '../platform/supervise.ts'
import type { KeptAlert } from '../platform/supervision-store.ts'
import type { Alert } from '../supervision/evaluate.ts'
import { errorToJson, formatError, type Io, table } from './io.ts'
import { configFlag, jsonFlag } from './open.ts'
import { knowledgeOf, openPlatformConfig, senderOf, wantsJson, withBroker, withPlatformStore } from './platform-broker.ts'

/** A moment as messages write it; a day means its end. */
export const toMoment = (text: string): string => {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59+08:00` : text
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$/.test(moment) && !Number.isNaN(Date.parse(moment))) return moment
  throw new InvalidArgumentError('应为 2025-10-13 或 2025-10-13T09:00:00+08:00 / must be a day, or a time with +08:00')
}

export const nowMoment = (): string => `${beijingTime(systemClock.now())}+08:00`

const colours: Record<Alert['content']['colour'], string> = { reminder: '提醒 reminder', yellow: '黄牌 yellow', red: '红牌 red' }
const changes: Record<AlertChange, string> = { raised: '新 new', changed: '变更 changed', withdrawn: '撤销 withdrawn' }

const rowOf = (change: AlertChange, { lane, content }: KeptAlert): string[] => {
  const { colour, ruleNo, raisedAt, description = '' } = JSON.parse(content) as Alert['content']
  return [changes[change], colours[colour], lane, ruleNo, raisedAt.slice(0, 16), description]
}

const print = (io: Io, { cases, unknown, changes: found }: Supervision, sent: number): void => {
  if (found.length > 0)
    io.out(
      table(
        ['变化 change', '级别 colour', '办件 case', '规则 rule', '时间 raised', '说明 description'],
        found.map(({ change, alert }) => rowOf(change, alert)),
      ),
    )
  for (const { lane, clock, error } of unknown) io.out(`? ${lane}  ${clock}\n${formatError(error)}`)
  io.out(
    `办件 ${cases} 个，预警有变化的 ${found.length} 条，下发 ${sent} 条，无法计算的时限 ${unknown.length} 个。 / ${cases} cases, ${found.length} alerts are new or changed, ${sent} sent, ${unknown.length} clocks cannot be counted.`,
  )
}

export const superviseCommand = (io: Io): Command =>
  new Command('supervise')
    .description(
      '统一监管一次：由收到的消息重新计算各办件的时限与预警，新的和有变化的入库并下发 / compute clocks and alerts of all cases anew, keep and send what is new or changed',
    )
    .option('--at <moment>', '按哪一时刻计算，不写则为现在 / the moment to look at; now when absent', toMoment)
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi platform supervise\n  qianzhi platform supervise --at 2025-10-13 --json\n\n重复运行不会重复预警；按日或按小时由系统定时运行 / running it again raises nothing twice; run it by a timer\n退出码 / Exit: 0 完成 done, 1 有未送达的，或有时限无法计算 some were not sent, or a clock cannot be counted, 3 无法执行 could not run',
    )
    .action(async ({ at = nowMoment() }: { at?: string }, command: Command) => {
      const config = openPlatformConfig(command, io)
      if (!config) return
      const [knowledge, sender] = [knowledgeOf(config), senderOf(config)]
      await withPlatformStore(config, async ({ supervision: store }) => {
        const found = await supervise({ store, knowledge, sender, clock: systemClock, at })
        const { sent, failed } = await withBroker(config, io, (transport) => sendAlerts(store, transport, systemClock))
        if (wantsJson(command)) {
          const alerts = found.changes.map(({ change, alert: { no, lane, id, version, content } }) => ({
            change,
            no,
            lane,
            id,
            version,
            ...JSON.parse(content),
          }))
          const told = failed.map(({ id, error }) => ({ id, ...errorToJson(error) }))
          const unknown = found.unknown.map(({ lane, clock, error }) => ({ lane, clock, ...errorToJson(error) }))
          io.out(JSON.stringify({ at, cases: found.cases, alerts, sent, failed: told, unknown }))
        } else {
          print(io, found, sent)
          for (const { id, error } of failed) io.out(`✗ ${id}\n${formatError(error)}`)
        }
        io.exit(failed.length > 0 || found.unknown.length > 0 ? 1 : 0)
      })
    })
