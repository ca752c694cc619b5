/** The figures of one measurement as goals, as a page and as one line of JSON. Nothing is in it that was not measured. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../core/package-root.ts'
import type { Latency } from './latency.ts'
import type { MappingCost } from './mapping-cost.ts'
import type { Figures } from './measure.ts'
import { median, quantile } from './statistics.ts'
import type { XmlCost } from './xml-cost.ts'

export type WorkloadName = 'db' | 'soap' | 'file'

export interface Measured {
  workload: WorkloadName
  record: string
  /** The rounds of each competitor. */
  naive?: Figures[]
  bare: Figures[]
  gateway: Figures[]
}

export interface Results {
  machine: Record<string, string>
  settings: { rounds: number; every: string; everyMs: number; overlap: string; window: number }
  measured: Measured[]
  latency?: Latency
  backlog?: { messages: number; figures: Figures }
  mappings?: MappingCost[]
  xml?: XmlCost
}

export interface Goal {
  what: string
  wanted: string
  found: string
  reached: boolean
  /** By how much of the wanted value it was missed or surpassed, in percent. */
  marginPercent: number
}

const perSecond = ({ messages, ms }: Figures): number => (messages * 1000) / ms
const cpuPerRow = ({ messages, cpuUs }: Figures): number => cpuUs / messages
const brokerPerRow = ({ messages, brokerCpuUs }: Figures): number => brokerCpuUs / messages
const of = (rounds: Figures[], figure: (round: Figures) => number): number => median(rounds.map(figure))
const peakOf = (rounds: Figures[]): number => Math.max(...rounds.map(({ peakRssBytes }) => peakRssBytes))
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`
export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`

const ratioOf = (figure: (round: Figures) => number, rounds: Figures[], to: Figures[]): number =>
  of(rounds, figure) / of(to, figure)

export const goal = (
  what: string,
  found: number,
  bound: 'at least' | 'at most',
  limit: number,
  shown: (value: number) => string,
): Goal => ({
  what,
  wanted: `${bound} ${shown(limit)}`,
  found: shown(found),
  reached: bound === 'at least' ? found >= limit : found <= limit,
  marginPercent: Math.round((found / limit - 1) * 100),
})

const maxRssBytes = 200_000_000

export const mappingGoals = (mappings: MappingCost[]): Goal[] =>
  mappings.map(({ mapping, usPer40Fields }) =>
    goal(`${mapping}: CPU of mapping 40 fields`, usPer40Fields, 'at most', 30, (us) => `${us} µs`),
  )

export const xmlGoals = ({ ratio, bytes }: XmlCost): Goal[] => [
  goal(`reading an XML document of ${bytes} bytes against the parser alone`, ratio, 'at most', 1.5, times),
]

export const goalsOf = ({ measured, latency, backlog, settings, mappings, xml }: Results): Goal[] => {
  const goals = measured.flatMap(({ workload, naive, bare, gateway }) => [
    goal(`${workload}: rows/s against the bare script`, ratioOf(perSecond, gateway, bare), 'at least', 0.8, times),
    ...(naive
      ? [goal(`${workload}: rows/s against the naive script`, ratioOf(perSecond, gateway, naive), 'at least', 5, times)]
      : []),
    goal(`${workload}: CPU per row against the bare script`, ratioOf(cpuPerRow, gateway, bare), 'at most', 2, times),
  ])
  if (latency) {
    const limit = settings.everyMs + 100
    goals.push(goal('commit to receipt, 99th percentile', latency.p99Ms, 'at most', limit, (ms) => `${ms.toFixed(0)} ms`))
  }
  const usual = measured.find(({ workload }) => workload === 'db')?.gateway
  if (backlog) {
    const peak = backlog.figures.peakRssBytes
    goals.push(goal(`peak memory with a backlog of ${backlog.messages}`, peak, 'at most', maxRssBytes, megabytes))
    if (usual) {
      const what = `peak memory with ${backlog.messages} against ${usual[0]!.messages}`
      goals.push(goal(what, peak / peakOf(usual), 'at most', 1, times))
    }
  }
  return [...goals, ...mappingGoals(mappings ?? []), ...(xml ? xmlGoals(xml) : [])]
}

/** For programs: `ratioToBare` is rows/s of the gateway by rows/s of the bare script, medians. */
export const toJson = (results: Results): string => {
  const ratios = results.measured.map(({ workload, naive, bare, gateway }) => [
    workload,
    {
      ratioToBare: Number(ratioOf(perSecond, gateway, bare).toFixed(3)),
      ...(naive && { ratioToNaive: Number(ratioOf(perSecond, gateway, naive).toFixed(3)) }),
      cpuToBare: Number(ratioOf(cpuPerRow, gateway, bare).toFixed(3)),
      rowsPerSecond: Math.round(of(gateway, perSecond)),
      peakRssBytes: peakOf(gateway),
    },
  ])
  const { latency, backlog, mappings, xml } = results
  const more = {
    ...(latency && { latency }),
    ...(backlog && { backlog: { messages: backlog.messages, peakRssBytes: backlog.figures.peakRssBytes } }),
    ...(mappings && { mappings }),
    ...(xml && { xml }),
  }
  return JSON.stringify({ ...Object.fromEntries(ratios), ...more, goals: goalsOf(results) })
}

