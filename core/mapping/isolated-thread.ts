/** The thread in which a mapping with code of its own runs. It answers each batch of records with their translations. */
import { parentPort, workerData } from 'node:worker_threads'
import type { CorrectedRecord } from '../correction.ts'
import { type GatewayError, toGatewayError } from '../errors.ts'
import { readRecord } from '../read-record.ts'
import { compileFiles } from './compile-files.ts'
import { type IsolatedSettings, type PackedTranslation, packError } from './isolation.ts'
import type { Mapping } from './mapping.ts'
import { openOwnCode } from './own-code.ts'

const { given, shown, progress } = workerData as IsolatedSettings

/**
 * A mapping is pure: without a clock, without chance, without a way out. What reads the clock all the same gets no time. Own code must not end
 * this thread's port either, so that it goes, too.
 */
const removeTheWorld = (): void => {
  const forbidden = (what: string) => (): never => {
    throw new Error(`${what}: 映射不得使用 / a mapping must not use it`)
  }
  const { Date: Timed } = globalThis
  const Timeless = new Proxy(Timed, {
    construct: (date, given, made) => Reflect.construct(date, given.length === 0 ? [Number.NaN] : given, made),
    apply: () => String(new Timed(Number.NaN)),
  })
  Timed.now = forbidden('Date.now')
  Timed.prototype.constructor = Timeless
  Math.random = forbidden('Math.random')
  Object.assign(globalThis, { Date: Timeless })
  // It formats the time of now when it is given none.
  Reflect.deleteProperty(Intl, 'DateTimeFormat')
  for (const name of ['process', 'fetch', 'crypto', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'WebSocket'])
    Reflect.deleteProperty(globalThis, name)
}

const translate = (mapping: Mapping, record: CorrectedRecord): PackedTranslation => {
  try {
    const translation = mapping.translate({ ...record, tree: readRecord(record) })
    return translation.outcome === 'failed' ? { ...translation, error: packError(translation.error) } : translation
  } catch (thrown) {
    return { caseNo: undefined, outcome: 'failed', error: packError(toGatewayError(thrown)) }
  }
}

// Before the world is taken away.
const { setImmediate: later } = globalThis
const turn = (): Promise<void> => new Promise((resolve) => void later(resolve))

const start = async (): Promise<Mapping> => {
  removeTheWorld()
  const problems: GatewayError[] = []
  const own = openOwnCode((index) => Atomics.store(progress, 1, index))
  const mapping = await compileFiles(given, problems, { own }, shown)
  if (problems[0]) throw problems[0]
  return mapping
}

const port = parentPort!
start().then(
  (mapping) => {
    port.on('message', async (records: CorrectedRecord[]) => {
      const translations: PackedTranslation[] = []
      for (const record of records) {
        Atomics.store(progress, 1, -1)
        translations.push(translate(mapping, record))
        // What own code has left behind, as a promise that nobody caught, ends the thread now, while the record that it came of is at work.
        await turn()
        Atomics.add(progress, 0, 1)
      }
      port.postMessage({ translations })
    })
    port.postMessage({ ready: true })
  },
  (thrown) => port.postMessage({ refused: packError(toGatewayError(thrown)) }),
)
