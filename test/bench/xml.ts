/** `npm run bench:xml [-- --rounds N]`: what reading XML costs, alone. The last line is JSON. */
import { parseArgs } from 'node:util'
import { xmlGoals } from './results.ts'
import { measureXml } from './xml-cost.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a whole number, not ${values.rounds}`)

const xml = measureXml(rounds)
console.log(`${xml.documents} documents of ${xml.bytes} bytes, ${rounds} rounds, medians`)
console.log(`saxes alone ${xml.parserUs} µs a document, our reader ${xml.gatewayUs} µs, ratio ${xml.ratio.toFixed(2)}`)
console.log(JSON.stringify({ xml, goals: xmlGoals(xml) }))
