/**
 * `npm run bench:xml [-- --rounds N]`: reading the 5 KB documents of the bench's file workload as the gateway does, beside saxes alone, which builds nothing. The
 * goal is a ratio of at most 1.5. The last line is JSON.
 */
import { parseArgs } from 'node:util'
import { SaxesParser } from 'saxes'
import { parseXml } from '../../core/codec/xml.ts'
import { decodeText } from '../../core/contract.ts'
import { createRows, toFile } from './case-row.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a whole number, not ${values.rounds}`)

const count = 300
const goal = 1.5

const documents = [...createRows(count)].map((row) => decodeText(toFile(row).bytes))
const bytes = documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0)

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

const median = (numbers: number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

for (let warm = 0; warm < 5; warm++) for (const read of Object.values(readers)) time(read)
// One after the other in each round: what else the machine does falls on both.
const taken = Array.from({ length: rounds }, () => ({ parser: time(readers.parser), gateway: time(readers.gateway) }))
const parser = median(taken.map((round) => round.parser))
const gateway = median(taken.map((round) => round.gateway))
const ratio = median(taken.map((round) => round.gateway / round.parser))

const perDocument = (ms: number): number => Math.round((ms * 1000) / count)
console.log(`Node ${process.version}, ${process.arch}`)
console.log(`${count} documents of ${Math.round(bytes / count)} bytes, ${rounds} rounds, medians`)
console.log(`saxes alone: ${perDocument(parser)} µs a document, ${Math.round(bytes / parser / 1000)} MB/s`)
console.log(`our reader:  ${perDocument(gateway)} µs a document, ${Math.round(bytes / gateway / 1000)} MB/s`)
console.log(`ratio ${ratio.toFixed(2)}, goal at most ${goal}`)
console.log(
  JSON.stringify({
    ok: ratio <= goal,
    ratio: Number(ratio.toFixed(3)),
    goal,
    documents: count,
    bytes: Math.round(bytes / count),
    parserUs: perDocument(parser),
    gatewayUs: perDocument(gateway),
  }),
)
