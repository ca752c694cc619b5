/** Bad files, read by the file adapter between a good file and another good file, as bytes. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import adapter from '../../adapters/file/index.ts'
import { digestOf } from '../../core/attachments/attachment-files.ts'
import { decodeText, type Emit, encodeText } from '../../core/contract.ts'
import { checkedOptions, testContext } from '../contract/source-harness.ts'
import type { Case, Expected, Family } from './case.ts'
import { csvHeader, goodCsv, goodJson, goodXml } from './department.ts'
import { flagsIn, followUp, inFolder, openGateway, quarantineOf, route } from './gateway.ts'

export interface FileCase {
  name: string
  format: 'xml' | 'csv' | 'json'
  /** The file between the good ones: texts in the charset in which it is written, and bytes that stand for themselves. */
  file: string | (string | number[])[]
  /** What the configuration says. */
  charset?: string
  /** What the file is really written in; as the configuration says unless it is said. */
  writtenIn?: string
  options?: Record<string, unknown>
  /** The cases of the bad file's good records, which are delivered. */
  alsoDelivered?: string[]
  expect: Expected
}

const formats = {
  xml: { records: 'Records/*', stream: '{element}', key: ['SBLSH'] },
  csv: { stream: 'SB', key: ['SBLSH'] },
  json: { records: '', stream: 'SB', key: ['SBLSH'] },
}

const goodFile = (format: FileCase['format'], no: string, records: unknown): string => {
  if (format === 'xml') return `<Records>${goodXml(no)}</Records>`
  if (format === 'csv') return csvHeader + goodCsv(no)
  if (records === 'lines')
    return `${goodJson(no)}
`
  return records === '/data/list' ? `{"data":{"list":[${goodJson(no)}]}}` : `[${goodJson(no)}]`
}

const bytesOf = (file: FileCase['file'], charset: string): Buffer =>
  Buffer.concat(
    (typeof file === 'string' ? [file] : file).map((part) =>
      typeof part === 'string' ? encodeText(part, charset) : Uint8Array.from(part),
    ),
  )

/** A row of a CSV is kept as JSON by column name, what could not be read as the bytes that were there. */
const isPartOf = (body: Buffer, bytes: Buffer, format: string, charset: string): boolean => {
  if (bytes.includes(body)) return true
  const whole = decodeText(bytes, charset)
  const text = body.toString()
  if (whole.includes(text)) return true
  return format === 'csv' && Object.values(JSON.parse(text) as Record<string, string>).every((value) => whole.includes(value))
}

const find = (given: FileCase) =>
  inFolder(async (folder) => {
    const gateway = openGateway(folder)
    const inbox = join(folder, 'in')
    const { format, charset = 'utf-8', writtenIn = charset } = given
    const bytes = bytesOf(given.file, writtenIn)
    mkdirSync(inbox)
    const goodBytes = (no: string) => encodeText(goodFile(format, no, given.options?.['records']), charset)
    for (const [name, content] of Object.entries({ 1: goodBytes('A'), 2: bytes, 3: goodBytes('C') }))
      writeFileSync(join(inbox, name), content)
    const options = { folder: inbox, format, charset, ...formats[format], ...given.options }
    const source = adapter.openSource(checkedOptions(adapter, options) as never, testContext())
    try {
      const signal = new AbortController().signal
      const emit: Emit = async (batch) => gateway.pipeline.receive(route, batch)
      await source.run(emit, { checkpoint: undefined, signal, keep: digestOf, describe: () => undefined })
      gateway.receive(followUp('B'))
      const arrived = await gateway.publishAll()
      const cases = arrived.filter(({ type }) => type === 'application.received').map(({ lane }) => lane.slice('one/'.length))
      const [entry, ...others] = quarantineOf(gateway)
      const rest = { delivered: cases, followUpWaits: !arrived.some(({ id }) => id === 'one:B:acceptance.decided:99::1') }
      const ofBad = arrived.filter(({ lane, id }) => lane === 'one/B' && !id.includes(':99::')).map(flagsIn)[0]
      if (!entry) return { ...ofBad, ...rest }
      const bodyKept = isPartOf(entry.body, bytes, format, writtenIn)
      return { ...entry.refusal, lane: entry.lane, others: others.length, bodyKept, ...rest }
    } finally {
      await source.close()
      gateway.store.close()
    }
  })

const whole = ({ expect, alsoDelivered = [] }: FileCase) => {
  if ('flags' in expect) return { ...expect, delivered: ['A', 'B', ...alsoDelivered, 'C'], followUpWaits: false }
  const { caseUnknown, ofCase, ...refusal } = expect
  const delivered = ['A', ...alsoDelivered, 'C']
  const lane = caseUnknown ? null : `one/${ofCase ?? 'B'}`
  return { ...refusal, lane, others: 0, bodyKept: true, delivered, followUpWaits: lane === 'one/B' }
}

export const fileFamily = (name: string, cases: FileCase[]): Family => ({
  name,
  cases: cases.map((given): Case => ({ name: given.name, find: () => find(given), expected: whole(given) })),
})
