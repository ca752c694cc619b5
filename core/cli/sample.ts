import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { loadGatewayOptions } from '../config/load.ts'
import type { SourceRecord } from '../contract.ts'
import { GatewayError, type Text, toGatewayError } from '../errors.ts'
import { messageOf } from '../explain/explain.ts'
import { findStopped } from '../mapping/isolation.ts'
import { isLeaking } from '../mapping/leaks.ts'
import { loadMapping } from '../mapping/load.ts'
import { pseudonymise } from '../mapping/pseudonymise.ts'
import { outcomeOfRecord, runSamples, type SampleOutcome } from '../mapping/samples.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'
import { readRecord } from '../read-record.ts'
import { toSourceRecord } from '../source-record.ts'
import type { Store } from '../store/store.ts'
import { foldersNote, saidMappingsFolder } from './folders.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'
import { sampleName, sampleText, toSampleRecord } from './sample-text.ts'

interface Options {
  config: string
  name?: string
  json?: boolean
}

const toName = (text: string): string => {
  if (!/^[a-z0-9][a-z0-9-]{0,80}$/.test(text))
    throw new InvalidArgumentError('须为小写字母、数字与连字符 / lower-case letters, digits and hyphens')
  return text
}

const seqOf = (store: Store, name: string): number => {
  if (/^[1-9]\d{0,15}$/.test(name)) return Number(name)
  const message = messageOf(store, name)
  if (!message) throw GatewayError.of('MESSAGE_UNKNOWN', { id: name })
  return message.recordSeq
}

const refused = (seq: number, reason: Text, cause?: unknown) => GatewayError.of('SAMPLE_REFUSED', { seq, reason }, { cause })

/** The stored record as its source gave it, and the name of the mapping that took it. */
const storedRecord = (store: Store, seq: number): { record: SourceRecord; mapping: string } => {
  const stored = store.record(seq)
  if (!stored) throw GatewayError.of('RECORD_UNKNOWN', { seq })
  if (stored.body === null) throw GatewayError.of('RECORD_EXPIRED', { seq })
  const version = stored.mappingVersion ?? '—'
  const kept = store.keptMapping(version)
  const reason = { zh: '存储中没有留存', en: 'the store has not kept it' }
  if (!kept) throw GatewayError.of('MAPPING_VERSION_UNKNOWN', { mapping: '—', version, reason })
  if (stored.faulty) {
    throw refused(seq, {
      zh: '来源没有读出它，不知道其中哪些是个人信息',
      en: 'its source could not read it, so that nobody knows what of it is personal',
    })
  }
  return { record: toSourceRecord(stored, stored.body), mapping: kept.name }
}

const treeOf = (record: SourceRecord, seq: number) => {
  try {
    return readRecord(record)
  } catch (thrown) {
    const { zh, en } = toGatewayError(thrown).text
    const reason = {
      zh: `读不出来，不知道其中哪些是个人信息（${zh}）`,
      en: `it cannot be read, so that nobody knows what of it is personal (${en})`,
    }
    throw refused(seq, reason, thrown)
  }
}

/** Writes no file over another. */
const writeNew = (path: string, shown: string, content: string | Uint8Array): void => {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { flag: 'wx' })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    const reason =
      code === 'EEXIST'
        ? { zh: `${shown} 已存在；用 --name 另取名称`, en: `${shown} exists; give another name with --name` }
        : { zh: `${shown} 写不进去：${code}`, en: `${shown} cannot be written: ${code}` }
    throw GatewayError.of('COMMAND_USAGE', { reason }, { cause })
  }
}

interface Made {
  file: string
  outcome: SampleOutcome
  ok: boolean
}

