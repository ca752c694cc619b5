/**
 * `codes import` from Excel files. Those in `test/workbooks` were written by LibreOffice Calc 7.4, as Excel 2007 and Excel 97: a list that begins in the
 * second column under a merged title, with a formula, a sheet of remarks and a hidden sheet.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CellObject, utils, type WorkSheet, write } from '@e965/xlsx'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

const columns = ['--code', '代码', '--label', '名称', '--value', '含义', '--note', '备注']

/** Imports a workbook whose sheets are given by their cells; what is told is shortened to the cell. */
const importer = (t: Test) => {
  const folder = temporaryFolder(t)
  const [from, to] = [join(folder, 'a.xlsx'), join(folder, 'a.yaml')]
  return async (sheets: Record<string, WorkSheet>, ...words: string[]) => {
    writeFileSync(from, write({ SheetNames: Object.keys(sheets), Sheets: sheets }, { type: 'buffer', cellStyles: true }))
    const { out, codes, error } = await runCommand('codes', 'import', from, '--to', to, '--force', '--json', ...columns, ...words)
    if (error) return { error: (error as Error).message.replaceAll(`${folder}/`, '') }
    const told = (found: { en: string }[]) => found.map(({ en }) => en.replaceAll(`${folder}/`, ''))
    const { problems, warnings } = JSON.parse(out)
    return { codes, problems: told(problems), warnings: told(warnings), yaml: readFileSync(to, 'utf8') }
  }
}

const header = ['代码', '名称', '含义', '备注', 'from']

const sheet = (rows: unknown[][], cells: Record<string, CellObject> = {}): WorkSheet =>
  Object.assign(utils.aoa_to_sheet([header, ...rows]), cells)

for (const kind of ['xlsx', 'xls'])
  t.test(`a list in an .${kind} becomes the table that the same list as CSV becomes`, async (t) => {
    const file = join(import.meta.dirname, 'workbooks', `codes.${kind}`)
    const to = join(temporaryFolder(t), 'a.yaml')
    const words = ['codes', 'import', file, '--to', to, ...columns]
    t.match((await runCommand(...words)).error, {
      code: 'COMMAND_USAGE',
      message: /has several sheets \(办结结果, 修订说明\): name one with --sheet/,
    })
    t.match((await runCommand(...words, '--sheet', '办结结')).error, { message: /no sheet "办结结"\. Did you mean "办结结果"/ })
    const { out, codes } = await runCommand(...words, '--sheet', '办结结果')
    t.same(codes, [0])
    t.match(out, /办结结果!B1 .*"办结结果代码表（2020 版）" is not taken/)
    t.equal(
      readFileSync(to, 'utf8'),
      `standard: EA_JC
version: "2020"
from: 2021-01-01
rows:
  - { code: "00", value: granted, label: 准予许可 }
  - { code: "01", value: denied, label: 不予，许可, note: 旧版为“退回” }
  - { code: "02", value: withdrawn, label: 补正不来 }
`,
    )
  })

