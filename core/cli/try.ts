import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { adapterContext } from '../adapter-context.ts'
import { systemClock } from '../clock.ts'
import { streamsOf } from '../compare-systems.ts'
import { listSystems, loadGatewayOptions, loadSystem } from '../config/load.ts'
import type { SourceRecord } from '../contract.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import { createEvents } from '../events.ts'
import { tryRecord } from '../explain/retrace.ts'
import { comparePaths } from '../mapping/compare-paths.ts'
import { findStopped } from '../mapping/isolation.ts'
import { listMappings, loadMapping } from '../mapping/load.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'
import { probeBudget, probeMs, type StreamFields } from '../probe.ts'
import { foldersNote, mappingsFlag, mappingsFolder, saidMappingsFolder } from './folders.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { configContext, jsonFlag } from './open.ts'
import { type FileQuestion, fileTypes, recordsOfFile } from './try-file.ts'
import { peek } from './try-system.ts'
import { triedJson, triedText } from './try-text.ts'

interface Options extends FileQuestion {
  config?: string
  mappings?: string
  system?: string
  limit?: number
  explain?: boolean
  unmasked?: boolean
  json?: boolean
}

interface Question {
  mapping: Mapping
  records: SourceRecord[]
  /** Paths of the mapping that lead to nothing that the system has, and what keeps the rest from being read. */
  astray: readonly GatewayError[]
}

/** Mistakes of the mapping or of the configuration, which keep anything from being tried. */
type Problems = readonly GatewayError[]

const usage = (zh: string, en: string) => GatewayError.of('COMMAND_USAGE', { reason: { zh, en } })

const toLimit = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('须为 1 到 999999 / must be 1 to 999999')
  return Number(text)
}

const unknown = (what: { zh: string; en: string }, name: string, known: readonly string[]): GatewayError => {
  const { zh, en } = didYouMean(name, known)
  return usage(`没有${what.zh}“${name}”。${zh}`, `there is no ${what.en} "${name}". ${en}`)
}

const ofFile = async (name: string, file: string, options: Options): Promise<Question | Problems> => {
  const folder = mappingsFolder(options)
  const known = listMappings(folder)
  if (!known.includes(name)) throw unknown({ zh: '映射', en: 'mapping' }, name, known)
  const { mapping, problems } = await loadMapping(folder, name)
  if (!mapping) return problems
  const records = await recordsOfFile(file, options)
  return { mapping, records: records.slice(0, options.limit ?? records.length), astray: [] }
}

const notesOf = (options: Options): string[] =>
  foldersNote(
    options.system === undefined
      ? { mappings: saidMappingsFolder(options) }
      : { config: options.config, mappings: saidMappingsFolder({ config: options.config ?? 'config' }) },
  )

/** What the gateway would refuse unread for its size. */
const withinLimit = (record: SourceRecord, limit: number): SourceRecord => {
  const size = Buffer.byteLength(record.body)
  if (record.fault || size <= limit) return record
  return { ...record, fault: GatewayError.of('RECORD_TOO_LARGE', { size, limit }) }
}

const late = (system: string): GatewayError => GatewayError.of('SOURCE_TIMEOUT', { system, timeoutMs: probeMs })

const ofSystem = async (name: string, options: Options, io: Io): Promise<Question | Problems> => {
  const folder = resolve(options.config ?? 'config')
  const { mappings, limits } = loadGatewayOptions(folder)
  const known = listSystems(folder)
  if (!known.includes(name)) throw unknown({ zh: '系统', en: 'system' }, name, known)
  const { config: system, problems } = await loadSystem(folder, name, resolve(folder, mappings), await configContext(io))
  if (!system) return problems
  if (!system.read) throw GatewayError.of('SYSTEM_NOT_READ', { system: name })
  const { options: reading, mappingModule: mapping } = system.read
  const events = createEvents()
  events.on('source:warned', ({ error }) => io.err(formatError(error)))
  const source = system.adapterModule.openSource(reading, adapterContext(system, { folder }, systemClock, events))
  try {
    const { limit = 10, stream } = options
    const onServing = () =>
      io.err(
        '等待推送，显示第一批；推送方得到 503，会再发。 / Waiting for a post, to show the first; its sender is told 503 and sends again.',
      )
    let described: readonly StreamFields[] = []
    const onDescribed = (streams: readonly StreamFields[]) => {
      described = streams
    }
    const { records, goesOn } = await peek(source, { limit, stream, onServing, onDescribed, interrupted: io.interrupted })
    // What a run gives before it ends with an error was looked at; the error is behind it. A source that marks what it has given is left alone.
    const mayHideMore = records.length < limit && (goesOn || records.length === 0) && !io.interrupted.aborted
    const steps = mayHideMore ? await source.probe(probeBudget(io.interrupted, late(name))) : []
    const streams = streamsOf(steps).map((one) => one.stream)
    if (stream !== undefined && records.length === 0 && streams.length > 0 && !streams.includes(stream))
      throw unknown({ zh: '数据流', en: 'stream' }, stream, streams)
    return {
      mapping,
      records: records.map((record) => withinLimit(record, limits.maxRecordBytes)),
      astray: [...comparePaths(mapping, described).problems, ...steps.flatMap(({ error }) => error ?? [])],
    }
  } finally {
    await source.close()
  }
}

