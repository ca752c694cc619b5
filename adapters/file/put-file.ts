/** A file put into a folder whole: whoever looks finds all of it or nothing, also after the power has gone. */
import { constants } from 'node:fs'
import { link, lstat, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from './trouble.ts'

/** What stands in a folder under a name: nothing, exactly these bytes, or something else. Rejects when there is no such folder. */
export const lookIn = async (folder: string, name: string, bytes: Uint8Array): Promise<'absent' | 'same' | 'other'> => {
  await stat(folder)
  const path = join(folder, name)
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (!found) return 'absent'
  if (!found.isFile() || found.size !== bytes.byteLength) return 'other'
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    return Buffer.compare(await file.readFile(), bytes) === 0 ? 'same' : 'other'
  } finally {
    await file.close()
  }
}

const writeSynced = async (path: string, bytes: Uint8Array): Promise<void> => {
  // Fails when something stands there, and so never writes through a link that somebody else has put there.
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
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
 * Resolves when the file is on disk under its name, and rejects with EEXIST when something has come there in between. `placing` is called
 * when from now on it may be seen. What an interrupted attempt has left behind under the temporary name is replaced.
 */
export const putFile = async (folder: string, name: string, bytes: Uint8Array, placing: () => void): Promise<void> => {
  const temporary = join(folder, `${name}.tmp`)
  await rm(temporary, { force: true })
  try {
    await writeSynced(temporary, bytes)
    placing()
    await giveName(temporary, join(folder, name))
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
}
