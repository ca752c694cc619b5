/** The gateway's side of a source, for tests: what stores, what opens and what a run gets. */
import { tmpdir } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { Ajv } from 'ajv'
import { digestOf } from '../../core/attachments/attachment-files.ts'
import {
  type Adapter,
  type AdapterContext,
  type Batch,
  decodeText,
  type Emit,
  type GatewayError,
  type Json,
  type RunContext,
  type Source,
  type SourceRecord,
} from '../../core/contract.ts'

/** The gateway's side of `emit`, in memory: stores each new version of a record, drops duplicates, remembers the checkpoint. */
export const collector = () => {
  const newest = new Map<string, string>()
  const batches: Batch[] = []
  let checkpoint: Json | undefined
  let recordSeq = 0
  const emit: Emit = async ({ records, checkpoint: next }) => {
    batches.push({ records, ...(next !== undefined && { checkpoint: next }) })
    const receipts = records.map((record) => {
      const name = JSON.stringify([record.stream, record.key])
      const content = textOf(record)
      const outcome = newest.get(name) === content ? ('duplicate' as const) : ('stored' as const)
      newest.set(name, content)
      recordSeq += 1
      return { key: record.key, outcome, recordSeq }
    })
    if (next !== undefined) checkpoint = JSON.parse(JSON.stringify(next)) as Json
    return receipts
  }
  return {
    emit,
    /** Every batch that was stored, in order. */
    batches,
    /** The keys stored so far, without repetition. */
    keys: () => [...newest.keys()].map((name) => (JSON.parse(name) as [string, string])[1]),
    /** The newest stored content under a key. */
    contentOf: (key: string) => [...newest].find(([name]) => (JSON.parse(name) as [string, string])[1] === key)?.[1],
    checkpoint: () => checkpoint,
  }
}

/** A record's body as text, decoded as the gateway does. */
export const textOf = ({ body, charset }: SourceRecord): string => (typeof body === 'string' ? body : decodeText(body, charset))

/** What the gateway gives to an adapter; collects its warnings. */
export const testContext = (warnings: GatewayError[] = []): AdapterContext => ({
  system: '测试系统',
  baseFolder: tmpdir(),
  now: Date.now,
  wait: (ms, signal) => wait(ms, undefined, signal && { signal }),
  warn: (error) => void warnings.push(error),
})

/** Fails when `work` takes longer than `ms`. */
export const within = async <T>(ms: number, work: Promise<T>, what: string): Promise<T> => {
  const stop = new AbortController()
  const late = wait(ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`${what}: not within ${ms} ms`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    stop.abort()
  }
}

/** One run on an opened source, from the collector's checkpoint. */
export const runOnce = (
  source: Source,
  kept: { checkpoint(): Json | undefined; describe?: RunContext['describe'] },
  emit: Emit,
  signal: AbortSignal = new AbortController().signal,
  keep: RunContext['keep'] = digestOf,
): Promise<void> =>
  within(
    30_000,
    source.run(emit, { checkpoint: kept.checkpoint(), signal, keep, describe: kept.describe ?? (() => undefined) }),
    'a run',
  )

export const schemaCompiler = () => {
  const ajv = new Ajv({ strict: true, allErrors: true, useDefaults: true })
  ajv.addKeyword('secret')
  return ajv
}

/** Options as the gateway gives them to the adapter: checked, with the defaults filled in. */
export const checkedOptions = (adapter: Adapter, options: Record<string, unknown>): Record<string, unknown> => {
  const filled = structuredClone(options)
  const check = schemaCompiler().compile(adapter.options)
  if (!check(filled)) throw new Error(`options do not fit the schema of ${adapter.kind}: ${JSON.stringify(check.errors)}`)
  const problems = adapter.checkOptions?.(filled) ?? []
  if (problems.length > 0) throw new Error(`options refused by ${adapter.kind}: ${JSON.stringify(problems)}`)
  return filled
}

/** Runs `work` with a source on these options and closes it, whatever happens. */
export const withSource = async <T>(
  adapter: Adapter,
  options: Record<string, unknown>,
  work: (source: Source) => Promise<T>,
): Promise<T> => {
  const source = adapter.openSource(checkedOptions(adapter, options), testContext())
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}
