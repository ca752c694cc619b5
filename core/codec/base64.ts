import { GatewayError } from '../errors.ts'

/** White space, also as XML writers spell it, once more escaped where a document is the text of another. */
const blank = /\s|&(?:amp;)?#(?:x0*[9aAdD]|0*(?:9|10|13));/g
const wrong = /[^A-Za-z0-9+/]/

/**
 * The bytes of a text in base64 (RFC 4648 with padding, as xs:base64Binary), piece by piece; no piece ends within a character reference. Throws
 * ATTACHMENT_UNREADABLE, by `name`, at whatever else stands there: nothing is skipped or made up but white space.
 */
export async function* decodeBase64(pieces: AsyncIterable<string> | Iterable<string>, name: string): AsyncGenerator<Buffer> {
  const refuse = (zh: string, en: string): GatewayError =>
    GatewayError.of('ATTACHMENT_UNREADABLE', { name, reason: { zh: `不是 base64：${zh}`, en: `it is no base64: ${en}` } })
  const strange = (character: string, place: number): GatewayError =>
    refuse(`第 ${place} 个字符是“${character}”`, `its character ${place} is "${character}"`)
  let rest = ''
  let read = 0
  let isOver = false
  for await (const piece of pieces) {
    const text = rest + piece.replace(blank, '')
    if (isOver && text !== '') throw strange(text[0]!, read + 1)
    const length = text.length - (text.length % 4)
    const groups = text.slice(0, length)
    rest = text.slice(length)
    const at = groups.search(wrong)
    if (at >= 0) {
      // Padding ends the text, and stands at the end of a group.
      if (!/^={1,2}$/.test(groups.slice(at)) || at % 4 < 2) throw strange(groups[at]!, read + at + 1)
      if (rest !== '') throw strange(rest[0]!, read + length + 1)
      isOver = true
    }
    const bytes = Buffer.from(groups, 'base64')
    if (isOver && bytes.subarray(-(bytes.length % 3)).toString('base64') !== groups.slice(-4))
      throw refuse('末尾有多余的位', 'there are bits too many at its end')
    read += length
    if (bytes.length > 0) yield bytes
  }
  if (rest === '') return
  const at = rest.search(wrong)
  throw at >= 0
    ? strange(rest[at]!, read + at + 1)
    : refuse(`在第 ${read + rest.length} 个字符处中断`, `it breaks off after ${read + rest.length} characters`)
}
