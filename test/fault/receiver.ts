import { endedByItself, type Log, type Program, startProgram } from './children.ts'
import type { Random } from './random.ts'

/** Keeps the platform's receiver running; `strike` kills it, either from outside or between its commit and its answer to the broker. */
export const keepReceiving = (config: string, log: Log) => {
  const kills = { beforeAnswer: 0, anytime: 0 }
  let stopping = false
  let receiver: Program
  let struck: keyof typeof kills | undefined
  const run = async (): Promise<void> => {
    while (!stopping) {
      receiver = startProgram('test/fault/platform-process.js', [config], log)
      const ended = await receiver.ended
      if (stopping && ended.code === 0) return
      if (struck === undefined || ended.signal !== 'SIGKILL') throw endedByItself('the receiver', ended, log)
      kills[struck] += 1
      struck = undefined
    }
  }
  const running = run()
  running.catch(() => undefined)
  return {
    kills,
    running,
    strike(random: Random): void {
      if (struck !== undefined) return
      struck = random(2) === 0 ? 'anytime' : 'beforeAnswer'
      if (struck === 'anytime') receiver.kill('SIGKILL')
      else receiver.tell(1 + random(20))
    },
    /** Takes back a strike that has not happened yet. */
    leaveInPeace(): void {
      if (struck === 'beforeAnswer') receiver.tell(0)
    },
    async stop(): Promise<void> {
      stopping = true
      receiver.kill('SIGTERM')
      await running
    },
  }
}
