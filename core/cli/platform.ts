import { Command } from 'commander'
import {
  type AttachmentCounter,
  type AttachmentTally,
  attachmentCounters,
  type PartialStanding,
} from '../attachments/received.ts'
import { onBrokerError } from '../broker-health.ts'
import { systemClock } from '../clock.ts'
import { type GatewayError, toGatewayError } from '../errors.ts'
import { loadPlatformConfig, type PlatformConfig } from '../platform/config.ts'
import { openPlatform, openPlatformStore } from '../platform/platform.ts'
import { type Counter, counters, type Tally } from '../platform/receiver-store.ts'
import { errorToJson, formatError, type Io, shownSize, shownTime, table } from './io.ts'
import { configFlag, jsonFlag } from './open.ts'
import { platformAttachmentsCommand } from './platform-attachments.ts'
import { catalogueSendCommand } from './platform-catalogue.ts'
import { joinCommand } from './platform-join.ts'
import { reportCommand } from './platform-report.ts'
import { sendCommand } from './platform-send.ts'
import { superviseCommand } from './platform-supervise.ts'

const reportEveryMs = 5000

const names: Record<Counter, string> = {
  received: '收到 received',
  duplicates: '重复 duplicates',
  conflicts: '冲突 conflicts',
  refused: '拒收 refused',
  stale: '过期 stale',
  violations: '违序 violations',
}

const totalOf = (lines: Tally[]): Record<Counter, number> => {
  const sum = (counter: Counter) => lines.reduce((total, line) => total + line[counter], 0)
  return Object.fromEntries(counters.map((counter) => [counter, sum(counter)])) as Record<Counter, number>
}

const attachmentNames: Record<AttachmentCounter, string> = {
  chunks: '分块 chunks',
  duplicates: '重复 duplicates',
  refused: '拒收 refused',
  arrived: '附件送达 arrived',
  different: '摘要不符 different',
}

const attachmentTable = ({ counts, partials }: { counts: AttachmentTally[]; partials: PartialStanding[] }): string => {
  const rows = counts.map((line) => [line.day, line.gateway, ...attachmentCounters.map((counter) => line[counter])])
  const shown = table(['日期 day', '网关 gateway', ...attachmentCounters.map((counter) => attachmentNames[counter])], rows)
  const open = partials.map(({ gateway, digest, size, ranges }) => {
    const there = ranges.reduce((sum, [from, until]) => sum + until - from, 0)
    return `未完 / under way: ${gateway} ${digest} ${shownSize(there)} / ${shownSize(size)}`
  })
  return [shown, ...open].join('\n')
}

const printCounts = async (config: PlatformConfig, io: Io, json: boolean): Promise<void> => {
  const store = openPlatformStore(config, systemClock)
  try {
    const lines = await store.counts()
    const attachments = { counts: await store.attachments.counts(), partials: await store.attachments.partials() }
    if (json) return io.out(JSON.stringify({ messages: lines, attachments }))
    const rows = lines.map((line) => [line.day, line.system, line.type, ...counters.map((counter) => line[counter])])
    io.out(table(['日期 day', '系统 system', '类型 type', ...counters.map((counter) => names[counter])], rows))
    if (attachments.counts.length > 0) io.out(`\n${attachmentTable(attachments)}`)
  } finally {
    await store.close()
  }
}

const receive = async (config: PlatformConfig, io: Io, json: boolean): Promise<void> => {
  const sayFailed = (error: GatewayError): void => io.err(json ? JSON.stringify(errorToJson(error)) : formatError(error))
  const platform = openPlatform(config, { clock: systemClock, onFailed: sayFailed })
  onBrokerError(platform.transport, sayFailed)
  let said = ''
  const report = async (): Promise<void> => {
    let total: Record<Counter, number>
    try {
      total = totalOf(await platform.store.counts())
    } catch (thrown) {
      return sayFailed(toGatewayError(thrown))
    }
    const line = json ? JSON.stringify(total) : counters.map((counter) => `${names[counter]} ${total[counter]}`).join('  ')
    if (line === said) return
    said = line
    const now = systemClock.now()
    io.out(json ? JSON.stringify({ at: now, ...total }) : `${shownTime(now)}  ${line}`)
  }
  try {
    while (!io.interrupted.aborted) {
      await report()
      await systemClock.wait(reportEveryMs, io.interrupted)
    }
    await report()
  } finally {
    await platform.close()
  }
}

export const platformCommand = (io: Io): Command =>
  new Command('platform')
    .description(
      '平台侧参考接收端：核验、去重、入库、对序 / the platform’s reference receiver: verifies, de-duplicates, keeps, checks order',
    )
    .option(...configFlag)
    .option(...jsonFlag)
    .addCommand(sendCommand(io))
    .addCommand(platformAttachmentsCommand(io))
    .addCommand(joinCommand(io))
    .addCommand(catalogueSendCommand(io))
    .addCommand(superviseCommand(io))
    .addCommand(reportCommand(io))
    .option('--counts', '打印接收库的计数后退出 / print the counts of the store and end')
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi platform\n  qianzhi platform --config /etc/qianzhi --json\n  qianzhi platform --counts\n\nCtrl-C：处理完手中的一批后停止 / stops after the batch in hand\n退出码 / Exit: 0 正常停止 stopped, 1 配置有错 mistakes in the configuration, 3 无法运行 could not run',
    )
    .action(async (options: { config: string; json?: boolean; counts?: boolean }) => {
      const { config, problems } = loadPlatformConfig(options.config, io.env)
      for (const problem of problems) io.err(formatError(problem))
      if (!config) return io.exit(1)
      const json = options.json === true
      await (options.counts ? printCounts(config, io, json) : receive(config, io, json))
    })
