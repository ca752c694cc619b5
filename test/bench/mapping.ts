/** `npm run bench:mapping [-- --records N]`: what mapping costs, alone. The last line is JSON. */
import { parseArgs } from 'node:util'
import { measureMappings } from './mapping-cost.ts'
import { mappingGoals } from './results.ts'

const { values } = parseArgs({ options: { records: { type: 'string', default: '20000' } } })
const mappings = await measureMappings(Number(values.records))
for (const { mapping, fields, us, usPer40Fields, tracedUs } of mappings)
  console.log(
    `${mapping}: ${fields} fields, ${us} µs CPU per message, ${usPer40Fields} µs for 40 fields; with a trace ${tracedUs} µs`,
  )
console.log(JSON.stringify({ mappings, goals: mappingGoals(mappings) }))
