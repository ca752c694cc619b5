import { GatewayError } from '../../errors.ts'
import type { CodeTable, TableVersion } from './table.ts'

/** One warning for each table, or version of one, that no rule uses. */
export const unusedTables = (tables: Iterable<CodeTable>, used: ReadonlySet<TableVersion>): GatewayError[] =>
  [...tables].flatMap(({ versions, at, name }) => {
    const unused = versions.filter((version) => !used.has(version))
    const reason = { zh: '没有规则使用它', en: 'no rule uses it' }
    if (unused.length === versions.length) return [GatewayError.of('CODE_TABLE_DOUBTFUL', { at, table: name, reason })]
    return unused.map((version) => GatewayError.of('CODE_TABLE_DOUBTFUL', { at: version.at, table: version.label, reason }))
  })
