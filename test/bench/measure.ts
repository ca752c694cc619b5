/** One run of one competitor in a process of its own, from new queues to the proof that they hold every message. */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../temporary.ts'
import type { Assignment, Report } from './assignment.ts'
import type { Broker } from './broker.ts'

export type Task = Omit<Assignment, 'prefix' | 'scratch'>

export interface Figures extends Report {
  messages: number
  /** Of the broker while the competitor ran, in microseconds. */
  brokerCpuUs: number
  /** The first message, for the comparison of what competitors send. */
  sample: string
}

const program = fileURLToPath(new URL('./competitor.js', import.meta.url))

/** Resolves with the report when the process has ended well. */
export const runCompetitor = (assignment: Assignment): Promise<Report> =>
  new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(assignment)])
    let report: Report | undefined
    child.on('message', (message) => {
      report = message as Report
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0 && report) resolve(report)
      else reject(new Error(`${assignment.competitor} on ${assignment.source.kind} ended with ${code ?? signal}`))
    })
  })

/** A folder of the run's own, on the disk of the temporary folder; removed afterwards. */
export const withScratch = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'qz-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const measure = async (broker: Broker, task: Task): Promise<Figures> => {
  await broker.rest()
  const queues = await broker.openQueues()
  try {
    return await withScratch(async (scratch) => {
      const cpuBefore = broker.cpuUs()
      const report = await runCompetitor({ ...task, prefix: queues.prefix, scratch })
      const brokerCpuUs = broker.cpuUs() - cpuBefore
      const { messages } = task
      await until(`the queues hold ${messages} messages`, async () => (await queues.held()) === messages)
      return { ...report, messages, brokerCpuUs, sample: await queues.first() }
    })
  } finally {
    await queues.remove()
  }
}

/** What two competitors sent must be one message, but for the time of reading and the version of the mapping. */
export const checkAlike = (a: string, b: string): void => {
  const withoutStamps = (body: string) =>
    body.replace(/"seenAt":"[^"]{29}"/, '"seenAt":""').replace(/"mappingVersion":"[^"]{16}"/, '"mappingVersion":""')
  if (withoutStamps(a) !== withoutStamps(b)) throw new Error(`the competitors do not send the same message:\n${a}\n${b}`)
}
