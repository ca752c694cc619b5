/** A file put into a folder whole: whoever looks finds all of it or nothing, also after the power has gone. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Content } from '../../core/contract.ts'
import { errnoOf } from './trouble.ts'

/** What a file is to hold: its bytes, or a content that is read in pieces. */
export type Wanted = Uint8Array | Content

const isContent = (wanted: Wanted): wanted is Content => 'read' in wanted

/** A large file that is synced at its end alone would keep every commit of the machine waiting meanwhile. */
const syncEvery = 4 * 1024 * 1024
const pieceBytes = 1024 * 1024

/** Whether an open file holds what is wanted. */
const holds = async (file: FileHandle, wanted: Wanted): Promise<boolean> => {
  if (!isContent(wanted)) return Buffer.compare(await file.readFile(), wanted) === 0
  const hash = createHash('sha256')
  for (let at = 0; at < wanted.size; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, at)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
  return `sha256:${hash.digest('hex')}` === wanted.digest
}

/** What stands in a folder under a name: nothing, exactly this, or something else. Rejects when there is no such folder. */
export const lookIn = async (folder: string, name: string, wanted: Wanted): Promise<'absent' | 'same' | 'other'> => {
  await stat(folder)
  const path = join(folder, name)
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (!found) return 'absent'
  if (!found.isFile() || found.size !== (isContent(wanted) ? wanted.size : wanted.byteLength)) return 'other'
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    return (await holds(file, wanted)) ? 'same' : 'other'
  } finally {
    await file.close()
  }
}

const writeSynced = async (path: string, wanted: Wanted): Promise<void> => {
  // Fails when something stands there, and so never writes through a link that somebody else has put there.
  const file = await open(path, 'wx')
  try {
    if (!isContent(wanted)) await file.writeFile(wanted)
    else {
      let unsynced = 0
      for await (const piece of wanted.read()) {
        await file.writeFile(piece)
        unsynced += piece.byteLength
        if (unsynced < syncEvery) continue
        await file.datasync()
        unsynced = 0
      }
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The names in a folder are on disk, too. Windows has no such call, and keeps them in its journal. */
export const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** File systems that cannot give a file two names. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Unlike a rename, a link never takes the place of what is there. */
const giveName = async (temporary: string, path: string): Promise<void> => {
  try {
    await link(temporary, path)
  } catch (error) {
    if (!withoutLinks.has(errnoOf(error))) throw error
    await rename(temporary, path)
  }
}

/**
 * Resolves when the file is on disk under its name. Rejects with what reading a content throws, and with EEXIST when something has come there in between. `placing` is called
 * when from now on it may be seen. What an interrupted attempt has left behind under the temporary name is replaced.
 */
export const putFile = async (folder: string, name: string, wanted: Wanted, placing: () => void): Promise<void> => {
  const temporary = join(folder, `${name}.tmp`)
  await rm(temporary, { force: true })
  try {
    await writeSynced(temporary, wanted)
    placing()
    await giveName(temporary, join(folder, name))
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
}
