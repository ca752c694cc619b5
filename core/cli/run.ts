import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { stateOfFiles } from '../config/changes.ts'
import { createEvents } from '../events.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import type { Io } from './io.ts'
import { logEvents, openLog } from './log.ts'
import { configFlag, openConfig } from './open.ts'

const lookEveryMs = 2000

const reloadOnChange = async (gateway: Gateway, folders: string[], signal: AbortSignal): Promise<void> => {
  let known = stateOfFiles(folders)
  while (!signal.aborted) {
    await systemClock.wait(lookEveryMs, signal)
    const now = stateOfFiles(folders)
    if (now === known) continue
    known = now
    await gateway.reload()
  }
}

export const runCommand = (io: Io): Command =>
  new Command('run')
    .description(
      '运行网关；修改 config/adapters 下的文件即时生效，不影响其他系统 / run the gateway; a changed file in config/adapters takes effect by itself',
    )
    .option(...configFlag)
    .option('--once', '各来源读完一遍、全部送达后退出 / end when every source was read once and everything is delivered')
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi run\n  qianzhi run --config /etc/qianzhi\n\nCtrl-C：按数据流顺序停止，未确认的消息留在盘上 / stops in order; what is not confirmed stays on disk\n退出码 / Exit: 0 正常停止 stopped, 1 配置有错 mistakes in the configuration, 3 无法运行 could not run',
    )
    .action(async (options: { config: string; once?: boolean }) => {
      const opened = await openConfig(options.config, io)
      if (!opened) return
      const { config, context } = opened
      const log = openLog(config.options.log.level, config.options.log.file, io.err)
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
      try {
        await Promise.race([watching, interrupted])
      } finally {
        await gateway.stop()
      }
    })
