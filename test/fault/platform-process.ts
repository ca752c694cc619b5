/**
 * The platform's receiver, as `qianzhi platform` runs it: `platform-process.js <config folder>`. A number sent to it lets it die by
 * SIGKILL after so many more commits, before the broker has any verdict on what was just stored; a second argument, when it has stored so often
 * how far its attachments are.
 */
import { systemClock } from '../../core/clock.ts'
import { loadPlatformConfig } from '../../core/platform/config.ts'
import { openPlatform } from '../../core/platform/platform.ts'

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
const { transfers } = platform.store
const { confirm } = transfers
let confirms = Number(process.argv[3] ?? 0)
transfers.confirm = (...given) =>
  confirm(...given).finally(() => {
    confirms -= 1
    if (confirms === 0) process.kill(process.pid, 'SIGKILL')
  })
process.on('message', (commits: number) => {
  left = commits
})
// The test is gone, or wants it to stop.
process.once('disconnect', () => void platform.close())
process.once('SIGTERM', () => process.disconnect())
