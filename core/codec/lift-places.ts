/** Attachments in base64 as they stand in XML: the paths of configuration as places in a document, in bytes and in text. */
import { encodeText } from './charset.ts'
import { any, liftTexts, type Places, type Steps, type Take } from './lift-text.ts'

/** Paths of plain names, as configuration has them. */
export interface LiftPaths {
  /** From the root of the document on: elements whose text is another document, which `records` begin in. */
  document?: string
  /** From the root on to each record. */
  records: string
  /** From the child of a record on. */
  paths: readonly string[]
}

/** The places in text that is decoded, and in bytes of which nobody knows the charset yet. */
export interface LiftPlaces {
  text: Places
  bytes: Places
}

/** Charsets in whose bytes `<`, `>` and `&` are never part of another character. */
const charsets = ['utf-8', 'gb18030']

const inBytes = (name: string): ReadonlySet<string> =>
  new Set(charsets.map((charset) => Buffer.from(encodeText(name, charset)).toString('latin1')))

export const liftPlaces = ({ document, records, paths }: LiftPaths): LiftPlaces => {
  const placesBy = (spell: (name: string) => ReadonlySet<string>): Places => {
    const toSteps = (path: string): Steps => path.split('/').map((name) => (name === '*' ? any : spell(name)))
    const texts = paths.map((path) => toSteps(`${records}/${path}`))
    return document === undefined ? { texts } : { document: toSteps(document), texts }
  }
  return { text: placesBy((name) => new Set([name])), bytes: placesBy(inBytes) }
}

/** As `liftTexts`. */
export const liftText = (chunks: AsyncIterable<string>, { text }: LiftPlaces, take: Take): AsyncGenerator<string> =>
  liftTexts(chunks, text, take)

async function* oneByOne(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
}

/** The same of the bytes of a document; those in UTF-16 go through as they are. What `take` answers must be ASCII. */
export async function* liftBytes(chunks: AsyncIterable<Uint8Array>, { bytes }: LiftPlaces, take: Take): AsyncGenerator<Buffer> {
  for await (const text of liftTexts(oneByOne(chunks), bytes, take)) yield Buffer.from(text, 'latin1')
}
