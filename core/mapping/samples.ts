import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { MessageDraft } from '../canonical/index.ts'
import type { ContentType, Json, SourceRecord } from '../contract.ts'
import { didYouMean } from '../did-you-mean.ts'
import { errorCodes, GatewayError, toGatewayError } from '../errors.ts'
import { judgeDraft } from '../judge-draft.ts'
import { findMisnamed } from '../misnamed.ts'
import { readRecord } from '../read-record.ts'
import { readYaml, type YamlFile, type YamlPath } from '../yaml.ts'
import { checkKeys, isMapping } from './compile-context.ts'
import { listDepartments } from './load.ts'
import type { Mapping, Translation } from './mapping.ts'
import { needsThread } from './own-code.ts'
import type { RecordForm } from './random-records.ts'

/** What a sample's record came to, in the form in which a sample states what it expects. */
export type SampleOutcome = { messages: Json[] } | { ignored: string } | { quarantined: string; field?: string }

/** What two values do not have in common, as text. */
export interface Difference {
  path: string
  expected: string
  found: string
}

/** A sample of either way. */
export interface CheckedSample<Outcome> {
  file: string
  ok: boolean
  /** Mistakes of the sample file itself. */
  problems: GatewayError[]
  differences: Difference[]
  /** What the mapping made of it now; undefined when its file has mistakes: it was not tried then. */
  found: Outcome | undefined
}

export interface SampleResult extends CheckedSample<SampleOutcome> {
  /** What its record is. */
  form: RecordForm
}

interface Sample {
  stream: string
  key?: string
  /** The record's text; or `bodyFile` beside the sample, read as bytes with `charset`. */
  body?: string
  bodyFile?: string
  charset?: string
  /** A row or JSON record. */
  row?: Json
  expected?: SampleOutcome
}

const sampleKeys = ['stream', 'key', 'body', 'bodyFile', 'charset', 'row', 'expected']
const expectedKeys = ['messages', 'ignored', 'quarantined', 'field']

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

const bodyKeys = ['row', 'body', 'bodyFile']

/** The code that a sample expects must be one that there is. */
export const checkErrorCode = (yaml: YamlFile, expected: unknown, problems: GatewayError[]): void => {
  const code = isMapping(expected) ? expected['quarantined'] : undefined
  if (code === undefined || errorCodes.includes(String(code))) return
  const { zh, en } = didYouMean(String(code), errorCodes)
  const reason = { zh: `没有错误代码“${code}”。${zh}`, en: `there is no error code "${code}". ${en}` }
  problems.push(GatewayError.of('MAPPING_INVALID', { at: yaml.at(['expected', 'quarantined']), reason }))
}

/** What a sample says of an error: its code, and the field that it is about. */
export const quarantinedBy = ({ code, values: { field } }: GatewayError): { quarantined: string; field?: string } => ({
  quarantined: code,
  ...(typeof field === 'string' ? { field } : {}),
})

/** A sample file with its mistakes; with any, there is no record in it to be tried. */
const readSample = (yaml: YamlFile, folder: string): { sample: Sample; problems: GatewayError[] } => {
  const problems: GatewayError[] = []
  const top = isMapping(yaml.value) ? yaml.value : {}
  checkKeys({ yaml, problems }, top, [], sampleKeys)
  if (isMapping(top['expected'])) checkKeys({ yaml, problems }, top['expected'], ['expected'], expectedKeys)
  if (top['stream'] === undefined) problems.push(GatewayError.of('CONFIG_KEY_MISSING', { at: yaml.at([]), key: 'stream' }))
  const said = (path: YamlPath, zh: string, en: string) =>
    problems.push(GatewayError.of('MAPPING_INVALID', { at: yaml.at(path), reason: { zh, en } }))
  const bodies = bodyKeys.filter((key) => top[key] !== undefined)
  if (bodies.length === 0 && problems.length === 0)
    said([], `没有记录：写 ${bodyKeys.join('、')} 之一`, `there is no record: give one of ${bodyKeys.join(', ')}`)
  if (bodies.length > 1) said([bodies[1]!], `${bodies.join('、')} 只能写其一`, `only one of ${bodies.join(', ')} may be given`)
  const { bodyFile } = top
  if (bodyFile !== undefined && !isFile(join(folder, String(bodyFile))))
    said(['bodyFile'], `样例旁没有文件 ${bodyFile}`, `there is no file ${bodyFile} beside the sample`)
  checkErrorCode(yaml, top['expected'], problems)
  return { sample: top as unknown as Sample, problems }
}

const contentTypeOf = (sample: Sample, body: string | Uint8Array): ContentType => {
  if (sample.row !== undefined) return 'application/json'
  const start = typeof body === 'string' ? body.trimStart()[0] : String.fromCharCode(body[0] ?? 0)
  return start === '{' || start === '[' ? 'application/json' : 'application/xml'
}

/** A sample says what the platform is told; how it came about is what the mapping beside it says. */
const withoutProvenance = ({ provenance: _, ...said }: MessageDraft): Omit<MessageDraft, 'provenance'> => said

