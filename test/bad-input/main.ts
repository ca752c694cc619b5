/** `npm run test:bad-input`: one line for each family; the last line is JSON. */
import { families } from './families.ts'
import { failureOf } from './judge.ts'

const counts: Record<string, { cases: number; failed: number }> = {}
for (const { name, cases } of families) {
  let failed = 0
  for (const each of cases) {
    const failure = await failureOf(each)
    if (!failure) continue
    failed += 1
    console.log(`not ok: ${name}: ${each.name}`)
    console.log(`  expected ${JSON.stringify(failure.expected)}`)
    console.log(`  found    ${JSON.stringify(failure.found)}`)
  }
  counts[name] = { cases: cases.length, failed }
  console.log(`${failed === 0 ? 'ok' : 'not ok'}: ${name}, ${cases.length} cases, ${failed} failed`)
}
const sum = (key: 'cases' | 'failed') => Object.values(counts).reduce((total, line) => total + line[key], 0)
const [cases, failed] = [sum('cases'), sum('failed')]
console.log(JSON.stringify({ ok: failed === 0, cases, passed: cases - failed, failed, families: counts }))
process.exitCode = failed === 0 ? 0 : 1
