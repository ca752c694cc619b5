/** The figures of `npm run bench:attachments` as goals and as its part of the page. */
import type { SourceName } from './attachment-sources.ts'
import { type Goal, goal, goalTable, tableOf, times } from './results.ts'

export interface AttachmentFigures {
  /** Of a bare copy of the same bytes over the broker. */
  bareMBs: number
  /** From when it is there to take until it is in the gateway's folder, from there to that of the platform, and all of the way. */
  keepMBs: number
  laneMBs: number
  wholeMBs: number
  /** The peak while it comes in and goes out, less the peak before. */
  gatewayGrowthMiB: number
  platformGrowthMiB: number
  /** From the department's row to the platform's disk, in milliseconds, of small messages beside it. */
  p99Without: number
  p99During: number
  p99Keeping: number
  p99Sending: number
}

export interface AttachmentResults {
  machine: Record<string, string>
  settings: { megabytes: number; rounds: number }
  measured: Partial<Record<SourceName, AttachmentFigures>>
}

const ways: Record<SourceName, string> = {
  db: 'bytea of PostgreSQL',
  file: 'file that a record names',
  http: 'part of a form',
  mtom: 'MTOM, pushed',
  base64: 'base64 in XML, pushed',
  'soap-answer': 'base64 in the answer of a SOAP service',
  bucket: 'file that a record names, on by a bucket',
}

const maxGrowthMiB = 64
const maxSlowdown = 2

const linesOf = ({ measured }: AttachmentResults) => Object.entries(measured) as [SourceName, AttachmentFigures][]

export const attachmentGoals = (results: AttachmentResults): Goal[] =>
  linesOf(results).flatMap(([name, { gatewayGrowthMiB, p99During, p99Without }]) => [
    goal(`${ways[name]}: growth of the gateway's memory`, gatewayGrowthMiB, 'at most', maxGrowthMiB, (mib) => `${mib} MiB`),
    goal(`${ways[name]}: p99 of small messages, with against without`, p99During / p99Without, 'at most', maxSlowdown, times),
  ])

export const attachmentsPart = (results: AttachmentResults): string => {
  const { machine, settings } = results
  const head = [
    'source',
    'memory growth',
    'MB/s taken',
    'MB/s sent',
    'MB/s in all',
    'bare MB/s',
    'sent to bare',
    'p99 without',
    'p99 with',
  ]
  const lines = linesOf(results).map(([name, one]) => [
    ways[name],
    `${one.gatewayGrowthMiB} MiB`,
    ...[one.keepMBs, one.laneMBs, one.wholeMBs, one.bareMBs].map((rate) => rate.toFixed(1)),
    times(one.laneMBs / one.bareMBs),
    `${one.p99Without} ms`,
    `${one.p99During} ms`,
  ])
  return [
    '## Attachments by source',
    tableOf(['', ''], Object.entries(machine)),
    `One content of ${settings.megabytes} MB from the department to the platform's folder, verified, each time with a new gateway in a process of its own; medians of ${settings.rounds}. Beside it a small message every 20 ms. The bare copy sends the same bytes over the broker, in chunks as large, and looks after nothing.`,
    tableOf(head, lines),
    goalTable(attachmentGoals(results)),
    '',
  ].join('\n\n')
}
