/**
 * A list in a workbook (.xlsx, .xls), as lines of cells like those of a CSV. A workbook is the worse source: 01 typed into a cell is the number 1 there,
 * a code of 18 digits is rounded to 15, and 1-2 is a day. So a cell that is no text tells what is stored beside what is shown.
 */
import { didYouMean } from '../../did-you-mean.ts'
import { GatewayError, type Text } from '../../errors.ts'
import { isSpreadsheet, isZip, readBytes, unreadable } from './table-text.ts'
import type { StoredCell, TableLine, Written } from './written-table.ts'

/** Larger than any list of codes; a workbook is held in memory as a whole. */
const maxBytes = 16 * 1024 * 1024

type Library = typeof import('@e965/xlsx')
type Cell = import('@e965/xlsx').CellObject

interface BookFacts {
  /** Its days are counted from 1904. */
  date1904: boolean
  localDates: boolean
}

export interface TableSheet {
  lines: TableLine[]
  /** Places of cells that nobody sees: their rows or columns are hidden, or filtered away. */
  hidden: string[]
}

export const isWorkbook = (file: string): boolean => /\.(xlsx|xls)$/i.test(file)

/** Whether a format shows a day as a whole. What stands in quotes or brackets is none of its letters. */
const showsDay = (format: string): boolean => {
  const letters = format.replaceAll(/"[^"]*"|\\.|\[[^\]]*\]/g, '')
  return ['y', 'm', 'd'].every((letter) => letters.toLowerCase().includes(letter))
}

/** Formats that mean another day in the Excel of another language, or a month where the library reads a day: it says `m/d/yy` for all, or nothing. */
const hasLocalDates = ({ Styles }: { Styles?: { CellXf?: { numFmtId?: number }[] } }): boolean =>
  (Styles?.CellXf ?? []).some(({ numFmtId: id = 0 }) => (id >= 27 && id <= 36) || (id >= 50 && id <= 58))

