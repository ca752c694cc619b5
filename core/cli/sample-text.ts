/** A record of nobody as the files of a sample. */
import { stringify } from 'yaml'
import { detectCharset, encodeText } from '../codec/charset.ts'
import type { Json } from '../codec/json.ts'
import { isElement, type TreeNode } from '../codec/path.ts'
import { writeXml } from '../codec/write-xml.ts'
import type { SourceRecord } from '../contract.ts'
import type { SampleOutcome } from '../mapping/samples.ts'

/** A record in the form in which its sample holds it. */
export interface SampleRecord {
  record: SourceRecord
  /** What the sample says of it, in the order of the file. */
  said: { stream: string; key?: string; body?: string; row?: Json; bodyFile?: string; charset?: string }
  /** The bytes beside the sample, when the charset of the original is not UTF-8. */
  beside: { file: string; bytes: Uint8Array } | undefined
  /** Everything that the sample holds of the record. */
  text: string
}

const declaration = /^\s*(<\?xml[^>]{0,200}\?>)/

const textOf = (tree: TreeNode, before: string): string => {
  if (!isElement(tree)) return JSON.stringify(tree)
  const declared = declaration.exec(before)?.[1]
  return `${declared === undefined ? '' : `${declared}\n`}${writeXml(tree)}\n`
}

/**
 * The same stream, form and charset as the original: a record that came as bytes which are no UTF-8 has its body in a file of such bytes,
 * any other stands in the sample itself.
 */
export const toSampleRecord = (
  original: SourceRecord,
  { tree, key, name, isKeyUsed }: { tree: TreeNode; key: string; name: string; isKeyUsed: boolean },
): SampleRecord => {
  const { stream, contentType, body } = original
  const head = { stream, ...(isKeyUsed ? { key } : {}) }
  const named = { stream, key: isKeyUsed ? key : 'sample', contentType }
  const charset = typeof body === 'string' ? 'utf-8' : detectCharset(body, original.charset)
  if (charset !== 'utf-8') {
    const text = textOf(tree, Buffer.from(body as Uint8Array).toString('latin1'))
    const bytes = encodeText(text, charset)
    const file = `${name}.${isElement(tree) ? 'xml' : 'json'}`
    const said = { ...head, bodyFile: file, charset }
    return { record: { ...named, body: bytes, charset }, said, beside: { file, bytes }, text }
  }
  if (!isElement(tree) && typeof tree === 'object' && tree !== null && !Array.isArray(tree)) {
    const text = JSON.stringify(tree)
    return { record: { ...named, body: text }, said: { ...head, row: tree }, beside: undefined, text }
  }
  // The sample is text by itself: a declaration of the charset would say nothing.
  const text = textOf(tree, '')
  return { record: { ...named, body: text }, said: { ...head, body: text }, beside: undefined, text }
}

const note = '# 由存储中的记录生成，个人信息已换成化名。 / Made of a stored record; personal data is replaced by pseudonyms.\n'

export const sampleText = ({ said }: SampleRecord, expected: SampleOutcome): string =>
  note + stringify({ ...said, expected }, { lineWidth: 0 })

/** What a sample is called when nobody says so: what it came to, and the number of the record. */
export const sampleName = (outcome: SampleOutcome, seq: number): string => {
  const said =
    'messages' in outcome
      ? String((outcome.messages[0] as { type?: string } | undefined)?.type)
      : 'ignored' in outcome
        ? 'ignored'
        : outcome.quarantined
  return `${said.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${seq}`
}