const makeSample = async (store: Store, given: string, options: Options): Promise<Made | readonly GatewayError[]> => {
  const seq = seqOf(store, given)
  const { record, mapping: name } = storedRecord(store, seq)
  const folder = resolve(options.config)
  const mappings = resolve(folder, loadGatewayOptions(folder).mappings)
  const { mapping, problems } = await loadMapping(mappings, name, 'mappings', { startsOwnCode: false })
  if (!mapping) return problems
  const stopped = await findStopped(mapping, record)
  if (stopped) throw refused(seq, stopped.text, stopped)
  const { stream, key } = record
  const nobody = pseudonymise(await traceMapping(mapping), { stream, key, tree: treeOf(record, seq) })
  const isKeyUsed = Object.values(mapping.files).some((text) => text.includes('$key'))
  const form = (named: string) => toSampleRecord(record, { tree: nobody.tree, key: nobody.key, name: named, isKeyUsed })
  const outcome = await outcomeOfRecord(mapping, form('sample').record)
  const called = options.name ?? sampleName(outcome, seq)
  const sample = form(called)
  const text = sampleText(sample, outcome)
  if (isLeaking(`${text}\n${sample.text}`, nobody.personal)) {
    throw refused(seq, {
      zh: '换名之后仍有其中的个人信息，例如写在了代码或日期里',
      en: 'personal data of it is still there after the replacement, for example inside a code or a date',
    })
  }
  const [department, mappingFile] = name.split('/') as [string, string]
  const shown = `mappings/${department}/samples/${mappingFile}`
  const beside = join(mappings, department, 'samples', mappingFile)
  if (sample.beside) writeNew(join(beside, sample.beside.file), `${shown}/${sample.beside.file}`, sample.beside.bytes)
  try {
    writeNew(join(beside, `${called}.yaml`), `${shown}/${called}.yaml`, text)
  } catch (error) {
    if (sample.beside) rmSync(join(beside, sample.beside.file), { force: true })
    throw error
  }
  const file = `${shown}/${called}.yaml`
  const [result] = await runSamples(mappings, mapping, (one) => one === file)
  return { file, outcome, ok: result?.ok === true }
}

const outcomeText = (outcome: SampleOutcome): string =>
  'messages' in outcome
    ? outcome.messages.map((message) => (message as { type: string }).type).join(', ')
    : 'ignored' in outcome
      ? `忽略 ignored: ${outcome.ignored}`
      : `隔离 quarantined: ${outcome.quarantined}${outcome.field ? ` ${outcome.field}` : ''}`

export const sampleCommand = (io: Io): Command =>
  new Command('sample')
    .description(
      '由存储中的一条记录生成样例：个人信息换成化名，期望结果由现在的映射得出 / make a sample of a stored record: personal data is replaced by pseudonyms, what is expected comes from the mapping of now',
    )
    .argument('<message>', '消息编号或记录编号，隔离的也可以 / id of a message, or number of a record, also one in quarantine')
    .option('--name <name>', '样例的文件名，不含扩展名 / name of the file, without its ending', toName)
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi sample 17\n  qianzhi sample housing:ZJ001:application.received:::1 --name received-by-post\n\n退出码 / Exit: 0 已写出并符合 written, and as expected, 1 映射有误，没有写出 the mapping has mistakes, nothing was written',
    )
    .action(async (given: string, options: Options) => {
      await withStore(options.config, async (store) => {
        const made = await makeSample(store, given, options)
        if (!('file' in made)) {
          if (options.json) io.out(JSON.stringify({ problems: made.map(errorToJson) }))
          else for (const problem of made) io.err(formatError(problem))
          return io.exit(1)
        }
        if (options.json) io.out(JSON.stringify(made))
        else {
          io.out(`${made.ok ? '✓' : '✗'} ${made.file}  →  ${outcomeText(made.outcome)}`)
          io.out('提交前请人工核对：不应再有任何真实信息。 / Read it before it is committed: nothing real may be left in it.')
        }
        if (!options.json)
          for (const note of foldersNote({ mappings: saidMappingsFolder({ config: options.config }) })) io.out(note)
        io.exit(made.ok ? 0 : 1)
      })
    })