/** In its own thread when it comes to own code, as the gateway does. */
const translate = async (mapping: Mapping, record: SourceRecord): Promise<Translation> => {
  const made = mapping.translate({ stream: record.stream, key: record.key, tree: readRecord(record) })
  const goesOn = mapping.isolated && made.outcome === 'failed' && needsThread(made.error)
  return goesOn ? (await mapping.isolated!.translate([record]))[0]! : made
}

const recordOf = (sample: Sample, folder: string): SourceRecord => {
  const body =
    sample.row !== undefined
      ? JSON.stringify(sample.row)
      : sample.bodyFile
        ? readFileSync(join(folder, sample.bodyFile))
        : (sample.body ?? '')
  return {
    stream: sample.stream,
    key: sample.key ?? 'sample',
    body,
    contentType: contentTypeOf(sample, body),
    ...(sample.charset ? { charset: sample.charset } : {}),
  }
}

/** What the mapping makes of a record, as a sample states it. Never throws for what the record holds. */
export const outcomeOfRecord = async (mapping: Mapping, record: SourceRecord): Promise<SampleOutcome> => {
  try {
    const translation = await translate(mapping, record)
    if (translation.outcome === 'ignored') return { ignored: translation.reason }
    if (translation.outcome === 'failed') return quarantinedBy(translation.error)
    const messages = translation.drafts.map((draft, index) =>
      withoutProvenance(judgeDraft(draft, translation.origins[index]!, mapping).flagged),
    )
    // Through JSON, so that what is compared is what would be sent.
    return JSON.parse(JSON.stringify({ messages }))
  } catch (thrown) {
    return quarantinedBy(toGatewayError(thrown))
  }
}

/** `parts` leads from the folder of a department to that of its samples. */
const strayIn = (mappingsFolder: string, parts: readonly string[], known: readonly string[]): GatewayError[] =>
  listDepartments(mappingsFolder).flatMap((department) => {
    const samples = join(mappingsFolder, department, ...parts)
    return listDepartments(samples).flatMap((name) => {
      const shown = ['mappings', department, ...parts, name].join('/')
      const misnamed = findMisnamed(join(samples, name), shown)
      if (known.includes(`${department}/${name}`)) return misnamed
      const { zh, en } = didYouMean(`${department}/${name}`, known)
      const reason = {
        zh: `没有名为 ${department}/${name} 的映射。${zh}`,
        en: `there is no mapping ${department}/${name}. ${en}`,
      }
      return [GatewayError.of('MAPPING_INVALID', { at: shown, reason }), ...misnamed]
    })
  })

/** Samples that no mapping is tested by: their folder names none, or their file would not be found. */
export const findStraySamples = (mappingsFolder: string, up: readonly string[], down: readonly string[]): GatewayError[] => [
  ...strayIn(mappingsFolder, ['samples'], up),
  ...strayIn(mappingsFolder, ['down', 'samples'], down),
]

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Field by field; what only one side has is shown as absent on the other. */
export const differencesOf = (expected: unknown, found: unknown, path = ''): Difference[] => {
  if (isObject(expected) && isObject(found) && Array.isArray(expected) === Array.isArray(found)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    return names.flatMap((name) => differencesOf(expected[name], found[name], `${path}/${name}`))
  }
  if (expected === found) return []
  const shown = (value: unknown) => (value === undefined ? '（无 absent）' : JSON.stringify(value))
  return [{ path: path || '/', expected: shown(expected), found: shown(found) }]
}

/** The record of a sample file, as the gateway would be given it. */
export const readSampleRecord = (folder: string, file: string): SourceRecord =>
  recordOf(readSample(readYaml(join(folder, file), file), folder).sample, folder)

/**
 * Runs all samples of a mapping: the YAML files of `samples/<mapping>/` beside it. A sample without `expected` fails and shows what was
 * found; one whose file has mistakes fails untried.
 */
export const runSamples = async (
  mappingsFolder: string,
  mapping: Mapping,
  isWanted: (file: string) => boolean = () => true,
): Promise<SampleResult[]> => {
  const [department, name] = mapping.name.split('/') as [string, string]
  const folder = join(mappingsFolder, department, 'samples', name)
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.yaml')) : []
  const results: SampleResult[] = []
  for (const file of files.sort()) {
    const shown = `mappings/${department}/samples/${name}/${file}`
    if (!isWanted(shown)) continue
    const yaml = readYaml(join(folder, file), shown)
    const { sample, problems } = readSample(yaml, folder)
    if (problems.length > 0) {
      results.push({ file: shown, ok: false, problems, differences: [], form: 'row', found: undefined })
      continue
    }
    const record = recordOf(sample, folder)
    const found = await outcomeOfRecord(mapping, record)
    const form = sample.row !== undefined ? 'row' : record.contentType === 'application/xml' ? 'xml' : 'json'
    const differences = differencesOf(sample.expected, found)
    results.push({ file: shown, ok: differences.length === 0, problems, differences, form, found })
  }
  await mapping.isolated?.close()
  return results
}
