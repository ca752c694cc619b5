import { writeFileSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { Command } from 'commander'
import { GatewayError } from '../errors.ts'
import { tableFromFile } from '../mapping/codes/declared-tables.ts'
import { importTable } from '../mapping/codes/import-table.ts'
import { compileLookup } from '../mapping/codes/lookup.ts'
import { readTableText } from '../mapping/codes/table-text.ts'
import type { Findings } from '../mapping/codes/written-table.ts'
import { openContext } from '../mapping/compile-context.ts'
import { parseYaml } from '../yaml.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { jsonFlag } from './open.ts'

interface Options {
  to: string
  code: string
  value: string
  label: string
  note: string
  force?: boolean
  json?: boolean
}

const write = (file: string, text: string, force: boolean): void => {
  try {
    writeFileSync(resolve(file), text, { flag: force ? 'w' : 'wx' })
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const reason = exists
      ? { zh: `${file} 已存在；加 --force 覆盖`, en: `${file} exists; add --force to write over it` }
      : { zh: `${file} 写不进去：${(cause as Error).message}`, en: `${file} cannot be written: ${(cause as Error).message}` }
    throw GatewayError.of('COMMAND_USAGE', { reason }, { cause })
  }
}

/** As a mapping would find it that uses the table, the conditions of its rows included. */
const checkTable = (file: string, text: string, findings: Findings): void => {
  const table = tableFromFile(basename(file, extname(file)), file, text, findings)
  if (table) compileLookup(openContext(parseYaml(file, text), findings.problems), table, false)
}

export const codesImportCommand = (io: Io): Command =>
  new Command('import')
    .description(
      '由表格软件存的 CSV（UTF-8 或 GB18030）生成代码表 YAML / make a code table of a CSV that a spreadsheet saved (UTF-8 or GB 18030)',
    )
    .argument('<file.csv>', '代码清单；Excel 请另存为 CSV / the list; from Excel, save as CSV')
    .requiredOption('--to <file.yaml>', '写入哪个文件 / the file to write')
    .option('--code <column>', '代码所在的列 / the column of codes', 'code')
    .option(
      '--value <column>',
      '目标值所在的列，没有则留待填写 / the column of values; without it they are left to be written',
      'value',
    )
    .option('--label <column>', '名称所在的列 / the column of labels', 'label')
    .option('--note <column>', '备注所在的列 / the column of notes', 'note')
    .option('--force', '覆盖已有的文件 / write over a file that exists')
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi codes import 办结结果.csv --to mappings/market/codes/done-result.yaml --code 代码 --label 名称\n\n退出码 / Exit: 0 已写入且无误 written and in order, 1 已写入，尚有须改之处 written, with mistakes left to mend',
    )
    .action((file: string, options: Options) => {
      if (!file.toLowerCase().endsWith('.csv') || !options.to.endsWith('.yaml')) {
        const reason = {
          zh: '只能由 .csv 生成 .yaml；Excel 文件请先另存为“CSV UTF-8”',
          en: 'it makes a .yaml of a .csv; save an Excel file as "CSV UTF-8" first',
        }
        throw GatewayError.of('COMMAND_USAGE', { reason })
      }
      const { code, value, label, note } = options
      const findings: Findings = { problems: [], warnings: [] }
      const { problems, warnings } = findings
      const { yaml, rows, withoutValue } = importTable(
        file,
        readTableText(resolve(file), file),
        { code, value, label, note },
        findings,
      )
      write(options.to, yaml, options.force === true)
      checkTable(options.to, yaml, findings)
      if (options.json) {
        const [mistakes, doubts] = [problems.map(errorToJson), warnings.map(errorToJson)]
        io.out(JSON.stringify({ file: options.to, rows, withoutValue, problems: mistakes, warnings: doubts }))
      } else {
        for (const finding of [...warnings, ...problems]) io.out(formatError(finding))
        const left = withoutValue.length
        io.out(
          `已写入 ${options.to}：${rows} 行，其中 ${left} 行的目标值待填写。 / Written to ${options.to}: ${rows} rows, ${left} of them without a value yet.`,
        )
      }
      io.exit(problems.length === 0 ? 0 : 1)
    })
