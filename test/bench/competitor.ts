/** The process of one competitor: makes ready, goes, reports to the program that started it. */
import { readFileSync } from 'node:fs'
import type { Assignment, Report } from './assignment.ts'

const peakRssBytes = (): number => {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  if (kilobytes === undefined) throw new Error('the peak of memory can only be read on Linux')
  return Number(kilobytes) * 1024
}

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment
// A competitor has only its own program in memory.
const { go, close } =
  assignment.competitor === 'gateway'
    ? await (await import('./gateway.ts')).createGateway(assignment)
    : await (await import('./bare.ts')).createBare(assignment)

const startedAt = performance.now()
const cpuAtStart = process.cpuUsage()
await go()
const { user, system } = process.cpuUsage(cpuAtStart)
const report: Report = { ms: performance.now() - startedAt, cpuUs: user + system, peakRssBytes: peakRssBytes() }
await close()
process.send?.(report)
process.disconnect()
