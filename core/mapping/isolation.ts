/**
 * A mapping with code of its own, functions of a plug-in or expressions, runs in a thread with limits of time and memory. Code that crashes or does
 * not end costs the record that it ran for, and nobody else: neither the records beside it nor other departments wait.
 */
import { Worker } from 'node:worker_threads'
import type { CorrectedRecord } from '../correction.ts'
import { type ErrorCode, GatewayError, type Text } from '../errors.ts'
import { readRecord } from '../read-record.ts'
import type { MappingFiles } from './compile-files.ts'
import type { Isolation, Mapping, Translation } from './mapping.ts'
import { needsThread } from './own-code.ts'

export interface IsolationLimits {
  /** How long one record may take. */
  recordMs: number
  /** How large the thread's heap may grow. */
  heapMb: number
}

export const isolationLimits: IsolationLimits = { recordMs: 5000, heapMb: 128 }

/** How long the thread may take to begin, with what the plug-in does when it is loaded. */
const startMs = 20_000
const stackMb = 4

/** What the thread is given. `progress`: how many records of the batch are done, and which use of own code runs, or -1. */
export interface IsolatedSettings {
  given: MappingFiles
  shown: string
  progress: Int32Array
}

/** A GatewayError as it passes between threads. */
export interface PackedError {
  code: ErrorCode
  values: Record<string, string | number | Text>
}

export type PackedTranslation =
  | Exclude<Translation, { outcome: 'failed' }>
  | { caseNo: string | undefined; outcome: 'failed'; error: PackedError }

export const packError = ({ code, values }: GatewayError): PackedError => ({
  code,
  values: values as PackedError['values'],
})

const unpackError = ({ code, values }: PackedError): GatewayError => GatewayError.again(code, values)

const unpack = (translation: PackedTranslation): Translation =>
  translation.outcome === 'failed' ? { ...translation, error: unpackError(translation.error) } : translation

type Answer = { ready: true } | { refused: PackedError } | { translations: PackedTranslation[] }

/** Beside the sources in tests, beside the compiled files otherwise. */
const threadFile = new URL(import.meta.url.endsWith('.ts') ? './isolated-thread.ts' : './isolated-thread.js', import.meta.url)

const outOfTime = (ms: number): Text => ({ zh: `${ms} 毫秒内没有结束`, en: `it did not end within ${ms} ms` })

/** By its name alone: what it says may be a value of the record. */
const unheard = ({ name, code = '' }: Error & { code?: string }): Text => {
  const shown = [name, code].filter((word) => /^[A-Za-z_]{1,60}$/.test(word)).join(' ') || 'Error'
  return { zh: `它留下一个无人接住的错误（${shown}）`, en: `it left an error behind that nothing caught (${shown})` }
}

const deathOf = (error: Error & { code?: string }, { heapMb }: IsolationLimits): Text =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? { zh: `内存超过 ${heapMb} MB`, en: `it needs more than ${heapMb} MB of memory` }
    : unheard(error)

/** What of a mapping is needed: without the rest it is not told which line was stopped, nor which case waits for it. */
type Isolated = MappingFiles & Partial<Pick<Mapping, 'ownCode' | 'caseNoOf'>>

