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

const translate = (mapping: Mapping, record: CorrectedRecord): PackedTranslation => {
  try {
    const translation = mapping.translate({ tree: readRecord(record), ...record })
    return translation.outcome === 'failed' ? { ...translation, error: packError(translation.error) } : translation
  } catch (thrown) {
    return { caseNo: undefined, outcome: 'failed', error: packError(toGatewayError(thrown)) }
  }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

const start = async (): Promise<Mapping> => {
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
