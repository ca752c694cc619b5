/** File by file: read, hand over, answer, move. */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { AdapterContext, Emit, ProbeStep, RunContext, Source, SourceRecord } from '../../core/contract.ts'
import { createProbeSteps, GatewayError } from '../../core/contract.ts'
import { errnoOf, type FoundFile, openDropFolder } from './drop-folder.ts'
import type { FileOptions } from './options.ts'
import { openTextReader } from './read-text.ts'
import { createRecordReader } from './records.ts'
import { addReceipts, createVerdict, type Verdict, writeReply } from './reply.ts'

/** A batch is also full at this many characters, whatever its number of records. */
const maxBatchLength = 8 * 1024 * 1024
/** What is kept of an unreadable rest; the whole file stays in the error folder. */
const maxFaultBytes = 256 * 1024

const sizeOf = ({ body }: SourceRecord): number => body.length

export const openFileSource = (options: FileOptions, context: AdapterContext): Source => {
  const { system } = context
  const drop = openDropFolder(options, context)
  const reader = createRecordReader(options)
  let reading: FileHandle | undefined

  const bytesAt = async (handle: FileHandle, offset: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxFaultBytes), 0, maxFaultBytes, offset)
    return buffer.subarray(0, bytesRead)
  }

  /** Every record, and at the end, as one, what could not be read: its body begins at or shortly before the fault. */
  async function* recordsOf(handle: FileHandle, { name, path, size }: FoundFile): AsyncGenerator<SourceRecord> {
    const position = (index: number): string => `${name}#${index}`
    let index = 0
    let goodTo = 0
    try {
      if (size > options.maxFileBytes) {
        throw GatewayError.of('RECORD_UNREADABLE', {
          reason: { zh: `文件有 ${size} 字节，超过 maxFileBytes`, en: `the file has ${size} bytes, more than maxFileBytes` },
        })
      }
      const text = openTextReader(handle, options.charset)
      for await (const record of reader.read(text.chunks(), position)) {
        index += 1
        goodTo = text.offset()
        yield record
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw drop.trouble(error, path)
      yield reader.unreadable(await bytesAt(handle, goodTo), position(index), error)
    }
  }

  /** Resolves with undefined when the gateway stops in between: then the file stays where it is. */
  const handOver = async (handle: FileHandle, file: FoundFile, emit: Emit, signal: AbortSignal): Promise<Verdict | undefined> => {
    const verdict = createVerdict()
    let batch: SourceRecord[] = []
    let length = 0
    const flush = async (): Promise<void> => {
      if (batch.length > 0) addReceipts(verdict, await emit({ records: batch }))
      batch = []
      length = 0
    }
    for await (const record of recordsOf(handle, file)) {
      if (record.fault) verdict.readable = false
      batch.push(record)
      length += sizeOf(record)
      if (batch.length >= options.batchSize || length >= maxBatchLength) await flush()
      if (signal.aborted) return undefined
    }
    await flush()
    return verdict
  }

  const changed = (file: FoundFile, now: FoundFile | undefined): boolean =>
    file.size !== now?.size || file.mtimeMs !== now.mtimeMs

  const warn = ({ name }: FoundFile, zh: string, en: string): void =>
    context.warn(GatewayError.of('SOURCE_FILE_DOUBTFUL', { system, file: name, reason: { zh, en } }))

  /** Resolves with false when the file has to be read again before any behind it. */
  const finish = async (file: FoundFile, verdict: Verdict): Promise<boolean> => {
    // Somebody is still writing: what was read stands, the rest comes with the next run.
    if (changed(file, await drop.look(file.name))) {
      warn(
        file,
        '读取时发生变化，下次再读，后面的文件等它',
        'it changed while it was read, and is read again; the files behind it wait',
      )
      return false
    }
    if (verdict.records === 0) warn(file, '没有记录，请核对 records', 'it holds no record; check records')
    if (options.reply) {
      await writeReply(options.reply, drop.inside(options.reply.folder), file.name, verdict).catch((error: unknown) => {
        throw drop.trouble(error)
      })
    }
    await drop.put(file, verdict.readable ? 'done' : 'error')
    return true
  }

  /** Resolves with undefined when somebody has taken the file away. */
  const openFile = async (file: FoundFile): Promise<FileHandle | undefined> => {
    try {
      return await open(file.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      throw drop.trouble(error, file.path)
    }
  }

  const run = async (emit: Emit, { signal }: RunContext): Promise<void> => {
    const stopped = (): boolean => signal.aborted
    if (stopped()) return
    let found: Awaited<ReturnType<typeof drop.list>>
    try {
      found = await drop.list(signal)
    } catch (error) {
      if (stopped()) return
      throw error
    }
    if (found.holding) {
      warn(
        found.holding,
        '尚未完整（没有标记或仍在变化），后面的文件等它',
        'it is not complete (no marker, or still changing), and the files behind it wait',
      )
    }
    for (const file of found.files) {
      if (stopped()) return
      reading = await openFile(file)
      if (!reading) continue
      let verdict: Verdict | undefined
      try {
        verdict = await handOver(reading, file, emit, signal)
      } finally {
        // Windows does not rename an open file.
        await reading.close()
      }
      if (verdict && !(await finish(file, verdict))) return
    }
  }

  const probe = async (signal: AbortSignal): Promise<ProbeStep[]> => {
    const { steps, step } = createProbeSteps()
    await step(
      { zh: '列出接收文件夹', en: 'list the drop folder' },
      async () => `${(await drop.list(signal)).files.length} files in ${drop.folder}`,
    )
    await step({ zh: '移走文件的权限，同一文件系统', en: 'rights to move files, on one file system' }, async () => {
      await drop.checkMoves()
      return 'ok'
    })
    return steps
  }

  return { run, probe, close: async () => reading?.close() }
}
