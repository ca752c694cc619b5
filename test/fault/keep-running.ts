/** A program that is started again whenever it dies, until it is stopped. */
import type { ChildProcess } from 'node:child_process'

export interface Kept {
  /** SIGKILL; it is started again at once. Without effect while it is being started. */
  strike(): void
  /** How often it was killed. */
  kills(): number
  stop(): Promise<void>
}

/** `start` resolves when the program has said that it is there. `onFailed`: it ended by itself, or could not be started. */
export const keepRunning = async (start: () => Promise<ChildProcess>, onFailed: (error: Error) => void): Promise<Kept> => {
  let child: ChildProcess | undefined
  let struck = 0
  let isStruck = false
  let stopping = false
  let over = Promise.resolve()

  const follow = (started: ChildProcess): void => {
    child = started
    over = new Promise<void>((resolve) => started.once('exit', (code, signal) => void next(code, signal).then(resolve)))
  }
  const next = async (code: number | null, signal: NodeJS.Signals | null): Promise<void> => {
    child = undefined
    if (stopping) return
    if (!isStruck) return onFailed(new Error(`it ended by itself (${signal ?? code})`))
    isStruck = false
    try {
      const started = await start()
      follow(started)
      if (stopping) started.kill('SIGTERM')
    } catch (error) {
      onFailed(error as Error)
    }
  }
  follow(await start())
  return {
    strike() {
      if (child === undefined || isStruck || stopping) return
      isStruck = true
      struck += 1
      child.kill('SIGKILL')
    },
    kills: () => struck,
    async stop() {
      stopping = true
      child?.kill('SIGTERM')
      // What was just being started is stopped, too.
      for (let last: Promise<void> | undefined; last !== over; ) {
        last = over
        await last
      }
    },
  }
}
