/**
 * `npm run bench [-- --rows N] [--workload db|soap|file|all] [--rounds N] [--backlog N]`: see RESULTS.md beside it. The last line is JSON.
 * With `--dry` the workloads alone are played, and nothing is written: that they can be.
 */
import { parseArgs } from 'node:util'
import { parseDuration } from '../../core/schedule.ts'
import { type Broker, openBroker } from './broker.ts'
import { measureLatency } from './latency.ts'
import { describeMachine } from './machine.ts'
import { measureMappings } from './mapping-cost.ts'
import { checkAlike, type Figures, measure, type Task } from './measure.ts'
import { goalsOf, type Measured, type Results, sayGoals, toJson, toPage, type WorkloadName, writePart } from './results.ts'
import { openDatabase, openFolder, openService, type Workload } from './workloads.ts'
import { measureXml } from './xml-cost.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    workload: { type: 'string', default: 'all' },
    rounds: { type: 'string', default: '3' },
    backlog: { type: 'string' },
    dry: { type: 'boolean', default: false },
  },
})
const names: WorkloadName[] = ['db', 'soap', 'file']
if (values.workload !== 'all' && !names.includes(values.workload as WorkloadName))
  throw new Error(`--workload: one of ${names.join(', ')}, all`)
const whole = (name: string, text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} must be a whole number, not ${text}`)
  return Number(text)
}
const rows = whole('rows', values.rows)
const rounds = whole('rounds', values.rounds)

const window = 500
const every = '200ms'
const everyMs = parseDuration(every)!
const overlap = '5s'
const [latencyRows, latencyRate] = [1000, 50]
/** One message in flight takes long: so much less of it is measured. */
const naiveShare = 50
/** A page or a file is more work than a row. */
const documentShare = 10

const say = (text: string): void => console.log(text)

const taskOf = ({ source, department }: Workload, competitor: Task['competitor'], messages: number): Task => ({
  competitor,
  source,
  department,
  messages,
  window,
  // A service without a watermark, or a folder, is to be read once.
  every: source.kind === 'db' ? every : '1h',
  overlap,
})

const measureWorkload = async (broker: Broker, workload: WorkloadName, source: Workload, messages: number): Promise<Measured> => {
  const bare = taskOf(source, 'bare', messages)
  const tasks: Record<string, Task> = {
    ...(workload === 'db' && { naive: { ...bare, messages: Math.ceil(messages / naiveShare), window: 1 } }),
    bare,
    gateway: taskOf(source, 'gateway', messages),
  }
  const figures: Record<string, Figures[]> = {}
  for (let round = 1; round <= rounds; round++) {
    for (const [name, task] of Object.entries(tasks)) {
      source.reset()
      const found = await measure(broker, task)
      figures[name] = [...(figures[name] ?? []), found]
      say(
        `${workload} ${round}/${rounds} ${name}: ${Math.round((found.messages * 1000) / found.ms)} rows/s, ${Math.round(found.cpuUs / found.messages)} µs/row, ${Math.round(found.peakRssBytes / 1e6)} MB`,
      )
    }
    checkAlike(figures.bare![round - 1]!.sample, figures.gateway![round - 1]!.sample)
  }
  const { naive, bare: bareRounds, gateway } = figures
  return { workload, record: source.record, ...(naive && { naive }), bare: bareRounds!, gateway: gateway! }
}

const using = async <W extends Workload, T>(opening: Promise<W>, work: (workload: W) => Promise<T>): Promise<T> => {
  const workload = await opening
  try {
    return await work(workload)
  } finally {
    await workload.close()
  }
}

const open: Record<WorkloadName, (count: number) => Promise<Workload & { version?: string }>> = {
  db: openDatabase,
  soap: openService,
  file: openFolder,
}

// Ctrl-C ends the competitor of the moment, and its failure ends the program, with all that was made removed.
process.on('SIGINT', () => undefined)
const broker = await openBroker()
try {
  const measured: Measured[] = []
  let postgresql: string | undefined
  for (const name of values.workload === 'all' ? names : [values.workload as WorkloadName]) {
    const count = name === 'db' ? rows : Math.ceil(rows / documentShare)
    await using(open[name](count), async (workload) => {
      postgresql ??= workload.version
      measured.push(await measureWorkload(broker, name, workload, count))
    })
  }
  const withDatabase = !values.dry && measured.some(({ workload }) => workload === 'db')
  const latency = withDatabase && (await measureLatency(broker, { window, every, overlap }, latencyRows, latencyRate))
  const messages = values.backlog === undefined ? undefined : whole('backlog', values.backlog)
  const backlog =
    messages !== undefined &&
    (await using(openDatabase(messages), async (workload) => ({
      messages,
      figures: await measure(broker, taskOf(workload, 'gateway', messages)),
    })))
  // Alone on the machine, as each competitor was.
  const parts = values.workload === 'all' && !values.dry && { mappings: await measureMappings(20_000), xml: measureXml(15) }
  const machine = describeMachine({ ...(postgresql && { PostgreSQL: postgresql }), RabbitMQ: broker.version })
  const settings = { rounds, every, everyMs, overlap, window }
  const results: Results = { machine, settings, measured, ...(latency && { latency }), ...(backlog && { backlog }), ...parts }
  if (!values.dry) {
    writePart('bench', toPage(results))
    sayGoals(goalsOf(results))
  }
  say(toJson(results))
} finally {
  await broker.close()
}