const readQuestion = (mapping: string | undefined, file: string | undefined, options: Options, io: Io) => {
  if (options.system !== undefined) {
    if (mapping !== undefined) throw usage('有 --system 时不写映射与文件', 'with --system there is no mapping or file to give')
    return ofSystem(options.system, options, io)
  }
  if (mapping === undefined || file === undefined)
    throw usage('请给出映射与文件，或 --system', 'give a mapping and a file, or --system')
  return ofFile(mapping, file, options)
}

const answer = async (io: Io, { mapping, records, astray }: Question, options: Options): Promise<void> => {
  const traced = await traceMapping(mapping)
  const shown = { explain: options.explain === true, unmasked: options.unmasked === true }
  const counts = { messages: 0, ignored: 0, quarantined: 0 }
  const unmapped = new Set<string>()
  const lines: object[] = []
  for (const [index, record] of records.entries()) {
    const fault = record.fault ?? (await findStopped(mapping, record))
    const tried = tryRecord(traced, fault ? { ...record, fault } : record)
    if (tried.outcome === 'messages') counts.messages += tried.messages.length
    else counts[tried.outcome] += 1
    if (tried.error?.code === 'EVENT_UNMAPPED') unmapped.add(record.stream)
    if (options.json) lines.push(triedJson(record, tried, traced, shown))
    else io.out(triedText(record, index + 1, tried, traced, shown))
  }
  await mapping.isolated?.close()
  const { messages, ignored, quarantined } = counts
  if (options.json)
    io.out(
      JSON.stringify({
        mapping: mapping.name,
        version: mapping.version,
        ...counts,
        problems: astray.map(errorToJson),
        records: lines,
      }),
    )
  else {
    for (const problem of astray) io.out(formatError(problem))
    if (options.system === undefined && options.stream === undefined)
      for (const stream of unmapped)
        io.out(
          `流名“${stream}”取自文件；若记录属于别的流，用 --stream 写明。 / The stream "${stream}" is taken from the file: if the records are of another one, say it with --stream.`,
        )
    if (astray.length + counts.quarantined > 0) for (const note of notesOf(options)) io.out(note)
    io.out(
      `试转 ${records.length} 条记录：消息 ${messages} 条，忽略 ${ignored} 条，将被隔离 ${quarantined} 条；没有存储、发送或改动任何东西。 / ` +
        `${records.length} records tried: ${messages} messages, ${ignored} ignored, ${quarantined} would be quarantined; nothing was stored, sent or changed.`,
    )
  }
  io.exit(quarantined > 0 || astray.length > 0 || records.length === 0 ? 1 : 0)
}

export const tryCommand = (io: Io): Command =>
  new Command('try')
    .description(
      '试转：看文件或在线系统的记录会成为什么消息，不存储、不发送、不改动任何东西 / see what messages the records of a file or of a live system would become; stores, sends and changes nothing',
    )
    .argument('[mapping]', '映射名（部门/文件名） / a mapping, <department>/<file>')
    .argument('[file]', 'XML、JSON 或 CSV 文件；JSON 数组与 CSV 每项一条记录 / an XML, JSON or CSV file')
    .option(
      '--system <name>',
      '改为读取在线系统的头几条，不作任何确认 / read the first records of a live system, acknowledging none',
    )
    .option('--limit <n>', '最多几条；在线系统默认 10 / how many at most; 10 of a live system', toLimit)
    .option(
      '--stream <name>',
      '记录所属的流；与 --system 连用时只看该流 / the stream of the records; with --system only those of it',
    )
    .addOption(new Option('--type <type>', '文件类型，不写则看扩展名 / type of the file, else by its ending').choices(fileTypes))
    .option('--charset <charset>', '文件的字符编码，默认 UTF-8 / charset of the file, UTF-8 by default')
    .option('--records <path>', 'XML 中记录的路径，如 Records/*；不写则整个文件是一条 / where the records are in an XML file')
    .option(...mappingsFlag)
    .option(
      '-c, --config <folder>',
      '配置文件夹，默认 config；映射文件夹以它为准 / configuration folder, config by default; says where the mappings are',
    )
    .option('--explain', '逐字段说明来源、每一步与来由 / tell the source of each field, each step and its provenance')
    .option('--unmasked', '不掩盖个人信息（注意保密） / show personal data')
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi try market/licence YW_SQ.json\n  qianzhi try civil/exchange file.xml --charset gb18030 --records "Records/*"\n  qianzhi try market/licence rows.csv --stream YW_BJ --explain\n  qianzhi try --system housing --limit 3\n\n退出码 / Exit: 0 都成为消息或按规则忽略 all become messages or are ignored by a rule, 1 有会被隔离的、映射写了来源没有的列，或没有记录 some would be quarantined, the mapping names what the source does not have, or there was none',
    )
    .action(async (mapping: string | undefined, file: string | undefined, options: Options) => {
      const question = await readQuestion(mapping, file, options, io)
      if ('mapping' in question) return answer(io, question, options)
      if (options.json) io.out(JSON.stringify({ problems: question.map(errorToJson) }))
      else for (const text of [...question.map(formatError), ...notesOf(options)]) io.err(text)
      io.exit(1)
    })
