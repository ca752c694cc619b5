/** File by file: read, answer, move. Several small ones are stored at once. */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { AdapterContext, Emit, Field, Json, ProbeStep, RunContext, Source, SourceRecord } from '../../core/contract.ts'
import { createProbeSteps, GatewayError, maskNumbers, maskUnknown, openTextReader, toGatewayError } from '../../core/contract.ts'
import { createAttacher } from './attachments.ts'
import { createBatch } from './batch.ts'
import { type FoundFile, openDropFolder } from './drop-folder.ts'
import type { FileOptions } from './options.ts'
import { createRecordReader } from './records.ts'
import { createVerdict, type Verdict, writeReply } from './reply.ts'
import { errnoOf } from './trouble.ts'

/** What is kept of an unreadable rest; the whole file stays in the error folder. */
const maxFaultBytes = 256 * 1024

/** So many files are answered and moved side by side: each waits for the disk several times. */
const sideBySide = 16

/** Read to its end, and not yet answered and moved. */
interface ReadFile {
  file: FoundFile
  verdict: Verdict
  /** Elements that stand where records should. */
  others: ReadonlySet<string>
}

export const openFileSource = (options: FileOptions, context: AdapterContext): Source => {
  const { system } = context
  const drop = openDropFolder(options, context)
  const reader = createRecordReader(options)
  const attach = createAttacher(options, context)
  let reading: FileHandle | undefined

  const bytesAt = async (handle: FileHandle, offset: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxFaultBytes), 0, maxFaultBytes, offset)
    return buffer.subarray(0, bytesRead)
  }

  /** Every record, and at the end, as one, what could not be read: its body begins at or shortly before the fault. */
  async function* recordsOf(
    handle: FileHandle,
    { name, path, size }: FoundFile,
    others: Set<string>,
  ): AsyncGenerator<SourceRecord> {
    const position = (index: number): string => `${name}#${index}`
    let index = 0
    let goodTo = 0
    try {
      if (size > options.maxFileBytes) {
        throw GatewayError.of('RECORD_UNREADABLE', {
          reason: { zh: `文件有 ${size} 字节，超过 maxFileBytes`, en: `the file has ${size} bytes, more than maxFileBytes` },
        })
      }
      const { charset, declaration } = options
      const text = openTextReader(handle, size, declaration === 'ignore' ? { overriding: charset } : charset, {
        byLine: options.format === 'csv' || (options.format === 'json' && options.records === 'lines'),
      })
      for await (const record of reader.read(text.chunks(), position, others, text.damageIn)) {
        index += 1
        goodTo = text.offset()
        yield record
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw drop.trouble(error, path)
      yield reader.unreadable(await bytesAt(handle, goodTo), position(index), error)
    }
  }

  const changed = (file: FoundFile, now: FoundFile | undefined): boolean =>
    file.size !== now?.size || file.mtimeMs !== now.mtimeMs

  const warn = ({ name }: FoundFile, zh: string, en: string): void =>
    context.warn(GatewayError.of('SOURCE_FILE_DOUBTFUL', { system, file: maskNumbers(name), reason: { zh, en } }))

  /** Resolves with false when the file has to be read again before any behind it. */
  const finish = async ({ file, verdict, others }: ReadFile): Promise<boolean> => {
    const tellChanged = (): false => {
      warn(file, '读取期间发生变化，下次再读', 'it changed while it was read, and is read again')
      return false
    }
    // Somebody is still writing: what was read stands, the rest comes with the next run.
    if (changed(file, await drop.look(file.name))) return tellChanged()
    const found = [...others].slice(0, 5).join('、')
    // What is there may be records under another name: such a file must not look as if it were dealt with.
    const isMisread = verdict.records === 0 && others.size > 0
    if (isMisread) verdict.readable = false
    if (isMisread)
      warn(
        file,
        `没有 records 所写的记录，那里有的是：${found}；文件移入 error`,
        `it holds no record as records says, where it has ${found}; it goes to error`,
      )
    else if (verdict.records === 0 && options.format === 'csv') warn(file, '没有数据行', 'it holds no row')
    else if (verdict.records === 0) warn(file, '没有记录，请核对 records', 'it holds no record; check records')
    if (verdict.amendedFirst !== undefined) {
      const key = maskUnknown(verdict.amendedFirst)
      warn(
        file,
        `有 ${verdict.amended} 条记录与同一文件中前面的记录 key 相同（如“${key}”），按更正处理；若为不同记录，请在 key 中加列`,
        `${verdict.amended} records have the key of one before them in this file (such as "${key}") and count as its corrections; if they are records of their own, add to key`,
      )
    }
    if (options.reply) {
      await writeReply(options.reply, drop.inside(options.reply.folder), file.name, verdict).catch((error: unknown) => {
        throw drop.trouble(error)
      })
    }
    return (await drop.put(file, verdict.readable ? 'done' : 'error')) || tellChanged()
  }

  /** What goes wrong with one does not keep the others; the first is thrown, of the others is warned. */
  const finishAll = async (files: readonly ReadFile[]): Promise<boolean> => {
    const finished = await Promise.allSettled(files.map(finish))
    const [first, ...others] = finished.flatMap((one) => (one.status === 'rejected' ? [toGatewayError(one.reason)] : []))
    for (const other of others.filter(({ message }) => message !== first!.message)) context.warn(other)
    if (first) throw first
    return finished.every((one) => one.status === 'fulfilled' && one.value)
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

  /** What is in the folder for files that could not be read whole stays there until a person takes it away. */
  const warnOfSetAside = async (): Promise<void> => {
    try {
      const { count, last } = await drop.setAside()
      if (last === undefined) return
      const named = { system, folder: options.error, count, file: maskNumbers(last) }
      context.warn(GatewayError.of('SOURCE_FILES_SET_ASIDE', named))
    } catch (error) {
      // What was to be read has been read.
      context.warn(toGatewayError(error))
    }
  }

  const run = async (emit: Emit, context: RunContext): Promise<void> => {
    await readAll(emit, context)
    if (!context.signal.aborted) await warnOfSetAside()
  }

  /** A table says its columns before its rows: where one is missing, every row would go out without it. Throws what `describe` throws. */
  const tellColumns = (found: FoundFile, { stream, value }: SourceRecord, describe: RunContext['describe']): void => {
    const fields = Object.entries(value as Record<string, Json>).map(([name, cell]): Field => {
      const isStructure = typeof cell === 'object' && cell !== null
      return { name, fields: isStructure ? Object.keys(cell).map((part) => ({ name: part, fields: [] })) : [], isStructure }
    })
    try {
      describe([{ stream, fields }])
    } catch (misfit) {
      warn(found, '列与映射不符，它和后面的文件留在原处', 'its columns do not fit the mapping; it and the files behind it stay')
      throw misfit
    }
  }

  const readAll = async (emit: Emit, { signal, keep, describe }: RunContext): Promise<void> => {
    const stopped = (): boolean => signal.aborted
    if (stopped()) return
    let found: Awaited<ReturnType<typeof drop.list>>
    try {
      await drop.moveMarkersLeft()
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
    const batch = createBatch(options.batchSize, emit)
    let read: ReadFile[] = []

    /** Stores what was read, then answers and moves each file that is on disk whole. As `finish`, of all of them. */
    const settle = async (): Promise<boolean> => {
      await batch.flush()
      const settled = read
      read = []
      // Where no record has asked for it: a file is moved only behind an acknowledgement.
      if (settled.length > 0 && settled.every(({ verdict }) => verdict.records === 0)) await emit({ records: [] })
      let unchanged = true
      while (settled.length > 0) unchanged = (await finishAll(settled.splice(0, sideBySide))) && unchanged
      return unchanged
    }

    /**
     * Resolves with undefined when the gateway stops in between, or somebody has taken the file away: then there is nothing to finish;
     * and with 'later' when a file before it has to be read again first.
     */
    const take = async (file: FoundFile): Promise<ReadFile | 'later' | undefined> => {
      reading = await openFile(file)
      if (!reading) return undefined
      const verdict = createVerdict()
      const others = new Set<string>()
      const described = new Set<string>()
      try {
        for await (const read of recordsOf(reading, file, others)) {
          const record = await attach(read, keep)
          if (options.format === 'csv' && record.value !== undefined && !described.has(record.stream)) {
            tellColumns(file, record, describe)
            described.add(record.stream)
          }
          if (batch.holdsOther(record, verdict) && !(await settle())) return 'later'
          batch.add(record, verdict)
          if (batch.isFull() && !(await settle())) return 'later'
          if (stopped()) return undefined
        }
        return { file, verdict, others }
      } finally {
        // Windows does not rename an open file.
        await reading.close()
      }
    }

    /** Only of what its sender has called complete is the reading the end: behind a file that might still change none is read yet. */
    const isRead = async (file: FoundFile): Promise<boolean> =>
      options.complete.by !== 'settled' && !changed(file, await drop.look(file.name))

    for (const file of found.files) {
      if (stopped()) return
      let taken: ReadFile | 'later' | undefined
      try {
        taken = await take(file)
      } catch (error) {
        // What stands before it has been read, and need not wait for it.
        if (!stopped() && !batch.isBroken()) await settle()
        throw error
      }
      if (taken === 'later') return
      if (!taken) continue
      read.push(taken)
      // A part of it is on disk: read again after a crash, behind a file that corrects it, it would be the newer version.
      const isInParts = taken.verdict.records > 0
      if ((isInParts || !(await isRead(file))) && !(await settle())) return
    }
    if (!stopped()) await settle()
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
