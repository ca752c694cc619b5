import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { createEvents } from '../events.ts'
import { startGateway } from '../gateway.ts'
import type { Io } from './io.ts'
import { logEvents, openLog } from './log.ts'
import { configFlag, openConfig } from './open.ts'

const reloadEveryMs = 2000

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
      const log = openLog(config.options.log.level, config.options.log.file)
      const events = createEvents()
      logEvents(events, log)
      const gateway = startGateway({ config, context, events, once: options.once === true })
      const watching = options.once
        ? gateway.finished()
        : (async () => {
            while (!io.interrupted.aborted) {
              await systemClock.wait(reloadEveryMs, io.interrupted)
              if (!io.interrupted.aborted) await gateway.reload()
            }
          })()
      const interrupted = new Promise<void>((resolve) =>
        io.interrupted.addEventListener('abort', () => resolve(), { once: true }),
      )
      try {
        await Promise.race([watching, interrupted])
      } finally {
        await gateway.stop()
        log.flush()
      }
    })
