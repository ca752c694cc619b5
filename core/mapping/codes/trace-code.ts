/** Which row of which version of a code table a rule used: for a trace, beside the rule itself. */
import type { YamlPath } from '../../yaml.ts'
import { type CompileContext, isMapping, type Mapping, type Scope } from '../compile-context.ts'
import { type Condition, compileCondition } from '../conditions.ts'
import { compileChoice, compileDay, compileNamed } from './choose-version.ts'
import { namedTable } from './code-step.ts'
import { holds } from './days.ts'
import { compileLookup } from './lookup.ts'
import type { CodeRow } from './table.ts'

export interface UsedRow {
  /** The version of the table, `doneResult@2020`; the table's name while it is not known which. */
  by: string
  /** The day of the fact, when it decided. */
  day?: string
  /** `file:line:column` of the value in its row. */
  at?: string
}

/** `given` is the `codes:` of a rule whose mistakes have been told. */
export const codeTracer = (
  given: CompileContext,
  written: unknown,
  path: YamlPath,
): ((text: string, scope: Scope) => UsedRow) => {
  const context: CompileContext = { ...given, paths: [], problems: [], usedTables: new Set(), trace: undefined }
  const use: Mapping = isMapping(written) ? written : { table: written }
  const table = namedTable(context, String(use['table'] ?? ''), path)
  if (!table) return () => ({ by: String(use['table'] ?? '') })
  const lookups = table.versions.map((version) => [version, compileLookup(context, version, false)] as const)
  const known = table.versions.map(({ version }) => version ?? '')
  const named = use['version'] === undefined ? undefined : compileNamed(context, use['version'], [...path, 'version'], known)
  const day = use['by'] === undefined ? undefined : compileDay(context, use['by'], [...path, 'by'])
  const choose = compileChoice(lookups, named, day)
  const conditions = new Map<CodeRow, Condition>()
  for (const row of table.versions.flatMap(({ rows }) => rows)) {
    const { when } = row
    if (when) conditions.set(row, compileCondition({ ...context, yaml: when.yaml }, when.value, when.path))
  }
  return (text, scope) => {
    const choice = choose(scope)
    if ('reason' in choice) return { by: table.name }
    const version = lookups.find(([, lookup]) => lookup === choice.lookup)?.[0]
    const rows = (version?.rows ?? []).filter(
      (row) =>
        row.code === text && (choice.day === undefined || holds(row, choice.day)) && (conditions.get(row)?.(scope) ?? true),
    )
    return {
      by: choice.lookup.label,
      ...(choice.day === undefined ? {} : { day: choice.day }),
      ...(rows.length === 1 ? { at: rows[0]!.valueAt } : {}),
    }
  }
}
