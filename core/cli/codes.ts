import { Command } from 'commander'
import { GatewayError } from '../errors.ts'
import { shownDays } from '../mapping/codes/days.ts'
import type { TableVersion } from '../mapping/codes/table.ts'
import { listMappings, loadMapping } from '../mapping/load.ts'
import { codesDiffCommand } from './codes-diff.ts'
import { codesImportCommand } from './codes-import.ts'
import { configForMappingsFlag, type MappingsOptions, mappingsFlag, mappingsFolder } from './folders.ts'
import { formatError, type Io, table } from './io.ts'
import { jsonFlag } from './open.ts'

const toJson = (mapping: string, name: string, version: TableVersion) => ({
  mapping,
  table: name,
  version: version.version,
  system: version.system,
  standard: version.standard,
  from: version.from,
  to: version.to,
  direction: version.direction,
  lossy: version.lossy,
  total: version.source !== undefined,
  codes: new Set(version.rows.map(({ code }) => code)).size,
  at: version.at,
})

type Listed = ReturnType<typeof toJson>

const toLine = (listed: Listed): string[] => [
  `${listed.mapping}:${listed.table}${listed.version === undefined ? '' : `@${listed.version}`}`,
  listed.standard ?? '',
  shownDays({ from: listed.from, to: listed.to }),
  listed.direction,
  listed.lossy ? '✓' : '',
  listed.total ? '✓' : '',
  String(listed.codes),
  listed.at,
]

const header = [
  '代码表 table',
  '标准 standard',
  '起止 days',
  '方向 direction',
  '合并 lossy',
  '全集 total',
  '代码 codes',
  '位置 where',
]

const listCommand = (io: Io): Command =>
  new Command('list')
    .description('列出各映射的代码表及其版本 / list the code tables of mappings, with their versions')
    .argument('[mapping]', '映射名（部门/文件名），不写则全部 / one mapping; all when absent')
    .option(...mappingsFlag)
    .option(...configForMappingsFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi codes list\n  qianzhi codes list market/licence --json\n\n退出码 / Exit: 0 已列出 listed, 1 有映射不能读 a mapping is not in order',
    )
    .action(async (only: string | undefined, options: MappingsOptions & { json?: boolean }) => {
      const folder = mappingsFolder(options)
      const names = listMappings(folder).filter((name) => only === undefined || name === only)
      if (names.length === 0)
        throw GatewayError.of('COMMAND_USAGE', {
          reason: { zh: `没有映射 ${only ?? ''}`, en: `there is no mapping ${only ?? ''}` },
        })
      const listed: Listed[] = []
      let inOrder = true
      for (const name of names) {
        const { mapping, problems } = await loadMapping(folder, name)
        for (const problem of problems) io.err(formatError(problem))
        if (!mapping) inOrder = false
        for (const { name: tableName, versions } of mapping?.tables.values() ?? [])
          listed.push(...versions.map((version) => toJson(name, tableName, version)))
      }
      io.out(options.json ? JSON.stringify(listed) : table(header, listed.map(toLine)))
      io.exit(inOrder ? 0 : 1)
    })

export const codesCommand = (io: Io): Command =>
  new Command('codes')
    .description('代码表：列出、比较、导入 / code tables: list, diff, import')
    .addCommand(listCommand(io))
    .addCommand(codesDiffCommand(io))
    .addCommand(codesImportCommand(io))
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi codes list\n  qianzhi codes diff market/licence:outcome@old market/licence:outcome@2020\n  qianzhi codes import 办结结果.csv --to mappings/market/codes/done-result-2020.yaml',
    )
