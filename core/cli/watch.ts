/** Waits for files to change. */
import { systemClock } from '../clock.ts'
import { stateOf } from '../config/changes.ts'

const lookMs = 150

/**
 * Runs `work` once, and again whenever the files of the folder are other than when it last began and have come to rest: the same in two looks.
 * Resolves when the signal aborts.
 */
export const whenChanged = async (folder: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
  let worked: string | undefined
  let seen = stateOf(folder)
  while (!signal.aborted) {
    const now = stateOf(folder)
    if (now === seen && now !== worked) {
      worked = now
      await work()
    }
    seen = now
    await systemClock.wait(lookMs, signal)
  }
}
