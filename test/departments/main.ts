/** Starts the three pretend departments and prints where they are as one line of JSON; ends on SIGTERM or SIGINT. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type CaseOptions, createCases } from './cases.ts'
import { civil, civilOutcomes, openCivil } from './civil-files.ts'
import { housing, housingOutcomes, openHousing } from './housing-soap.ts'
import { market, marketOutcomes, openMarket } from './market-database.ts'

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    cases: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    bad: { type: 'string', default: '0' },
    rate: { type: 'string' },
  },
})
if (!values.folder)
  throw new Error('usage: main.js --folder <dir> --cases <n> [--seed <n>] [--bad <n>] [--rate <cases per second>]')

const count = Number(values.cases)
const options = (part: Pick<CaseOptions, 'prefix' | 'org' | 'outcomes'>): CaseOptions => ({
  ...part,
  seed: Number(values.seed),
  count,
  bad: Number(values.bad),
})

mkdirSync(values.folder, { recursive: true })
const soap = await openHousing()
const database = openMarket(join(values.folder, 'market.sqlite'))
const files = openCivil(join(values.folder, 'civil'))
const sources = [
  { cases: createCases(options({ prefix: 'ZJ', org: housing, outcomes: housingOutcomes })), add: soap.add },
  { cases: createCases(options({ prefix: 'SC', org: market, outcomes: marketOutcomes })), add: database.add },
  { cases: createCases(options({ prefix: 'MZ', org: civil, outcomes: civilOutcomes })), add: files.add },
]

/** One case for each department; false when there are no more. */
const addOne = (): boolean => {
  let added = false
  for (const { cases, add } of sources) {
    const next = cases.next()
    if (!next.done) {
      add(next.value)
      added = true
    }
  }
  return added
}

let timer: NodeJS.Timeout | undefined
if (values.rate === undefined) while (addOne());
else {
  const rate = Number(values.rate)
  const startedAt = Date.now()
  let added = 0
  timer = setInterval(() => {
    for (const due = ((Date.now() - startedAt) * rate) / 1000; added < due; added++) if (!addOne()) return clearInterval(timer)
  }, 20)
}

let stopping = false
const stop = async (): Promise<void> => {
  if (stopping) return
  stopping = true
  clearInterval(timer)
  await soap.close()
  database.close()
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop())

console.log(JSON.stringify({ soap: { wsdl: soap.wsdl, endpoint: soap.endpoint }, database: database.file, folder: files.folder }))
