import { writeFileSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { Command } from 'commander'
import { GatewayError } from '../errors.ts'
import { csvLines } from '../mapping/codes/csv-table.ts'
import { tableFromFile } from '../mapping/codes/declared-tables.ts'
import { importTable } from '../mapping/codes/import-table.ts'
import { compileLookup } from '../mapping/codes/lookup.ts'
import { isCsv, readTableText } from '../mapping/codes/table-text.ts'
import { isWorkbook, readWorkbook } from '../mapping/codes/workbook.ts'
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
  sheet?: string
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
      '由 Excel 文件（.xlsx、.xls）或 CSV（UTF-8、GB18030）生成代码表 YAML / make a code table of an Excel file (.xlsx, .xls) or a CSV (UTF-8, GB 18030)',
    )
    .argument('<file>', '代码清单：.xlsx、.xls 或 .csv / the list: .xlsx, .xls or .csv')
    .requiredOption('--to <file.yaml>', '写入哪个文件 / the file to write')
    .option('--code <column>', '代码所在的列 / the column of codes', 'code')
    .option(
      '--value <column>',
      '目标值所在的列，没有则留待填写 / the column of values; without it they are left to be written',
      'value',
    )
    .option('--label <column>', '名称所在的列 / the column of labels', 'label')
    .option('--note <column>', '备注所在的列 / the column of notes', 'note')
    .option(
      '--sheet <name>',
      'Excel 文件的哪张工作表；只有一张时可不写 / which sheet of an Excel file; may be left out when there is one',
    )
    .option('--force', '覆盖已有的文件 / write over a file that exists')
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi codes import 办结结果.xlsx --to mappings/market/codes/done-result.yaml --code 代码 --label 名称\n\n退出码 / Exit: 0 已写入且无误 written and in order, 1 已写入，尚有须改之处 written, with mistakes left to mend, 2 用法有误 wrong use, 3 清单不能读或不能断定，没有写入 the list cannot be read, or not be told for sure: nothing is written',
    )
    .action(async (file: string, options: Options) => {
      const isList = isCsv(file) ? options.sheet === undefined : isWorkbook(file)
      if (!isList || !options.to.endsWith('.yaml')) {
        const reason = {
          zh: '只能由 .xlsx、.xls 或 .csv 生成 .yaml（其他格式请先另存为 .xlsx）；--sheet 只用于 Excel 文件',
          en: 'it makes a .yaml of an .xlsx, .xls or .csv (save what is neither as .xlsx first); --sheet is for Excel files',
        }
        throw GatewayError.of('COMMAND_USAGE', { reason })
      }
      const { code, value, label, note, sheet } = options
      const findings: Findings = { problems: [], warnings: [] }
      const { problems, warnings } = findings
      const path = resolve(file)
      const { lines, hidden } = isCsv(file)
        ? { lines: csvLines(file, readTableText(path, file)), hidden: [] }
        : await readWorkbook(path, file, sheet)
      if (hidden[0] !== undefined) {
        const reason = {
          zh: `${hidden.length} 格在隐藏的或筛选掉的行、列中，一并导入`,
          en: `${hidden.length} cells in rows or columns that are hidden, or filtered away, are imported, too`,
        }
        warnings.push(GatewayError.of('CODE_TABLE_DOUBTFUL', { at: hidden[0], table: file, reason }))
      }
      const { yaml, rows, withoutValue } = importTable(file, lines, { code, value, label, note }, findings)
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
