import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { stateOf } from '../config/changes.ts'
import { createEvents } from '../events.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import type { Store } from '../store/store.ts'
import type { Io } from './io.ts'
import { logEvents, openLog } from './log.ts'
import { configFlag, openConfig, withStore } from './open.ts'

const lookEveryMs = 2000

const reloadOnChange = async (gateway: Gateway, folders: string[], signal: AbortSignal): Promise<void> => {
  const look = () => folders.map(stateOf).join('\n')
  let known = look()
  while (!signal.aborted) {
    await systemClock.wait(lookEveryMs, signal)
    const now = look()
    if (now === known) continue
    known = now
    await gateway.reload()
  }
}

const countedKeys = ['read', 'confirmed', 'quarantined', 'waiting'] as const

type Counted = Record<(typeof countedKeys)[number], number>

const countOf = (store: Store): Counted => {
  const lines = store.books()
  const sum = (key: keyof Counted) => lines.reduce((total, line) => total + line[key], 0)
  return Object.fromEntries(countedKeys.map((key) => [key, sum(key)])) as Counted
}

/** The books hold all days: what this run did is what they say more than `before`. What is open is told as it stands. */
const formatDone = (before: Counted, { read, confirmed, quarantined, waiting }: Counted): string => {
  const [taken, delivered] = [read - before.read, confirmed - before.confirmed]
  return (
    `本次读取新记录 ${taken} 条，确认消息 ${delivered} 条；现有隔离 ${quarantined} 条，待发 ${waiting} 条。 / ` +
    `New records read: ${taken}, messages confirmed: ${delivered}; now in quarantine: ${quarantined}, waiting: ${waiting}.`
  )
}

export const runCommand = (io: Io): Command =>
  new Command('run')
    .description(
      '运行网关；修改 config/adapters 下的文件即时生效，不影响其他系统 / run the gateway; a changed file in config/adapters takes effect by itself',
    )
    .option(...configFlag)
    .option(
      '--once',
      '各来源读完一遍、全部送达后退出，并说明做了什么 / end when every source was read once and everything is delivered, and say what was done',
    )
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi run\n  qianzhi run --config /etc/qianzhi\n\nCtrl-C：按数据流顺序停止，未确认的消息留在盘上 / stops in order; what is not confirmed stays on disk\n退出码 / Exit: 0 正常停止 stopped, 1 配置有错 mistakes in the configuration, 3 无法运行 could not run',
    )
    .action(async (options: { config: string; once?: boolean }) => {
      const opened = await openConfig(options.config, io)
      if (!opened) return
      const { config, context } = opened
      const { level, file } = config.options.log
      const log = openLog(level, file === undefined ? undefined : resolve(config.folder, file), io.err)
      const events = createEvents()
      logEvents(events, log)
      const gateway = startGateway({ config, context, events, once: options.once === true })
      const watching = options.once
        ? gateway.finished()
        : reloadOnChange(
            gateway,
            [join(config.folder, 'adapters'), resolve(config.folder, config.options.mappings)],
            io.interrupted,
          )
      const interrupted = new Promise<void>((resolve) =>
        io.interrupted.addEventListener('abort', () => resolve(), { once: true }),
      )
      let before: Counted | undefined
      try {
        // Nothing is stored yet: no source has come to that in the turn in which it was started.
        if (options.once) before = countOf(gateway.store)
        await Promise.race([watching, interrupted])
      } finally {
        await gateway.stop()
        // Counted again after the stop, which may still have settled confirms.
        if (before) io.out(formatDone(before, await withStore(options.config, countOf)))
      }
    })
