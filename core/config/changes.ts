/** Whether files changed, by looking: change notices do not cross network mounts. */
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** Taken away since it was listed, or a link to nowhere. */
const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')

/** What cannot be read is no reason to stop looking: whoever loads it tells why. */
const unread = (path: string, error: unknown): string => `${path} ${codeOf(error)}`

const entriesOf = (folder: string): Dirent[] | string => {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    return isGone(error) ? [] : unread(folder, error)
  }
}

const stampOf = (path: string): string => {
  try {
    const { size, mtimeMs, ino } = statSync(path)
    return `${path} ${size} ${mtimeMs} ${ino}`
  } catch (error) {
    return isGone(error) ? path : unread(path, error)
  }
}

const stampsIn = (folder: string): string[] => {
  const entries = entriesOf(folder)
  if (typeof entries === 'string') return [entries]
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? stampsIn(path) : [stampOf(path)]
  })
}

/** Names the state of all files in a folder and below: another when one came, went, was written, or can be read now and could not. Never throws. */
export const stateOf = (folder: string): string => stampsIn(folder).sort().join('\n')