const written = (library: Library, cell: Cell, at: string, { date1904, localDates }: BookFacts): Written => {
  const shown = String(cell.w ?? cell.v ?? '').trim()
  const as = (kind: StoredCell['kind'], unlike?: Text, day?: string): Written => ({
    text: shown,
    at,
    stored: { kind, unlike, day },
  })
  const format = String(cell.z ?? '')
  if (cell.t === 'z') {
    if (cell.f === undefined) return { text: '', at }
    return as('nothing', { zh: '公式没有结果', en: 'its formula has no result' })
  }
  // Our rendering of a format in Chinese numerals is not to be relied on, not even for people.
  if (cell.t === 'n' && /\[DBNum/i.test(format))
    return as('nothing', { zh: '按格式显示为中文数字', en: 'its format shows it in Chinese numerals' })
  if (cell.t === 'n' && localDates && (format === '' || /^m\/d\/yy$/i.test(format)))
    return as('nothing', { zh: '用了因语言而异的日期格式', en: 'its format of dates depends on the language of the spreadsheet' })
  if (cell.t === 's') {
    const text = String(cell.v ?? '').trim()
    if (cell.w === undefined || shown === text) return { text, at }
    return as('text', {
      zh: `按格式显示为“${shown}”，存的是“${text}”`,
      en: `it shows "${shown}" by its format, and holds "${text}"`,
    })
  }
  if (cell.t === 'b') return as('boolean', { zh: `是逻辑值 ${shown}`, en: `it is the truth value ${shown}` })
  if (cell.t !== 'n') return as('nothing', { zh: `显示为 ${shown}，没有值`, en: `it shows ${shown}, and has no value` })
  const value = Number(cell.v)
  if (library.SSF.is_date(format)) {
    const isDay = Number.isInteger(value) && showsDay(format)
    const day = isDay ? String(library.SSF.format('yyyy-mm-dd', value, { date1904 })) : undefined
    return as('day', { zh: `显示为 ${shown}，存的是日期`, en: `it shows ${shown}, and holds a date` }, day)
  }
  if (Math.abs(value) >= 1e15)
    return as('number', {
      zh: `显示为 ${shown}，存的是数，15 位之后的数字已丢失`,
      en: `it shows ${shown}, and holds a number, of which the digits behind the 15th are lost`,
    })
  if (shown === String(value)) return as('number')
  return as('number', { zh: `显示为 ${shown}，存的是数 ${value}`, en: `it shows ${shown}, and holds the number ${value}` })
}

/** A character outside of the first 65,536, written by its number: the library keeps 16 bits of it, and makes it another. */
const hasCutCharacters = (files: object): boolean =>
  Object.entries(files).some(([name, file]) => {
    if (!/\.xml$/.test(name)) return false
    const text = Buffer.from((file as { content: Uint8Array }).content).toString('utf8')
    return [...text.matchAll(/&#(?:x([0-9a-f]+)|(\d+));/gi)].some(
      ([, hex, decimal]) => Number.parseInt(hex ?? decimal!, hex ? 16 : 10) > 0xffff,
    )
  })

/**
 * The lines of one sheet that hold anything; places are `file:sheet!cell`. Without a name of a sheet there must be one alone that holds anything and is not
 * hidden. Throws CONFIG_UNREADABLE or COMMAND_USAGE, with what to do.
 */
export const readWorkbook = async (path: string, file: string, sheet: string | undefined): Promise<TableSheet> => {
  const bytes = readBytes(path, file)
  if (bytes.length > maxBytes)
    throw unreadable(file, { zh: '超过 16 MB，不像是代码清单', en: 'it is larger than 16 MB, which no list of codes is' })
  // The library would take anything else for a text of some kind, such as the web page that many a system calls .xls.
  if (!isSpreadsheet(bytes))
    throw unreadable(file, {
      zh: '内容不是 Excel 文件；请打开后另存为 .xlsx',
      en: 'what it holds is no Excel file; open it, and save it as .xlsx',
    })
  // Only this command needs the library, which is large.
  const library = await import('@e965/xlsx')
  // Files of Excel 95 and before name a code page, such as GBK.
  library.set_cptable(await import('@e965/xlsx/dist/cpexcel.full.mjs'))
  let book: import('@e965/xlsx').WorkBook
  try {
    book = library.read(bytes, {
      type: 'buffer',
      dense: true,
      cellNF: true,
      cellHTML: false,
      cellStyles: true,
      sheetStubs: true,
      bookFiles: true,
    })
  } catch (cause) {
    const en = (cause as Error).message
    throw unreadable(
      file,
      {
        zh: `文件不完整，或有密码（${en}）；请打开后不带密码另存为 .xlsx`,
        en: `it is not whole, or has a password (${en}); open it, and save it as .xlsx without one`,
      },
      cause,
    )
  }
  const { files } = book as { files?: object }
  if (isZip(bytes) && files && hasCutCharacters(files))
    throw unreadable(file, {
      zh: '其中的生僻字写成了数字（&#…;），读出来会是别的字；请用 Excel 或 WPS 打开后另存为 .xlsx',
      en: 'it writes rare characters by their numbers (&#…;), which would be read as others; open it in a spreadsheet, and save it as .xlsx',
    })
  const facts: BookFacts = { date1904: book.Workbook?.WBProps?.date1904 === true, localDates: hasLocalDates(book as object) }
  const sheetOf = (name: string): TableSheet => {
    const sheet = book.Sheets[name]
    const rows = (sheet?.['!data'] ?? []) as (Cell | undefined)[][]
    const isHidden = (of: readonly ({ hidden?: boolean } | undefined)[] | undefined, index: number) =>
      of?.[index]?.hidden === true
    const hidden: string[] = []
    // The last cell of a row may be one that another covers.
    const merges = sheet?.['!merges'] ?? []
    const width = merges.reduce((most, { e }) => Math.max(most, e.c + 1), 0)
    const inRow = new Map<number, typeof merges>()
    for (const merge of merges)
      for (let row = merge.s.r; row <= Math.min(merge.e.r, rows.length); row++) inRow.set(row, [...(inRow.get(row) ?? []), merge])
    const lines = rows
      .map((cells, row) =>
        Array.from({ length: Math.max(width, cells?.length ?? 0) }, (_, column): Written => {
          const cell = cells?.[column]
          const place = { r: row, c: column }
          const at = `${file}:${name}!${library.utils.encode_cell(place)}`
          const merged = inRow.get(row)?.find(({ s, e }) => s.c <= column && column <= e.c)
          if (merged && (merged.s.r !== row || merged.s.c !== column)) {
            const range = library.utils.encode_range(merged)
            const unlike = {
              zh: `在合并单元格 ${range} 之中，没有自己的内容`,
              en: `it is within the merged cells ${range}, and has no text of its own`,
            }
            return { text: '', at, stored: { kind: 'merged', unlike, day: undefined } }
          }
          const found: Written = cell === undefined ? { text: '', at } : written(library, cell, at, facts)
          if (found.text !== '' && (isHidden(sheet?.['!rows'], row) || isHidden(sheet?.['!cols'], column))) hidden.push(at)
          return found
        }),
      )
      .filter((line) => line.some(({ text, stored }) => text !== '' || (stored && stored.kind !== 'merged')))
    // A list often begins in the second column.
    const first = lines.reduce((least, line) => {
      const at = line.findIndex(({ text }) => text !== '')
      return at >= 0 && at < least ? at : least
    }, Number.POSITIVE_INFINITY)
    return { lines: lines.map((line) => line.slice(first)), hidden }
  }
  const usage = (zh: string, en: string): GatewayError =>
    GatewayError.of('COMMAND_USAGE', { reason: { zh: `${file} ${zh}`, en: `${file} ${en}` } })
  if (sheet !== undefined) {
    if (book.SheetNames.includes(sheet)) return sheetOf(sheet)
    const { zh, en } = didYouMean(sheet, book.SheetNames)
    throw usage(`没有工作表“${sheet}”。${zh}`, `has no sheet "${sheet}". ${en}`)
  }
  const filled = book.SheetNames.filter((_, index) => !book.Workbook?.Sheets?.[index]?.Hidden)
    .map((name) => ({ name, ...sheetOf(name) }))
    .filter(({ lines }) => lines.length > 0)
  if (filled.length > 1) {
    const names = filled.map(({ name }) => name).join(', ')
    throw usage(`有多张工作表（${names}），请用 --sheet 指明`, `has several sheets (${names}): name one with --sheet`)
  }
  return filled[0] ?? { lines: [], hidden: [] }
}
