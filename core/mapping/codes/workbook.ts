/**
 * A list in a workbook (.xlsx, .xls), as lines of cells like those of a CSV. A workbook is the worse source: 01 typed into a cell is the number 1 there,
 * a code of 18 digits is rounded to 15, and 1-2 is a day. So a cell that is no text tells what is stored beside what is shown.
 */
import { didYouMean } from '../../did-you-mean.ts'
import type { Text } from '../../errors.ts'
import { isSpreadsheet, readBytes, unreadable } from './table-text.ts'
import type { StoredCell, TableLine, Written } from './written-table.ts'

/** Larger than any list of codes; a workbook is held in memory as a whole. */
const maxBytes = 16 * 1024 * 1024

type Library = typeof import('@e965/xlsx')
type Cell = import('@e965/xlsx').CellObject

export const isWorkbook = (file: string): boolean => /\.(xlsx|xls)$/i.test(file)

const written = (library: Library, cell: Cell, at: string, date1904: boolean): Written => {
  const shown = String(cell.w ?? cell.v ?? '').trim()
  const as = (kind: StoredCell['kind'], text: string, unlike?: Text): Written => ({ text, at, stored: { kind, unlike } })
  if (cell.t === 's') return { text: String(cell.v ?? '').trim(), at }
  if (cell.t === 'z' && cell.f === undefined) return { text: '', at }
  if (cell.t === 'b') return as('boolean', String(cell.v), { zh: `是逻辑值 ${shown}`, en: `it is the truth value ${shown}` })
  if (cell.t === 'z') return as('nothing', '', { zh: '公式没有结果', en: 'its formula has no result' })
  if (cell.t !== 'n')
    return as('nothing', shown, {
      zh: `显示为 ${shown}，没有值`,
      en: `it shows ${shown}, and has no value`,
    })
  const value = Number(cell.v)
  if (library.SSF.is_date(String(cell.z ?? ''))) {
    const day = Number.isInteger(value) ? String(library.SSF.format('yyyy-mm-dd', value, { date1904 })) : shown
    return as('day', day, { zh: `显示为 ${shown}，存的是日期`, en: `it shows ${shown}, and holds a date` })
  }
  if (Math.abs(value) >= 1e15)
    return as('number', shown, {
      zh: `显示为 ${shown}，存的是数，15 位之后的数字已丢失`,
      en: `it shows ${shown}, and holds a number, of which the digits behind the 15th are lost`,
    })
  if (shown === String(value)) return as('number', shown)
  return as('number', shown, { zh: `显示为 ${shown}，存的是数 ${value}`, en: `it shows ${shown}, and holds the number ${value}` })
}

/**
 * The lines of one sheet that hold anything; places are `file:sheet!cell`. Without a name of a sheet there must be one alone that holds anything and is not
 * hidden. Throws CONFIG_UNREADABLE, with what to do.
 */
export const workbookLines = async (path: string, file: string, sheet: string | undefined): Promise<TableLine[]> => {
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
  let book: import('@e965/xlsx').WorkBook
  try {
    book = library.read(bytes, { type: 'buffer', dense: true, cellNF: true, cellHTML: false, sheetStubs: true })
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
  const date1904 = book.Workbook?.WBProps?.date1904 === true
  const linesOf = (name: string): TableLine[] => {
    const rows = (book.Sheets[name]?.['!data'] ?? []) as (Cell | undefined)[][]
    const lines = rows
      .map((cells, row) =>
        Array.from(cells ?? [], (cell, column): Written => {
          const at = `${file}:${name}!${library.utils.encode_cell({ r: row, c: column })}`
          return cell === undefined ? { text: '', at } : written(library, cell, at, date1904)
        }),
      )
      .filter((line) => line.some(({ text, stored }) => text !== '' || stored !== undefined))
    // A list often begins in the second column.
    const first = Math.min(...lines.map((line) => line.findIndex(({ text }) => text !== '')).filter((index) => index >= 0))
    return lines.map((line) => line.slice(first))
  }
  if (sheet !== undefined) {
    if (book.SheetNames.includes(sheet)) return linesOf(sheet)
    const { zh, en } = didYouMean(sheet, book.SheetNames)
    throw unreadable(file, { zh: `没有工作表“${sheet}”。${zh}`, en: `it has no sheet "${sheet}". ${en}` })
  }
  const filled = book.SheetNames.filter((name, index) => !book.Workbook?.Sheets?.[index]?.Hidden && linesOf(name).length > 0)
  if (filled.length > 1) {
    const names = filled.join(', ')
    throw unreadable(file, {
      zh: `有多张工作表（${names}），请用 --sheet 指明`,
      en: `it has several sheets (${names}); name one with --sheet`,
    })
  }
  return filled[0] === undefined ? [] : linesOf(filled[0])
}
