/** The name of a file, made of a pattern: never one that leads elsewhere, or that Windows or the network mount cannot have. */
import { createHash } from 'node:crypto'
import { GatewayError, type Operation, type Text } from '../../core/contract.ts'

/** File systems take 255 bytes; what is left is for the suffixes of markers and of what is being written. */
const maxBytes = 200

const placeholder = /\{([^{}]+)\}/g

/** Separators, what Windows refuses, controls, and the sign by which these are written. */
const unsafe = /[/\\:*?"<>|%\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

export const digestOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 32)

const percent = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')

/** No two texts give the same. */
const safe = (text: string): string => text.replaceAll(unsafe, percent)

const misnamed = (name: string): Text | undefined => {
  const bytes = Buffer.byteLength(name)
  if (name === '' || /^[. ]|[. ]$/.test(name))
    return { zh: '文件名不得为空，首尾不得是点或空格', en: 'a name is not empty, and begins and ends with neither dot nor blank' }
  if (/\.(tmp|part)$/i.test(name))
    return { zh: '.tmp 与 .part 是没有写完的文件', en: '.tmp and .part are files that are not yet complete' }
  if (reserved.test(name)) return { zh: '是 Windows 保留的名称', en: 'it is a name that Windows keeps for itself' }
  if (bytes > maxBytes)
    return { zh: `文件名有 ${bytes} 字节，至多 ${maxBytes}`, en: `the name has ${bytes} bytes, at most ${maxBytes}` }
  return undefined
}

/** Whether the pattern gives each operation a name of its own. */
export const namesOneOperation = (pattern: string): boolean => /\{(id|digest)\}/.test(pattern)

/** Whether attachments of different operations, or of different contents, have different names. */
export const namesOneAttachment = (pattern: string): boolean => /\{(sha256|id|digest)\}/.test(pattern)

/** A name as the pattern might give it. */
export const sampleName = (pattern: string): string => pattern.replaceAll(placeholder, 'x')

/** For `checkOptions`: what is wrong with a pattern. */
export const findNameProblem = (pattern: string): Text | undefined => {
  const fixed = pattern.replaceAll(placeholder, '')
  if (fixed === pattern)
    return { zh: '含 {值的名称}、{id} 或 {digest} 的样式', en: 'a pattern with {name of a value}, {id} or {digest}' }
  if (fixed.search(unsafe) >= 0 || /[{}]/.test(fixed))
    return {
      zh: '固定文字里不得有 / \\ : * ? " < > | % 与不成对的花括号',
      en: 'fixed text without / \\ : * ? " < > | % and single braces',
    }
  return misnamed(sampleName(pattern))
}

/** Throws DELIVERY_MISFIT for what cannot be a name. */
export const fileNameOf = (system: string, pattern: string, { id, write, values }: Operation): string => {
  const misfit = (name: string, reason: Text): GatewayError => GatewayError.of('DELIVERY_MISFIT', { system, write, name, reason })
  const name = pattern.replaceAll(placeholder, (_, word: string) => {
    if (word === 'id') return safe(id)
    if (word === 'digest') return digestOf(id)
    const value = values[word]
    if (typeof value === 'string' && value.trim() !== '') return safe(value)
    throw misfit(word, { zh: '文件名需要它，而它没有值', en: 'the name of the file needs it, and it has no value' })
  })
  const reason = misnamed(name)
  if (reason) throw misfit(pattern, reason)
  return name
}
