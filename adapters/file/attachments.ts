/** Files that a record names. They stay where they are: only what they hold is kept. */
import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import {
  type AdapterContext,
  type Attachment,
  GatewayError,
  type Json,
  type KeptContent,
  namesAt,
  putReferences,
  type RunContext,
  type SourceRecord,
  type TreeNode,
  toGatewayError,
  writeXml,
} from '../../core/contract.ts'
import type { FileOptions } from './options.ts'
import { errnoOf, troubleWith } from './trouble.ts'

const pieceBytes = 1024 * 1024

/** The last part of a name, whichever system wrote it. */
const baseName = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)

const textOf = (record: TreeNode, { contentType }: SourceRecord): string =>
  contentType === 'application/xml' ? writeXml(record as Parameters<typeof writeXml>[0]) : JSON.stringify(record)

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

  const keepNamed = async (name: string, keep: RunContext['keep']): Promise<KeptContent> => {
    const file = await openNamed(name)
    try {
      return await keep(piecesOf(file, name))
    } finally {
      await file.close()
    }
  }

  /**
   * The record with digest and size beside each name; one of which a file is missing or too large, with its fault. Rejects when a file cannot be
   * read or kept now.
   */
  return async (record: SourceRecord, keep: RunContext['keep']): Promise<SourceRecord> => {
    if (record.fault || record.value === undefined || paths.length === 0) return record
    let value = record.value as TreeNode
    const attachments: Attachment[] = []
    try {
      for (const path of paths) {
        const kept = new Map<string, KeptContent>()
        for (const [index, name] of namesAt(value, path).entries()) {
          const content = await keepNamed(name, keep)
          kept.set(name, content)
          attachments.push({ at: `${path}#${index}`, ...content, fileName: baseName(name) })
        }
        value = putReferences(value, path, kept)
      }
    } catch (thrown) {
      const error = toGatewayError(thrown)
      if (error.code !== 'ATTACHMENT_MISSING' && error.code !== 'ATTACHMENT_TOO_LARGE') throw thrown
      return { ...record, fault: error }
    }
    return attachments.length === 0 ? record : { ...record, body: textOf(value, record), value: value as Json, attachments }
  }
}
