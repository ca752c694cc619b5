/** What reading XML costs, beside saxes alone, which builds nothing. */
import { SaxesParser } from 'saxes'
import { parseXml } from '../../core/codec/xml.ts'
import { decodeText } from '../../core/contract.ts'
import { createRows, toFile } from './case-row.ts'
import { median } from './statistics.ts'

const documents = [...createRows(300)].map((row) => decodeText(toFile(row).bytes))
/** Namespaces and places, as our reader asks for them; every event is heard, nothing is kept. */
const streamOnly = (text: string): number => {
  const parser = new SaxesParser({ xmlns: true, position: true })
  let heard = 0
  parser.on('opentag', () => {
    heard += 1
  })
  parser.on('closetag', () => {
    heard += 1
  })
  parser.on('text', () => {
    heard += 1
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(text).close()
  return heard
}

const readers = { parser: streamOnly, gateway: (text: string) => parseXml(text).children.length }

/** Milliseconds for all documents; the sum keeps the work from being dropped as unused. */
const time = (read: (text: string) => number): number => {
  const started = performance.now()
  let sum = 0
  for (const text of documents) sum += read(text)
  const took = performance.now() - started
  if (sum === 0) throw new Error('nothing was read')
  return took
}

export interface XmlCost {
  documents: number
  /** Of one, in UTF-8. */
  bytes: number
  rounds: number
  /** Microseconds for one document, medians. */
  parserUs: number
  gatewayUs: number
  /** Median of the rounds' ratios. */
  ratio: number
}

/** Reading the 5 KB documents of the file workload as the gateway does, beside the parser alone. */
export const measureXml = (rounds: number): XmlCost => {
  for (let warm = 0; warm < 5; warm++) for (const read of Object.values(readers)) time(read)
  // One after the other in each round: what else the machine does falls on both.
  const taken = Array.from({ length: rounds }, () => ({ parser: time(readers.parser), gateway: time(readers.gateway) }))
  const perDocument = (ms: number): number => Math.round((ms * 1000) / documents.length)
  return {
    documents: documents.length,
    bytes: Math.round(documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / documents.length),
    rounds,
    parserUs: perDocument(median(taken.map(({ parser }) => parser))),
    gatewayUs: perDocument(median(taken.map(({ gateway }) => gateway))),
    ratio: median(taken.map(({ parser, gateway }) => gateway / parser)),
  }
}
