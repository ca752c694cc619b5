/** What the sender is told of a file. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Builder } from 'xml2js'
import type { Receipt } from '../../core/contract.ts'

export interface Verdict {
  /** False when the file has an unreadable part. */
  readable: boolean
  records: number
  /** How many records came under the key of another one of the same file, with other content, as far as they were stored at once. */
  amended: number
  /** The first such key. */
  amendedFirst?: string
  outcomes: Record<Receipt['outcome'], number>
  /** Error codes of the catalogue with the number of records under each. */
  errors: Record<string, number>
}

export const createVerdict = (): Verdict => ({
  readable: true,
  records: 0,
  amended: 0,
  outcomes: { stored: 0, duplicate: 0, quarantined: 0, ignored: 0 },
  errors: {},
})

export const addReceipt = (verdict: Verdict, { outcome, error }: Receipt): void => {
  verdict.records += 1
  verdict.outcomes[outcome] += 1
  if (error) verdict.errors[error.code] = (verdict.errors[error.code] ?? 0) + 1
}

const write = (format: 'json' | 'xml', file: string, { records, outcomes, errors }: Verdict): string => {
  if (format === 'json') return JSON.stringify({ file, records, ...outcomes, errors })
  const error = Object.entries(errors).map(([code, count]) => ({ $: { code, count } }))
  return new Builder({ renderOpts: { pretty: false }, xmldec: { version: '1.0', encoding: 'UTF-8' } }).buildObject({
    reply: { $: { file, records, ...outcomes }, error },
  })
}

/**
 * Written under a temporary name, then renamed: the sender never sees half of it. The reply to a corrected file replaces the earlier one,
 * whichever suffix that had; the earlier one goes last, so that the sender is never without an answer.
 */
export const writeReply = async (
  reply: { success: string; error: string; format: 'json' | 'xml' },
  folder: string,
  name: string,
  verdict: Verdict,
): Promise<void> => {
  const good = verdict.readable && verdict.outcomes.quarantined === 0
  const [suffix, other] = good ? [reply.success, reply.error] : [reply.error, reply.success]
  const path = join(folder, name + suffix)
  await mkdir(folder, { recursive: true })
  await writeFile(`${path}.tmp`, `${write(reply.format, name, verdict)}\n`)
  await rename(`${path}.tmp`, path)
  await rm(join(folder, name + other), { force: true })
}