/** `shown` is how the mappings' folder is named to people. */
export const openIsolation = (mapping: Isolated, shown: string, limits = isolationLimits): Isolation => {
  const progress = new Int32Array(new SharedArrayBuffer(8))
  let thread: Worker | undefined
  let queue: Promise<unknown> = Promise.resolve()

  /** Waits for what the thread says next. While it waits the thread keeps the process alive, and at no other time. */
  const listen = (worker: Worker, isStuck: () => Text | undefined): Promise<Answer | { death: Text }> =>
    new Promise((resolve) => {
      const settle = (answer: Answer | { death: Text }): void => {
        clearInterval(watch)
        worker.off('message', settle).off('error', failed).off('exit', ended)
        worker.unref()
        if ('death' in answer) worker.terminate().then(() => resolve(answer))
        else resolve(answer)
      }
      const failed = (error: Error): void => settle({ death: deathOf(error, limits) })
      const ended = (): void => settle({ death: { zh: '它结束了自己的线程', en: 'it ended its thread' } })
      const watch = setInterval(() => {
        const death = isStuck()
        if (death) settle({ death })
      }, limits.recordMs / 10)
      worker.ref()
      worker.on('message', settle).on('error', failed).on('exit', ended)
    })

  const start = async (): Promise<Worker | GatewayError> => {
    const { name, version, files } = mapping
    const settings: IsolatedSettings = { given: { name, version, files }, shown, progress }
    const { heapMb } = limits
    const worker = new Worker(threadFile, {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: heapMb / 8, stackSizeMb: stackMb },
    })
    // Told by `listen` where it matters; at other times it would be an uncaught error.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      if (thread === worker) thread = undefined
    })
    const begun = Date.now()
    const answer = await listen(worker, () => (Date.now() - begun > startMs ? outOfTime(startMs) : undefined))
    if ('ready' in answer) return worker
    await worker.terminate()
    if ('refused' in answer) return unpackError(answer.refused)
    const reason = 'death' in answer ? answer.death : ''
    return GatewayError.of('MAPPING_CODE_STOPPED', { at: `${shown}/${name}.yaml`, reason })
  }

  const stopped = (record: CorrectedRecord, reason: Text): Translation => {
    const at = mapping.ownCode?.[Atomics.load(progress, 1)] ?? `${shown}/${mapping.name}.yaml`
    const error = GatewayError.of('MAPPING_CODE_STOPPED', { at, reason })
    return { caseNo: caseNoOf(mapping, record), outcome: 'failed', error }
  }

  /** The translations of all, or of none and what became of the record that ended the thread; `isNew` when the thread was started for them. */
  const attempt = async (
    records: CorrectedRecord[],
  ): Promise<Translation[] | { culprit: number; translation: Translation; isNew: boolean }> => {
    const isNew = thread === undefined
    const started = thread ?? (await start())
    // The machine's trouble, not the records': they are read again.
    if (started instanceof GatewayError) throw started
    thread = started
    progress.set([0, -1])
    let [done, since] = [0, Date.now()]
    const isStuck = (): Text | undefined => {
      const now = Atomics.load(progress, 0)
      // A thread that has moved on, or has done all, is not stuck, however late this is looked at.
      if (now !== done || now === records.length) [done, since] = [now, Date.now()]
      return Date.now() - since > limits.recordMs ? outOfTime(limits.recordMs) : undefined
    }
    thread.postMessage(records.map(({ value: _, ...record }) => record))
    const answer = await listen(thread, isStuck)
    if ('translations' in answer) return answer.translations.map(unpack)
    const culprit = Math.min(Atomics.load(progress, 0), records.length - 1)
    const reason = 'death' in answer ? answer.death : { zh: '答非所问', en: 'it answered something else' }
    return { culprit, translation: stopped(records[culprit]!, reason), isNew }
  }

  const translateAll = async (records: readonly CorrectedRecord[]): Promise<Translation[]> => {
    const settled = new Map<CorrectedRecord, Translation>()
    for (;;) {
      const left = records.filter((record) => !settled.has(record))
      if (left.length === 0) break
      const outcome = await attempt(left)
      if (Array.isArray(outcome)) {
        for (const [index, record] of left.entries()) settled.set(record, outcome[index]!)
        continue
      }
      const culprit = left[outcome.culprit]!
      // It may have found a thread that others had filled, or that they ended late: it is blamed for what it does alone in a new one.
      const alone = left.length === 1 && outcome.isNew ? outcome : await attempt([culprit])
      settled.set(culprit, Array.isArray(alone) ? alone[0]! : alone.translation)
    }
    return records.map((record) => settled.get(record)!)
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work)
    queue = turn.catch(() => undefined)
    return turn
  }

  const close = async (): Promise<void> => {
    await thread?.terminate()
    thread = undefined
  }

  return {
    translate: (records) => inTurn(() => translateAll(records)),
    check: () =>
      inTurn(async () => {
        const started = thread ?? (await start())
        if (started instanceof GatewayError) return started
        thread = started
        return undefined
      }),
    close: () => inTurn(close),
  }
}

/**
 * Whether the own code of a mapping can be run on a record outside of its thread, as a trace does: MAPPING_CODE_STOPPED when it had to be stopped in
 * it; undefined for a mapping without.
 */
export const findStopped = async (
  { isolated, translate }: Pick<Mapping, 'isolated' | 'translate'>,
  record: CorrectedRecord,
): Promise<GatewayError | undefined> => {
  if (!isolated || !comesToOwnCode(translate, record)) return undefined
  const [translation] = await isolated.translate([record])
  const isStopped = translation?.outcome === 'failed' && translation.error.code === 'MAPPING_CODE_STOPPED'
  return isStopped ? translation.error : undefined
}

/** Without own code the rules run here, up to the first that would run some. */
const comesToOwnCode = (translate: Mapping['translate'], record: CorrectedRecord): boolean => {
  try {
    const made = translate({ tree: readRecord(record), ...record })
    return made.outcome === 'failed' && needsThread(made.error)
  } catch {
    // Its body cannot be read: then no rule runs at all.
    return false
  }
}

/** The case that a record holds back when its own code fails. */
const caseNoOf = (mapping: Isolated, record: CorrectedRecord): string | undefined => {
  try {
    return mapping.caseNoOf?.({ ...record, tree: readRecord(record) })
  } catch {
    // Its body cannot be read, or its number is made by own code: then nobody knows its case.
    return undefined
  }
}