t.test('a code that a workbook does not hold as it is shown is refused, and nothing is written', async (t) => {
  const imported = importer(t)
  const refused: [string, CellObject, RegExp][] = [
    ['leading zeros of a format', { t: 'n', v: 1, z: '00' }, /甲!A3 .*it shows 01, and holds the number 1;.*as text/],
    ['a day that was 1-2', { t: 'n', v: 43832, z: 'm-d' }, /甲!A3 .*it shows 1-2, and holds a date/],
    ['more than 15 digits', { t: 'n', v: 123456789012345680, z: '0' }, /甲!A3 .*digits behind the 15th are lost/],
    ['a number shortened', { t: 'n', v: 123456789012 }, /甲!A3 .*it shows 1\.23457E\+11, and holds the number 123456789012/],
    ['a truth value', { t: 'b', v: true }, /甲!A3 .*the truth value TRUE/],
    ['an error', { t: 'e', v: 0x2a }, /甲!A3 .*it shows #N\/A, and has no value/],
    ['a text with a format', { t: 's', v: '1', z: '"0"@' }, /甲!A3 .*it shows "01" by its format, and holds "1"/],
    ['Chinese numerals', { t: 'n', v: 12, z: '[DBNum2]0' }, /甲!A3 .*shows it in Chinese numerals/],
  ]
  for (const [name, cell, message] of refused)
    t.match(
      await imported({
        甲: sheet(
          [
            ['00', '甲', 'granted'],
            ['', '乙', 'denied'],
          ],
          { A3: cell },
        ),
      }),
      { error: message },
      name,
    )
  const two = sheet(
    [
      ['', '甲', 'granted'],
      ['', '乙', 'denied'],
    ],
    { A2: refused[0]![1], A3: refused[0]![1], C3: refused[5]![1] },
  )
  t.match(await imported({ 甲: two }), { error: /甲!A2 .*\(and 2 cells more: A3, C3\)/ })
  const above = Object.assign(utils.aoa_to_sheet([['source', ''], header, ['01', '', 'granted']]), { B1: refused[0]![1] })
  t.match(await imported({ 甲: above }), { error: /甲!B1 .*it shows 01/ }, 'codes above the header, too')
})

t.test('a number that is shown as it is held is a code, and a doubt', async (t) => {
  const { codes, warnings, yaml } = await importer(t)({
    甲: sheet([
      [1, '甲', 'granted'],
      ['2', '乙', 'denied'],
      [30, '丙', 'withdrawn'],
    ]),
  })
  t.same(codes, [0])
  t.match(warnings, [/甲!A2 .*2 codes or values are numbers in the workbook \(A2, A4\), which keeps neither leading zeros/])
  t.match(yaml, /code: "1",(?:.|\n)*code: "2",(?:.|\n)*code: "30",/)
})

t.test('what people read, days and truth values are taken as they are shown', async (t) => {
  const cells: Record<string, CellObject> = {
    D2: { t: 'n', v: 0.5, z: '0%' },
    E2: { t: 'n', v: 44562, z: 'yyyy/m/d' },
    E3: { t: 's', v: '2023-01-01' },
  }
  const rows = [
    ['00', '甲', 'granted', '', ''],
    ['01', '乙', 'denied', '', ''],
  ]
  t.match(await importer(t)({ 甲: sheet(rows, cells) }), { yaml: /note: 50%, from: 2022-01-01(?:.|\n)*from: 2023-01-01/ })
  const lossy = utils.aoa_to_sheet([['lossy', true], header, ['00', '', 'granted'], ['01', '', 'granted']])
  t.match(await importer(t)({ 甲: lossy }), { codes: [0], yaml: /^lossy: true\n/ })
})

t.test('a day that is not shown whole ends nothing', async (t) => {
  const imported = importer(t)
  const until = (z: string) => imported({ 甲: sheet([['00', '甲', 'granted', '', '']], { E2: { t: 'n', v: 44531, z } }) })
  t.match(await until('yyyy"年"m"月"d"日"'), { yaml: /from: 2021-12-01/ })
  t.match(await until('yyyy"年"m"月"'), { error: /甲!E2 .*it shows 2021年12月, and holds a date/ })
  t.match(await until('"y"m-d'), { error: /甲!E2/ })
})

t.test('a format of dates that depends on the language of the spreadsheet is refused, for people, too', async (t) => {
  // Written by openpyxl, then given the format 57, which is a year and a month in Chinese, where it had 14.
  const { error } = await runCommand(
    'codes',
    'import',
    join(import.meta.dirname, 'workbooks', 'local-dates.xlsx'),
    '--to',
    join(temporaryFolder(t), 'a.yaml'),
  )
  t.match(error, { code: 'MAPPING_INVALID', message: /!D2 .*depends on the language of the spreadsheet/ })
})

t.test('a merged cell says nothing for the rows below, and what is hidden is told', async (t) => {
  const imported = importer(t)
  const rows = [
    ['00', '甲', 'granted', '', '2021-01-01'],
    ['01', '乙', 'denied'],
  ]
  const merged = { '!merges': [{ s: { r: 1, c: 4 }, e: { r: 2, c: 4 } }] }
  const title = Object.assign(utils.aoa_to_sheet([['代码表'], header, ...rows]), {
    '!merges': [{ s: { r: 0, c: 0 }, e: { r: 0, c: 4 } }],
  })
  t.match(await imported({ 甲: Object.assign(sheet(rows), merged) }), {
    error: /甲!E3 .*within the merged cells E2:E3.*; unmerge, and fill in each row/,
  })
  t.match(await imported({ 甲: title }), { codes: [0] }, 'above the list it may')
  const hidden = Object.assign(sheet(rows), { '!rows': [{}, {}, { hidden: true }] })
  t.match(await imported({ 甲: hidden }), { codes: [0], warnings: [/甲!A3 .*3 cells in rows or columns that are hidden/] })
})

t.test('rare characters are read as they are, or not at all', async (t) => {
  const to = join(temporaryFolder(t), 'a.yaml')
  const written = utils.aoa_to_sheet([header, ['𠮷', '𠮷林', 'granted', '', '']])
  t.match(await importer(t)({ 甲: written }), { codes: [0], yaml: /code: "𠮷".*label: 𠮷林/ })
  // Written by openpyxl 3.0, which writes them by their numbers.
  const entities = join(import.meta.dirname, 'workbooks', 'entities.xlsx')
  const { error } = await runCommand('codes', 'import', entities, '--to', to)
  t.match(error, { code: 'CONFIG_UNREADABLE', message: /writes rare characters by their numbers.*save it as \.xlsx/ })
})

t.test('a workbook of Excel 95 is read by its code page', async (t) => {
  const folder = temporaryFolder(t)
  const [from, to] = [join(folder, 'a.xls'), join(folder, 'a.yaml')]
  const book = {
    SheetNames: ['A'],
    Sheets: {
      A: utils.aoa_to_sheet([
        ['code', 'value', 'label'],
        ['ZZ', 'granted', 'QQQQ'],
      ]),
    },
  }
  const bytes = Buffer.from(write(book, { type: 'buffer', bookType: 'biff5' }))
  // The writer knows Latin letters only: GBK is put in their place, and its code page where the file says its own.
  iconv.encode('甲', 'gbk').copy(bytes, bytes.indexOf('ZZ'))
  iconv.encode('准予', 'gbk').copy(bytes, bytes.indexOf('QQQQ'))
  bytes.writeUInt16LE(936, bytes.indexOf(Buffer.from('42000200', 'hex')) + 4)
  writeFileSync(from, bytes)
  t.same((await runCommand('codes', 'import', from, '--to', to)).codes, [0])
  t.match(readFileSync(to, 'utf8'), /code: "甲", value: granted, label: 准予/)
})

t.test('a formula without a result is no empty cell', async (t) => {
  const table = sheet([['00', '甲', 'granted']], { B2: { t: 'z', f: 'LOWER("A")' } as CellObject })
  t.match(await importer(t)({ 甲: table }), { error: /甲!B2 .*its formula has no result/ })
})

t.test('a file that is no workbook, or not whole, is refused with the next step', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'a.xls')
  const whole = readFileSync(join(import.meta.dirname, 'workbooks', 'codes.xls'))
  const refusal = async (bytes: Uint8Array | string) => {
    writeFileSync(file, bytes)
    return (await runCommand('codes', 'import', file, '--to', join(folder, 'a.yaml'))).error
  }
  const unreadable = (message: RegExp) => ({ code: 'CONFIG_UNREADABLE', message })
  t.match(await refusal('<table><tr><td>code</td></tr></table>'), unreadable(/no Excel file; open it, and save it as \.xlsx/))
  t.match(await refusal(whole.subarray(0, 4000)), unreadable(/not whole, or has a password/))
  t.match(await refusal(''), unreadable(/no Excel file/))
  t.match(await refusal(Buffer.concat([whole, Buffer.alloc(16 * 1024 * 1024)])), unreadable(/larger than 16 MB/))
  const empty = write({ SheetNames: ['甲'], Sheets: { 甲: utils.aoa_to_sheet([]) } }, { type: 'buffer', bookType: 'biff8' })
  t.match(await refusal(empty), { code: 'MAPPING_INVALID', message: /a\.xls:1:1 .*no column "code"/ })
})
