/** Attachments of an operation as files of their own, which the record names in place of their contents. */
import { resolve } from 'node:path'
import { type Content, GatewayError, isContent, isList, type Operation, type OperationValues } from '../../core/contract.ts'
import { fileNameOf } from './file-name.ts'
import type { TextValues } from './render.ts'
import type { WriteOptions } from './sink-options.ts'

/** A file beside the record. */
export interface Beside {
  folder: string
  name: string
  content: Content
}

/** Throws DELIVERY_MISFIT for a content that cannot have a file, or whose name another one has. */
export const attachmentsBeside = (
  system: string,
  baseFolder: string,
  { folder, attachments }: WriteOptions,
  operation: Operation,
): { values: TextValues; files: Beside[] } => {
  const files = new Map<string, Beside>()
  const { write } = operation

  const nameOf = (content: Content, row: OperationValues, at: string): string => {
    if (attachments === undefined) {
      const reason = {
        zh: '是附件的内容，而写法没有 attachments：附件无处可放',
        en: 'it is the content of an attachment, and the write has no attachments that say where it goes',
      }
      throw GatewayError.of('DELIVERY_MISFIT', { system, write, name: at, reason })
    }
    const sha256 = content.digest.slice('sha256:'.length)
    const name = fileNameOf(system, attachments.name, { ...operation, values: { ...operation.values, ...row, sha256 } })
    const known = files.get(name)
    if (known && known.content.digest !== content.digest) {
      const reason = {
        zh: '两个附件的文件名相同：在 attachments.name 里写 {sha256} 或能区分它们的值',
        en: 'two attachments have one name: put {sha256}, or a value that tells them apart, in attachments.name',
      }
      throw GatewayError.of('DELIVERY_MISFIT', { system, write, name, reason })
    }
    files.set(name, { folder: resolve(baseFolder, attachments.folder ?? folder), name, content })
    return name
  }

  const named = (row: OperationValues, prefix: string): TextValues =>
    Object.fromEntries(
      Object.entries(row).map(([word, value]): [string, TextValues[string]] => {
        if (isList(value)) return [word, value.map((entry, index) => named(entry, `${prefix}${word}[${index + 1}]/`))]
        return [word, isContent(value) ? nameOf(value, row, prefix + word) : value]
      }),
    )
  const values = named(operation.values, '')
  return { values, files: [...files.values()] }
}
