/** Contents as files by their digest: `<folder>/ab/abcdef…`. What stands there is whole, synced, and was hashed while it was written. */
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statfsSync, unlinkSync } from 'node:fs'
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GatewayError } from '../errors.ts'
import { systemReason } from '../system-reason.ts'
import { digestOf, within } from './digest-of.ts'
import { isDigest, type KeptContent } from './kept-content.ts'

export { digestOf }

/** Bytes read at once, and at most in memory for one file. */
export const pieceBytes = 1024 * 1024

/**
 * After so many bytes what was written is synced, and the free space looked at again. A large file that is synced at its end alone would keep
 * every commit of the machine waiting meanwhile.
 */
const syncEvery = 4 * 1024 * 1024

export interface AttachmentLimits {
  maxBytes: number
  reserveBytes: number
}

/** The names in a folder are on disk, too. Windows has no such call, and keeps them in its journal. */
export const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** What the disk did, as an error of the catalogue; what is one already stays. */
export const toDiskError = (file: string, cause: unknown): unknown =>
  cause instanceof Error && 'syscall' in cause
    ? GatewayError.of('STORE_UNWRITABLE', { file, reason: systemReason(cause) }, { cause })
    : cause

/** The bytes of an open file from `start` on, in pieces of at most `size`. */
export async function* piecesOf(file: FileHandle, start = 0, size = pieceBytes): AsyncGenerator<Buffer> {
  for (let at = start; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(size), 0, size, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** A folder of contents. Nobody else may have the same one. Opens without touching the disk. */
export const openAttachmentFiles = (folder: string, { maxBytes, reserveBytes }: AttachmentLimits) => {
  const pathOf = (digest: string): string => {
    // Also what came from outside: a digest is never a path.
    if (!isDigest(digest)) throw new Error(`no digest: ${digest}`)
    const hex = digest.slice('sha256:'.length)
    return join(folder, hex.slice(0, 2), hex)
  }

  /** Throws STORE_DISK_LOW. */
  const demandSpace = (): void => {
    const { bavail, bsize } = statfsSync(folder)
    if (bavail * bsize < reserveBytes) throw GatewayError.of('STORE_DISK_LOW', { file: folder, reserveBytes })
  }

  const write = async (temporary: string, content: AsyncIterable<Uint8Array>): Promise<KeptContent> => {
    // Fails when something stands there, and so never writes through a link that somebody else has put there.
    const file = await open(temporary, 'wx', 0o600)
    async function* written(): AsyncGenerator<Uint8Array> {
      let unsynced = 0
      for await (const piece of within(maxBytes, content)) {
        await file.writeFile(piece)
        unsynced += piece.byteLength
        if (unsynced >= syncEvery) {
          await file.datasync()
          demandSpace()
          unsynced = 0
        }
        yield piece
      }
    }
    try {
      const kept = await digestOf(written())
      await file.sync()
      return kept
    } finally {
      await file.close()
    }
  }

  /** Gives a synced file its name by digest; synced when it returns. The same content may stand there: nothing changes then. */
  const place = (temporary: string, digest: string): void => {
    const path = pathOf(digest)
    const shelf = dirname(path)
    if (!existsSync(shelf)) {
      mkdirSync(shelf, { recursive: true })
      syncFolder(folder)
    }
    renameSync(temporary, path)
    syncFolder(shelf)
  }

  return {
    folder,
    pathOf,
    place,
    demandSpace,
    has: (digest: string): boolean => existsSync(pathOf(digest)),
    /**
     * Writes a content beside and, when it is synced, calls `placed` in the turn in which the file gets its name: what `placed` commits and the
     * file come together, and nothing removes it in between. Rejects with ATTACHMENT_TOO_LARGE, STORE_DISK_LOW, STORE_UNWRITABLE, what the
     * content throws, and what `placed` throws; then no line names the file, and `sweep` removes it.
     */
    async keep(content: AsyncIterable<Uint8Array>, placed: (kept: KeptContent) => void): Promise<KeptContent> {
      const temporary = join(folder, `${randomUUID()}.tmp`)
      try {
        mkdirSync(folder, { recursive: true })
        demandSpace()
        try {
          const kept = await write(temporary, content)
          place(temporary, kept.digest)
          placed(kept)
          return kept
        } finally {
          await rm(temporary, { force: true })
        }
      } catch (thrown) {
        throw toDiskError(folder, thrown)
      }
    },
    /** Rejects with ENOENT when there is none. */
    open: (digest: string): Promise<FileHandle> => open(pathOf(digest), 'r'),
    remove: (digest: string): void => rmSync(pathOf(digest), { force: true }),
    /** Removes what a process that died has left: files without a name, and those that no line names. Answers how many. */
    async sweep(isNamed: (digest: string) => boolean): Promise<number> {
      let swept = 0
      const drop = (path: string): void => {
        unlinkSync(path)
        swept += 1
      }
      for (const entry of await namesIn(folder)) {
        if (entry.endsWith('.tmp')) drop(join(folder, entry))
        if (!/^[0-9a-f]{2}$/.test(entry)) continue
        for (const hex of await namesIn(join(folder, entry))) {
          if (isDigest(`sha256:${hex}`) && !isNamed(`sha256:${hex}`)) drop(join(folder, entry, hex))
        }
      }
      return swept
    },
  }
}

/** Of a folder that may not be there. */
export const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })

/** Removes the files that were last written before a time, in milliseconds since 1970. Answers how many. */
export const removeOlder = async (paths: readonly string[], before: number): Promise<number> => {
  let removed = 0
  for (const path of paths) {
    const { mtimeMs } = await stat(path)
    if (mtimeMs >= before) continue
    await rm(path)
    removed += 1
  }
  return removed
}

export type AttachmentFiles = ReturnType<typeof openAttachmentFiles>
