/** Files that a record names. They stay where they are: only what they hold is kept. */
import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import {
  type AdapterContext,
  attachAll,
  type FoundContent,
  GatewayError,
  type RunContext,
  type SourceRecord,
} from '../../core/contract.ts'
import type { FileOptions } from './options.ts'
import { errnoOf, troubleWith } from './trouble.ts'

const pieceBytes = 1024 * 1024

/** The last part of a name, whichever system wrote it. */
const baseName = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)

export const createAttacher = (options: FileOptions, { system, baseFolder }: AdapterContext) => {
  const { paths, folder: given } = options.attachments ?? { paths: [], folder: '.' }
  const folder = resolve(baseFolder, options.folder, given)

  const missing = (name: string, zh: string, en: string, cause?: unknown): GatewayError =>
    GatewayError.of('ATTACHMENT_MISSING', { name, reason: { zh, en } }, { cause })

  const isOutside = (path: string, top: string): boolean => {
    const way = relative(top, path)
    return way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)
  }

  /** Rejects with ATTACHMENT_MISSING for what is not there, or is not below the folder, links followed. */
  const openNamed = async (name: string): Promise<FileHandle> => {
    const steps = name.split(/[/\\]/u)
    if (steps.includes('..') || isAbsolute(name) || /^[A-Za-z]:/u.test(name) || name.includes('\0'))
      throw missing(name, '须是附件文件夹之下的相对路径', 'it must be a relative path below the folder of attachments')
    try {
      const path = await realpath(resolve(folder, ...steps))
      if (isOutside(path, await realpath(folder)))
        throw missing(name, '经链接指向附件文件夹之外', 'a link leads out of the folder of attachments')
      const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
      if ((await file.stat()).isFile()) return file
      await file.close()
      throw missing(name, '不是文件', 'it is no file')
    } catch (error) {
      if (error instanceof GatewayError) throw error
      if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENAMETOOLONG'].includes(errnoOf(error)))
        throw missing(name, '文件不存在', 'there is no such file', error)
      throw troubleWith(system, folder, error)
    }
  }

  async function* piecesOf(file: FileHandle, name: string): AsyncGenerator<Buffer> {
    const before = await file.stat()
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes)
      if (bytesRead === 0) break
      yield buffer.subarray(0, bytesRead)
    }
    const after = await file.stat()
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
      throw missing(name, '读取期间发生变化', 'it changed while it was read')
  }

  const keepNamed = async (name: string, keep: RunContext['keep']): Promise<FoundContent> => {
    const file = await openNamed(name)
    try {
      return { ...(await keep(piecesOf(file, name))), fileName: baseName(name) }
    } finally {
      await file.close()
    }
  }

  /** As `attachAll`: a file that is missing or too large is the fault of its record. Rejects when one cannot be read or kept now. */
  return (record: SourceRecord, keep: RunContext['keep']): Promise<SourceRecord> =>
    attachAll(record, { paths, isContent: false }, (name) => keepNamed(name, keep))
}
