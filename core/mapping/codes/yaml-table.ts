import { GatewayError } from '../../errors.ts'
import type { YamlFile, YamlPath } from '../../yaml.ts'
import { checkKeys, isMapping } from '../compile-context.ts'
import { wordsOf } from '../language/construct.ts'
import { tableParts } from '../language/tables.ts'
import type { TableVersion } from './table.ts'
import { toTableVersion } from './to-table.ts'
import {
  declarationKeys,
  type Findings,
  invalid,
  rowKeys,
  type Written,
  type WrittenRow,
  type WrittenTable,
} from './written-table.ts'

/** A scalar that is text once written; null, a list or a mapping is nothing that a code table can hold. */
const writtenAt = (yaml: YamlFile, path: YamlPath): Written | undefined => {
  const text = yaml.textAt(path)
  return text === undefined || text.trim() === '' ? undefined : { text: text.trim(), at: yaml.at(path) }
}

/** `"1": natural`, one line for each code. */
const shortTable = (name: string, yaml: YamlFile, path: YamlPath, value: unknown, { problems }: Findings): WrittenTable => {
  if (!isMapping(value))
    problems.push(
      invalid(yaml.at(path), {
        zh: `代码表 ${name} 应写成 代码: 目标值，或 rows`,
        en: `code table ${name} must be written as code: value, or with rows`,
      }),
    )
  const rows: WrittenRow[] = []
  for (const { key, value: target, text, at, keyAt } of yaml.entriesAt(path)) {
    if (text === undefined || target === null) {
      const reason = {
        zh: `代码“${key}”的目标值应为文字、整数或 true/false`,
        en: `the target of code "${key}" must be text, a whole number or true/false`,
      }
      problems.push(invalid(at, reason))
      continue
    }
    const cells = new Map(Object.entries({ code: { text: key, at: keyAt }, value: { text, at } }))
    rows.push({ cells, when: undefined, at })
  }
  return { name, declared: false, declarations: new Map(), source: undefined, reverse: [], rows, at: yaml.at(path) }
}

const rowAt = (yaml: YamlFile, path: YamlPath, value: unknown, findings: Findings): WrittenRow => {
  const at = yaml.at(path)
  if (!isMapping(value)) {
    findings.problems.push(
      invalid(at, { zh: '每一行写成 { code: …, value: … }', en: 'each row is written { code: …, value: … }' }),
    )
    return { cells: new Map(), when: undefined, at }
  }
  checkKeys({ yaml, problems: findings.problems }, value, path, rowKeys)
  const cells = new Map<string, Written>()
  for (const key of rowKeys) {
    const written = key === 'when' || value[key] === null ? undefined : writtenAt(yaml, [...path, key])
    if (written) cells.set(key, written)
  }
  const when = value['when'] === undefined ? undefined : { yaml, path: [...path, 'when'], value: value['when'] }
  return { cells, when, at }
}

const declaredTable = (
  name: string,
  yaml: YamlFile,
  path: YamlPath,
  value: Record<string, unknown>,
  findings: Findings,
): WrittenTable => {
  checkKeys({ yaml, problems: findings.problems }, value, path, [...declarationKeys, ...wordsOf(tableParts)])
  const list = (key: string) => (Array.isArray(value[key]) ? (value[key] as unknown[]) : [])
  if (value['source'] !== undefined && !Array.isArray(value['source']))
    findings.problems.push(
      invalid(yaml.at([...path, 'source']), {
        zh: 'source 应为代码的列表，如 ["0", "1"]',
        en: 'source must be a list of codes such as ["0", "1"]',
      }),
    )
  const declarations = new Map<string, Written>()
  for (const key of declarationKeys) {
    const written = value[key] === null ? undefined : writtenAt(yaml, [...path, key])
    if (written) declarations.set(key, written)
  }
  const reverse = yaml.entriesAt([...path, 'reverse']).map(({ key, text, at, keyAt }): [Written, Written] => [
    { text: key, at: keyAt },
    { text: text ?? '', at },
  ])
  const source = list('source')
    .map((_, index) => writtenAt(yaml, [...path, 'source', index]))
    .filter((code) => code !== undefined)
  return {
    name,
    declared: true,
    declarations,
    source: value['source'] === undefined ? undefined : source,
    reverse,
    rows: list('rows').map((row, index) => rowAt(yaml, [...path, 'rows', index], row, findings)),
    at: yaml.at(path),
  }
}

/** A table written in YAML at a path: short (`"1": natural`), or what it is and its rows. Mistakes are collected. */
export const tableFromYaml = (name: string, yaml: YamlFile, path: YamlPath, value: unknown, findings: Findings): TableVersion => {
  const isDeclared = isMapping(value) && Array.isArray(value['rows'])
  if (isMapping(value) && isMapping(value['rows']))
    findings.problems.push(
      invalid(yaml.at([...path, 'rows']), {
        zh: `代码表 ${name} 的 rows 须为列表，每行 { code: …, value: … }`,
        en: `rows of code table ${name} must be a list, each { code: …, value: … }`,
      }),
    )
  if (isMapping(value) && !isDeclared && value['rows'] === undefined && ['version', 'source'].some((key) => key in value)) {
    findings.problems.push(GatewayError.of('CONFIG_KEY_MISSING', { at: yaml.at(path), key: 'rows' }))
  }
  const written = isDeclared ? declaredTable(name, yaml, path, value, findings) : shortTable(name, yaml, path, value, findings)
  return toTableVersion(written, findings)
}
