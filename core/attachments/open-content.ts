import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { GatewayError, type Text } from '../errors.ts'
import type { Content } from '../operation.ts'
import { type AttachmentFiles, piecesOf, toDiskError } from './attachment-files.ts'

const damaged = (digest: string, zh: string, en: string): GatewayError => {
  const reason: Text = { zh, en }
  return GatewayError.of('ATTACHMENT_DAMAGED', { digest, reason })
}

/** Rejects with ATTACHMENT_DAMAGED when it is gone or has another size. */
export const openWhole = async (
  files: AttachmentFiles,
  { digest, size }: { digest: string; size: number },
): Promise<FileHandle> => {
  let file: FileHandle
  try {
    file = await files.open(digest)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw toDiskError(files.pathOf(digest), cause)
    throw damaged(digest, '文件不见了', 'the file is gone')
  }
  if ((await file.stat()).size === size) return file
  await file.close()
  throw damaged(digest, '文件大小变了', 'the file has another size')
}

export const anotherContent = (digest: string): GatewayError =>
  damaged(digest, '内容与摘要不符', 'its content is not that of its digest')

/** A kept content as sinks read it. `onDamaged` is called when its file is not what it should be, before that is thrown. */
export const openContent = (files: AttachmentFiles, digest: string, size: number, onDamaged: () => void): Content => {
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      const file = await openWhole(files, { digest, size })
      try {
        const hash = createHash('sha256')
        for await (const piece of piecesOf(file)) {
          hash.update(piece)
          yield piece
        }
        if (`sha256:${hash.digest('hex')}` !== digest) throw anotherContent(digest)
      } finally {
        await file.close()
      }
    } catch (thrown) {
      if (thrown instanceof GatewayError && thrown.code === 'ATTACHMENT_DAMAGED') onDamaged()
      throw thrown
    }
  }
  return { digest, size, read }
}
