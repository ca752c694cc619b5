import { existsSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { Command } from 'commander'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, type Text } from '../errors.ts'
import { tableFromFile } from '../mapping/codes/declared-tables.ts'
import { type CodeDifference, diffTables, type Meaning, type TableDifference } from '../mapping/codes/diff.ts'
import type { TableVersion } from '../mapping/codes/table.ts'
import { readTableText } from '../mapping/codes/table-text.ts'
import { loadMapping } from '../mapping/load.ts'
import { configForMappingsFlag, type MappingsOptions, mappingsFlag, mappingsFolder } from './folders.ts'
import type { Io } from './io.ts'
import { jsonFlag } from './open.ts'

const usage = (reason: Text): GatewayError => GatewayError.of('COMMAND_USAGE', { reason })

const fromFile = (file: string): TableVersion => {
  const problems: GatewayError[] = []
  const name = basename(file, extname(file))
  const table = tableFromFile(name, file, readTableText(resolve(file), file), { problems, warnings: [] })
  if (problems[0] || !table) throw problems[0]
  return table
}

const fromMapping = async (written: string, options: MappingsOptions): Promise<TableVersion> => {
  const [, name, wanted] = /^([^/:]+\/[^/:]+):(.+)$/.exec(written) ?? []
  if (!name || !wanted)
    throw usage({
      zh: `“${written}”既不是文件，也不是 部门/映射:表@版本`,
      en: `"${written}" is neither a file nor <department>/<mapping>:<table>@<version>`,
    })
  const { mapping, problems } = await loadMapping(mappingsFolder(options), name)
  if (!mapping) throw problems[0]
  const versions = [...mapping.tables.values()].flatMap((table) =>
    table.versions.map((version) => ({ name: table.name, version })),
  )
  const found = versions.filter(({ name: table, version }) => version.label === wanted || table === wanted)
  if (found.length === 1) return found[0]!.version
  const known = versions.map(({ version }) => version.label)
  const { zh, en } =
    found.length > 1 ? { zh: `可用：${known.join(', ')}`, en: `Known: ${known.join(', ')}` } : didYouMean(wanted, known)
  throw usage({
    zh: found.length > 1 ? `代码表 ${wanted} 有几版，写明哪一版。${zh}` : `映射 ${name} 没有代码表 ${wanted}。${zh}`,
    en:
      found.length > 1
        ? `code table ${wanted} has several versions: say which. ${en}`
        : `mapping ${name} has no code table ${wanted}. ${en}`,
  })
}

/** A file, or `market/licence:outcome@2020`. */
const readTable = async (written: string, options: MappingsOptions): Promise<TableVersion> =>
  existsSync(resolve(written)) ? fromFile(written) : fromMapping(written, options)

const shown = ({ value, label, only }: Meaning): string =>
  `${value}${label === undefined ? '' : `（${label}）`}${only === undefined ? '' : ` [${only}]`}`

const sideOf = (meanings: readonly Meaning[]): string => meanings.map(shown).join(' | ')

const places = ({ before, after }: CodeDifference): string =>
  [before[0]?.at, after[0]?.at].filter((at) => at !== undefined).join(' → ')

const printed = ({ declared, flipped, added, removed, reworded, same }: TableDifference): string[] => {
  const part = (title: string, mark: string, entries: readonly CodeDifference[], line: (entry: CodeDifference) => string) =>
    entries.length === 0
      ? []
      : [
          `\n${title} (${entries.length})`,
          ...entries.map((entry) => `${mark} ${entry.code}  ${line(entry)}\n      ${places(entry)}`),
        ]
  const both = (entry: CodeDifference) => `${sideOf(entry.before)}\n    → ${sideOf(entry.after)}`
  const said = declared.map(({ name, before, after }) => `~ ${name}: ${before || '—'} → ${after || '—'}`)
  return [
    ...part(
      '⚠ 含义改变：同一代码在某日或某条件下不是一回事 / MEANING CHANGED: on some day or condition the same code is another thing',
      '!',
      flipped,
      both,
    ),
    ...part('新增 / added', '+', added, ({ after }) => sideOf(after)),
    ...part('删除 / removed', '-', removed, ({ before }) => sideOf(before)),
    ...part('含义不变，只是名称或写法改变 / same meaning, other label or way of writing it', '~', reworded, both),
    ...(said.length === 0 ? [] : [`\n表的说明改变 / what the table says of itself (${said.length})`, ...said]),
    `\n相同 / the same: ${same}`,
  ]
}

export const codesDiffCommand = (io: Io): Command =>
  new Command('diff')
    .description(
      '比较两张代码表：含义改变、新增、删除的代码 / compare two code tables: codes that changed their meaning, were added, removed',
    )
    .argument('<a>', '文件，或 部门/映射:表@版本 / a file, or <department>/<mapping>:<table>@<version>')
    .argument('<b>', '同上 / the same')
    .option(...mappingsFlag)
    .option(...configForMappingsFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi codes diff market/licence:outcome@old market/licence:outcome@2020\n  qianzhi codes diff old.csv mappings/market/codes/done-result-2020.yaml --json\n\n退出码 / Exit: 0 各代码含义相同 all codes mean the same, 1 有不同 some do not',
    )
    .action(async (a: string, b: string, options: MappingsOptions & { json?: boolean }) => {
      const [before, after] = [await readTable(a, options), await readTable(b, options)]
      const difference = diffTables(before, after)
      if (options.json) io.out(JSON.stringify({ before: before.label, after: after.label, ...difference }))
      else io.out([`${before.label} (${before.at}) → ${after.label} (${after.at})`, ...printed(difference)].join('\n'))
      io.exit(difference.flipped.length + difference.added.length + difference.removed.length === 0 ? 0 : 1)
    })
