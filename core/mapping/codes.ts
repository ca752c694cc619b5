import { parse as parseCsv } from 'csv-parse/sync'
import { GatewayError } from '../errors.ts'
import { parseYaml, type YamlFile } from '../yaml.ts'

export interface CodeTable {
  name: string
  /** Source code as text -> canonical value. What is not here is unknown, and never guessed. */
  values: ReadonlyMap<string, string | boolean>
  /** `file:line:column` of each row, for explanations. */
  at: ReadonlyMap<string, string>
}

const isCanonicalValue = (value: unknown): value is string | boolean => typeof value === 'string' || typeof value === 'boolean'

/** A table written in YAML at a path: `"1": natural`. Mistakes are collected. */
export const tableFromYaml = (
  name: string,
  yaml: YamlFile,
  path: (string | number)[],
  value: unknown,
  problems: GatewayError[],
): CodeTable => {
  const values = new Map<string, string | boolean>()
  const at = new Map<string, string>()
  for (const [code, target] of Object.entries((value ?? {}) as Record<string, unknown>)) {
    const place = yaml.at([...path, code])
    if (!isCanonicalValue(target)) {
      const reason = {
        zh: `代码“${code}”的目标值应为文字或 true/false`,
        en: `the target of code "${code}" must be text or true/false`,
      }
      problems.push(GatewayError.of('MAPPING_INVALID', { at: place, reason }))
      continue
    }
    values.set(code, target)
    at.set(code, place)
  }
  return { name, values, at }
}

/** A table in a file of its own: `.yaml` as above, or `.csv` with a header line that names at least `code` and `value`. */
export const tableFromFile = (name: string, file: string, text: string, problems: GatewayError[]): CodeTable => {
  if (!file.endsWith('.csv')) {
    const yaml = parseYaml(file, text)
    return tableFromYaml(name, yaml, [], yaml.value, problems)
  }
  const values = new Map<string, string | boolean>()
  const at = new Map<string, string>()
  const invalid = (line: number, zh: string, en: string) =>
    problems.push(GatewayError.of('MAPPING_INVALID', { at: `${file}:${line}:1`, reason: { zh, en } }))
  const rows = parseCsv(text, { bom: true, relax_column_count: true, skip_empty_lines: true, info: true }) as unknown as {
    record: string[]
    info: { lines: number }
  }[]
  const header = rows.shift()?.record.map((column) => column.trim()) ?? []
  const [codeAt, valueAt] = [header.indexOf('code'), header.indexOf('value')]
  if (codeAt < 0 || valueAt < 0) {
    invalid(1, '首行须含 code 与 value 两列', 'the header line must name the columns code and value')
    return { name, values, at }
  }
  for (const { record, info } of rows) {
    const code = (record[codeAt] ?? '').trim()
    const value = (record[valueAt] ?? '').trim()
    if (values.has(code)) invalid(info.lines, `代码“${code}”重复`, `code "${code}" is given twice`)
    else if (value === '') invalid(info.lines, `代码“${code}”没有目标值`, `code "${code}" has no value`)
    else {
      values.set(code, value === 'true' ? true : value === 'false' ? false : value)
      at.set(code, `${file}:${info.lines}:1`)
    }
  }
  return { name, values, at }
}