const row = (cells: (string | number)[]): string => `| ${cells.join(' | ')} |`
export const tableOf = (head: string[], rows: (string | number)[][]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

export const goalTable = (goals: Goal[]): string =>
  tableOf(
    ['goal', 'wanted', 'measured', 'reached'],
    goals.map(({ what, wanted, found, reached, marginPercent }) => [
      what,
      wanted,
      found,
      reached ? 'yes' : `**no**, by ${Math.abs(marginPercent)} %`,
    ]),
  )

export const sayGoals = (goals: Goal[]): void => {
  for (const { what, wanted, found, reached, marginPercent } of goals)
    console.log(
      `${reached ? 'reached' : 'MISSED '}  ${what}: ${found}, wanted ${wanted} (${marginPercent > 0 ? '+' : ''}${marginPercent} %)`,
    )
}

const lineOf = (name: string, rounds: Figures[]): (string | number)[] => {
  const rates = rounds.map(perSecond)
  const [lowest, highest] = [quantile(rates, 0), quantile(rates, 1)].map(Math.round)
  const [cpu, broker] = [of(rounds, cpuPerRow), of(rounds, brokerPerRow)].map(Math.round)
  return [
    name,
    rounds[0]!.messages,
    Math.round(median(rates)),
    `${lowest} – ${highest}`,
    cpu!,
    broker!,
    megabytes(peakOf(rounds)),
  ]
}

const workloadPart = ({ workload, record, naive, bare, gateway }: Measured): string => {
  const head = ['program', 'rows', 'rows/s', 'lowest – highest', 'CPU µs/row', 'broker CPU µs/row', 'peak memory']
  const lines = [...(naive ? [lineOf('naive script', naive)] : []), lineOf('bare script', bare), lineOf('gateway', gateway)]
  return `## ${workload}\n\nEach record is ${record}; its message has ${Buffer.byteLength(gateway[0]!.sample)} bytes.\n\n${tableOf(head, lines)}\n`
}

const latencyPart = ({ latency, settings }: Results): string =>
  latency === undefined
    ? ''
    : `## From commit to receipt\n\n${latency.rows} rows, ${latency.rowsPerSecond} a second, committed in PostgreSQL one by one; the gateway looks every ${settings.everyMs} ms (overlap ${settings.overlap}). From just before the INSERT is sent to the receipt by a consumer: **p50 ${latency.p50Ms.toFixed(0)} ms, p99 ${latency.p99Ms.toFixed(0)} ms**.\n`

const backlogPart = ({ backlog }: Results): string => {
  if (!backlog) return ''
  const { messages, figures } = backlog
  return `## A backlog of ${messages}\n\nOne run of the gateway: ${Math.round(perSecond(figures))} rows/s, ${Math.round(cpuPerRow(figures))} µs CPU per row, peak memory **${megabytes(figures.peakRssBytes)}**.\n`
}

const partsPart = ({ mappings, xml }: Results): string => {
  if (!mappings || !xml) return ''
  const head = ['mapping', 'fields', 'CPU µs/message', 'for 40 fields', 'with a trace']
  const lines = mappings.map(({ mapping, fields, us, usPer40Fields, tracedUs }) => [mapping, fields, us, usPer40Fields, tracedUs])
  const reading = `An XML document of ${xml.bytes} bytes is read in ${xml.gatewayUs} µs, by the parser alone, which builds nothing, in ${xml.parserUs}: ${times(xml.ratio)}.`
  return `## Parts of the path\n\nThe fullest application of each shipped mapping, from the parsed record to the draft, provenance on. Explain and coverage trace; the path does not.\n\n${tableOf(head, lines)}\n\n${reading}\n`
}

const observations = ({ measured, settings }: Results): string[] => [
  `Every program ran in a process of its own, one after the other in turn, ${settings.rounds} rounds; figures are medians, memory is the highest peak. PostgreSQL, RabbitMQ and the pretend legacy systems share the same cores.`,
  'All send the same messages (compared byte for byte, but for the time of reading and the version of the mapping) through the same exchange into new durable quorum queues, and each run ended with the queues holding every message.',
  `The bare script keeps ${settings.window} messages in flight, validates each against the schema and stores nothing: after a crash it starts from the beginning. The naive script is the same with one message in flight, on fewer rows.`,
  'The gateway writes each record as received, its message, its place in the outbox and the confirm to its store, synced to disk, checks identifiers and rules of the domain, counts versions and keeps its books; its CPU figure holds all of that.',
  ...measured.map(({ workload, bare, gateway }) => {
    const [rate, cpu] = [ratioOf(perSecond, gateway, bare), ratioOf(cpuPerRow, gateway, bare)]
    return `${workload}: the gateway moves ${times(rate)} the rows/s of the bare script for ${times(cpu)} its CPU per row.`
  }),
]

export const toPage = (results: Results): string =>
  [
    '# Measured: the gateway against scripts',
    '',
    '`npm run bench` and `npm run bench:attachments` measure, and write each its part of this page; it holds nothing else.',
    '',
    tableOf(['', ''], Object.entries(results.machine)),
    '',
    ...results.measured.map(workloadPart),
    latencyPart(results),
    backlogPart(results),
    partsPart(results),
    '## Goals\n',
    goalTable(goalsOf(results)),
    '',
    '## Observations\n',
    ...observations(results).map((sentence) => `- ${sentence}`),
    '',
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')

const page = join(packageRoot, 'test', 'bench', 'RESULTS.md')
const between = '<!-- from here on: npm run bench:attachments -->'

/** Writes one part of the page; the other stays as it was. */
export const writePart = (part: 'bench' | 'attachments', text: string): void => {
  const [bench = '', attachments = ''] = readFileSync(page, 'utf8').split(between)
  const parts = { bench, attachments, [part]: text }
  writeFileSync(page, `${parts.bench.trimEnd()}\n\n${between}\n\n${parts.attachments.trim()}\n`)
}
