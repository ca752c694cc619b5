import { GatewayError } from '../../core/contract.ts'

export const errnoOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code ?? '')

/** What the codes say that a person can act on. */
const words: Readonly<Record<string, { zh: string; en: string }>> = {
  ENOENT: { zh: '不存在', en: 'it is not there' },
  ENOTDIR: { zh: '不是文件夹', en: 'it is no folder' },
  ENOSPC: { zh: '磁盘已满', en: 'the disk is full' },
  EDQUOT: { zh: '超出磁盘配额', en: 'the disk quota is used up' },
  EFBIG: { zh: '超出文件大小限制', en: 'files may not be that large' },
  EROFS: { zh: '文件系统只读', en: 'the file system is read-only' },
}

/** What goes wrong with a folder or a file in it, as the operator should see it. */
export const troubleWith = (system: string, path: string, cause: unknown): GatewayError => {
  const code = errnoOf(cause)
  const reason = `${code} ${(cause as NodeJS.ErrnoException).path ?? path}`
  if (code === 'EACCES' || code === 'EPERM') return GatewayError.of('SOURCE_DENIED', { system, reason }, { cause })
  const word = words[code]
  const told = word ? { zh: `${reason}（${word.zh}）`, en: `${reason} (${word.en})` } : reason
  return GatewayError.of('SOURCE_UNREACHABLE', { system, reason: told }, { cause })
}
