// Reads TAP from standard input, shows what failed and how long each file took, and ends with the line `N passed, N failed`.
// Arguments: checks that passed, checks that failed, and the suites that were skipped.
import { createInterface } from 'node:readline'

const [passedChecks, failedChecks, ...skippedSuites] = process.argv.slice(2)
let passed = Number(passedChecks)
let failed = Number(failedChecks)
let skipped = skippedSuites.length
let isShowing = 0
let hasCounts = false

for await (const line of createInterface({ input: process.stdin })) {
  const counts = /^# \{ total: \d+(?:, pass: (\d+))?(?:, fail: (\d+))?(?:, todo: (\d+))?(?:, skip: (\d+))? \}/.exec(line)
  if (counts) {
    hasCounts = true
    passed += Number(counts[1] ?? 0)
    failed += Number(counts[2] ?? 0) + Number(counts[3] ?? 0)
    skipped += Number(counts[4] ?? 0)
  } else if (/^\s*not ok /.test(line)) {
    isShowing = 60
    console.log(line)
  } else if (/^(ok|Bail out!) /.test(line)) console.log(line)
  else if (isShowing > 0 && line.trim() !== '') {
    isShowing -= 1
    if (/^\s*ok /.test(line)) isShowing = 0
    else console.log(line)
  }
}

if (!hasCounts) {
  failed += 1
  console.log('not ok: the test runner ended without counts')
}
for (const suite of skippedSuites) console.log(`跳过 / SKIPPED: ${suite} 需要的服务没有 / needs a service that is not there`)
const isFailure = failed > 0 || (process.env.CI && skipped > 0)
console.log(`${passed} passed, ${process.env.CI ? failed + skipped : failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = isFailure ? 1 : 0
