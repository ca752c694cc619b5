/**
 * The crash test: `node dist/test/fault/crash.js [--kills 20] [--seed 1] [--broker-stops 2] [--direction up|down]`. Of the way down see
 * down-crash.ts, of the way up up-crash.ts. The last line is the verdict as
 * JSON; exit code 0 only when nothing is missing, doubled, out of order or booked wrongly. With `--broker-stops 0` the RabbitMQ at
 * 127.0.0.1:5672 is used and left alone, otherwise one of the test's own. SIGKILL ends a process, not the machine: what is in the
 * page cache survives it, so this test says nothing about a power cut.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { crashDown } from './down-crash.ts'
import { crashUp } from './up-crash.ts'

const sharedBroker = 'amqp://127.0.0.1:5672'

const toCount = (text: string, name: string): number => {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}"`)
  return Number(text)
}

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      'broker-stops': { type: 'string', default: '2' },
      direction: { type: 'string', default: 'up' },
    },
  })
  const given = {
    url: sharedBroker,
    kills: toCount(values.kills, 'kills'),
    seed: toCount(values.seed, 'seed'),
    brokerStops: toCount(values['broker-stops'], 'broker-stops'),
  }
  if (values.direction !== 'up' && values.direction !== 'down') throw new Error('--direction: up or down')
  console.log(`seed ${given.seed}`)
  const startedAt = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-crash-'))
  const undo: (() => Promise<void>)[] = []
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(`stopped by ${signal}`)))
  })
  let ok = false
  try {
    const running = values.direction === 'down' ? crashDown(given, folder, undo) : crashUp(given, folder, undo)
    const { examples, ...verdict } = await Promise.race([running, interrupted])
    ok = verdict.ok
    if (!ok) for (const example of examples) console.error(JSON.stringify(example))
    console.log(JSON.stringify({ ...verdict, seconds: Math.round((Date.now() - startedAt) / 1000) }))
  } finally {
    for (const step of undo.reverse()) await step()
    if (ok) rmSync(folder, { recursive: true, force: true })
    else console.error(`what is left of it: ${folder}`)
  }
  return ok
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
