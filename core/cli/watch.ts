/** Waits for files to change, by looking: change notices do not cross network mounts. */
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../clock.ts'

const lookMs = 150

const isGone = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

const entriesOf = (folder: string): Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

const stampOf = (path: string): string => {
  try {
    const { size, mtimeMs, ino } = statSync(path)
    return `${path} ${size} ${mtimeMs} ${ino}`
  } catch (error) {
    // Taken away since it was listed, or a link to nowhere.
    if (isGone(error)) return path
    throw error
  }
}

const stampsIn = (folder: string): string[] =>
  entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? stampsIn(path) : [stampOf(path)]
  })

/** Names the state of all files in a folder and below: another when one came, went or was written. */
export const stateOf = (folder: string): string => stampsIn(folder).sort().join('\n')

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
