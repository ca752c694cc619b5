/** From the commit of a row in PostgreSQL to the receipt of its message by a consumer, while rows come one by one. */
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../temporary.ts'
import type { Broker } from './broker.ts'
import { createRows } from './case-row.ts'
import { runCompetitor, type Task, withScratch } from './measure.ts'
import { quantile } from './statistics.ts'
import { openDatabase } from './workloads.ts'

export interface Latency {
  rows: number
  rowsPerSecond: number
  p50Ms: number
  p99Ms: number
}

const now = (): string => new Date().toISOString().replace('T', ' ').slice(0, 23)

export const measureLatency = async (
  broker: Broker,
  settings: Pick<Task, 'window' | 'every' | 'overlap'>,
  rows: number,
  rowsPerSecond: number,
): Promise<Latency> => {
  const database = await openDatabase(0)
  const queues = await broker.openQueues()
  const sentAt = new Map<string, number>()
  const took: number[] = []
  try {
    await queues.consume((id) => took.push(performance.now() - sentAt.get(id.split(':')[1]!)!))
    const { source, department } = database
    const ended = withScratch((scratch) => {
      const task = { competitor: 'gateway' as const, source, department, messages: rows + 1, ...settings }
      return runCompetitor({ ...task, prefix: queues.prefix, scratch })
    })
    const write = async (): Promise<void> => {
      let startedAt = 0
      let index = 0
      for (const row of createRows(rows + 1)) {
        const no = row.办件编号!
        if (index > 0) await pause(Math.max(0, startedAt + (index * 1000) / rowsPerSecond - performance.now()))
        // Just before the statement, so that the figure holds the commit itself and can only be too large.
        sentAt.set(no, performance.now())
        await database.insert({ ...row, 更新时间: now() })
        // The first row waits for the gateway to start and is not counted.
        if (index++ === 0) await until('the first message has come', () => took.length === 1)
        if (index === 1) startedAt = performance.now()
      }
      await until('every message has come', () => took.length === rows + 1)
    }
    await Promise.all([ended, write()])
  } finally {
    await queues.remove()
    await database.close()
  }
  const counted = took.slice(1)
  return { rows, rowsPerSecond, p50Ms: quantile(counted, 0.5), p99Ms: quantile(counted, 0.99) }
}
