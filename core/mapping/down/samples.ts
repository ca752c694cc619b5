/** Samples of a mapping of the way down: a message of the platform, and what it is expected to write. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalTextOf, type MessageDraft, type Stamp, toCloudEvent, validateDraft } from '../../canonical/index.ts'
import type { Json } from '../../contract.ts'
import { GatewayError, toGatewayError } from '../../errors.ts'
import { pointerToPath } from '../../json-pointer.ts'
import { readYaml, type YamlFile } from '../../yaml.ts'
import { checkKeys, isMapping } from '../compile-context.ts'
import { isFolder } from '../load.ts'
import { type CheckedSample, checkErrorCode, differencesOf, quarantinedBy } from '../samples.ts'
import type { DownMapping, MessageToWrite } from './mapping.ts'

/** What a sample's message came to, in the form in which a sample states what it expects. */
export type DownOutcome = { operations: Json[] } | { ignored: string } | { quarantined: string; field?: string }

const sampleKeys = ['message', 'expected']
const expectedKeys = ['operations', 'ignored', 'quarantined', 'field']

/** Who sends the message of a sample: what of it a mapping may read is the same in every run. */
const stamp: Omit<Stamp, 'dataVersion'> = {
  source: {
    system: 'platform',
    department: '11150900PDY00001XA',
    region: '150900',
    adapter: 'platform',
    mapping: 'platform',
    mappingVersion: '1',
  },
  dataVersionOrigin: 'source',
  seenAt: Date.UTC(2026, 0, 1),
}

/** The message as the way down has it when it comes from the broker. Undefined where the sample is no message: `problems` then says why. */
const messageOf = (yaml: YamlFile, problems: GatewayError[]): MessageToWrite | undefined => {
  const given = isMapping(yaml.value) ? yaml.value['message'] : undefined
  if (!isMapping(given)) {
    problems.push(GatewayError.of('CONFIG_KEY_MISSING', { at: yaml.at([]), key: 'message' }))
    return undefined
  }
  const draft = { ...given, flags: [] } as unknown as MessageDraft
  const invalid = validateDraft(draft)
  if (invalid) {
    const at = pointerToPath(String(invalid.values['field'] ?? ''), ['message'])
    problems.push(GatewayError.of('MAPPING_INVALID', { at: yaml.at(at), reason: invalid.text }))
    return undefined
  }
  const { id, body } = toCloudEvent(draft, { ...stamp, dataVersion: draft.dataVersion ?? 1 }, canonicalTextOf(draft))
  return { id, type: draft.type, data: (JSON.parse(body) as { data: Record<string, unknown> }).data }
}

const outcomeOf = (mapping: DownMapping, message: MessageToWrite): DownOutcome => {
  const made = mapping.translate(message)
  if (made.outcome === 'ignored') return { ignored: made.reason }
  if (made.outcome === 'failed') return quarantinedBy(made.error)
  return JSON.parse(JSON.stringify({ operations: made.operations }))
}

const trySample = (mapping: DownMapping, path: string, file: string): CheckedSample<DownOutcome> => {
  const problems: GatewayError[] = []
  const untried = { file, ok: false, problems, differences: [], found: undefined }
  try {
    const yaml = readYaml(path, file)
    const top = isMapping(yaml.value) ? yaml.value : {}
    checkKeys({ yaml, problems }, top, [], sampleKeys)
    if (isMapping(top['expected'])) checkKeys({ yaml, problems }, top['expected'], ['expected'], expectedKeys)
    checkErrorCode(yaml, top['expected'], problems)
    const message = messageOf(yaml, problems)
    if (problems.length > 0 || !message) return untried
    const found = outcomeOf(mapping, message)
    const differences = differencesOf(top['expected'], found)
    return { file, ok: differences.length === 0, problems, differences, found }
  } catch (thrown) {
    problems.push(toGatewayError(thrown))
    return untried
  }
}

/**
 * Runs all samples of a mapping: the YAML files of `down/samples/<mapping>/` of its department. A sample without `expected` fails and shows what
 * was found; one whose file has mistakes, or whose message the platform could not send, fails untried.
 */
export const runDownSamples = (mappingsFolder: string, mapping: DownMapping): CheckedSample<DownOutcome>[] => {
  const [department, name] = mapping.name.split('/') as [string, string]
  const folder = join(mappingsFolder, department, 'down', 'samples', name)
  const files = isFolder(folder) ? readdirSync(folder).filter((file) => file.endsWith('.yaml')) : []
  return files.sort().map((file) => {
    const shown = `mappings/${department}/down/samples/${name}/${file}`
    return trySample(mapping, join(folder, file), shown)
  })
}
