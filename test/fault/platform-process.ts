/**
 * The platform's receiver, as `qianzhi platform` runs it: `platform-process.js <config folder> [<plan as JSON>]`. A number sent to it lets it die by
 * SIGKILL after so many more commits, before the broker has any verdict on what was just stored; a plan, at its point.
 */
import { systemClock } from '../../core/clock.ts'
import { loadPlatformConfig } from '../../core/platform/config.ts'
import { openPlatform } from '../../core/platform/platform.ts'
import { openFatalPoint } from './fatal-point.ts'
import type { Plan, PlatformPoint } from './points.ts'

const { config, problems } = loadPlatformConfig(process.argv[2] ?? '', process.env)
if (!config) throw new Error(problems.map(({ message }) => message).join('\n'))

let left = 0
const platform = openPlatform(config, {
  clock: systemClock,
  onTaken: () => {
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  },
  onFailed: (error) => console.error(error.message),
})
if (process.argv[3] !== undefined) {
  const plan = JSON.parse(process.argv[3]) as Plan<PlatformPoint>
  const { pass } = openFatalPoint(plan)
  const { attachments, transfers } = platform.store
  const { record } = attachments
  const { confirm, finish } = transfers
  if (plan.point === 'carried') {
    transfers.confirm = (...given) => confirm(...given).finally(pass)
    transfers.finish = (...given) => finish(...given).finally(pass)
  }
  if (plan.point === 'recorded') attachments.record = (findings) => record(findings).finally(pass)
  if (plan.point === 'placed')
    attachments.record = (findings) => {
      if (findings.arrived.length > 0) pass()
      return record(findings)
    }
}
process.on('message', (commits: number) => {
  left = commits
})
// The test is gone, or wants it to stop.
process.once('disconnect', () => void platform.close())
process.once('SIGTERM', () => process.disconnect())
