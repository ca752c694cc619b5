/** What a workbook does not hold as text: refused where the text matters, never guessed. */
import { GatewayError, type Text } from '../../errors.ts'
import { invalid, type StoredCell, type Written } from './written-table.ts'

/** A cell, and what it is to say of the table or of its row. */
export interface TakenCell {
  key: string
  cell: Written | undefined
}

type Stored = Written & { stored: StoredCell }

/** A whole day may stand between days, a truth value at `lossy`, and anything that is shown in words for people. */
const isFor = (key: string, { kind, unlike, day }: StoredCell): boolean => {
  if (kind === 'nothing' || kind === 'merged') return false
  if (unlike === undefined || key === 'label' || key === 'note') return true
  return ((key === 'from' || key === 'to') && day !== undefined) || (kind === 'boolean' && key === 'lossy')
}

/** What a cell says where it stands: days and truth values in the words of a table, all else as it is shown. */
export const saidIn = (key: string, { text, stored }: Written): string => {
  if ((key === 'from' || key === 'to') && stored?.day !== undefined) return stored.day
  return stored?.kind === 'boolean' && key === 'lossy' ? text.toLowerCase() : text
}

const anew: Text = { zh: '请将其设为“文本”后重新输入', en: 'format as text and enter anew' }
const advice: Record<StoredCell['kind'], Text> = {
  text: anew,
  number: anew,
  day: anew,
  boolean: anew,
  merged: { zh: '请取消合并，逐行填写', en: 'unmerge, and fill in each row' },
  nothing: { zh: '请填写内容', en: 'enter what it should say' },
}

const inSheet = ({ at }: Written): string => at.slice(at.lastIndexOf('!') + 1)

const listed = (cells: readonly Written[]): string => cells.slice(0, 5).map(inSheet).join(', ') + (cells.length > 5 ? ' …' : '')

/**
 * Holds cells against what they are taken for. Codes that are numbers, and shown as such, are doubts: 01 may have been typed. Throws MAPPING_INVALID at
 * the first cell whose text is not sure, naming the others: before anything is written, for nobody should mend by hand what the next import
 * writes anew.
 */
export const checkStored = (file: string, taken: readonly TakenCell[]): GatewayError[] => {
  const stored = taken.filter((one): one is { key: string; cell: Stored } => one.cell?.stored !== undefined)
  const [first, ...others] = stored.filter(({ key, cell }) => !isFor(key, cell.stored)).map(({ cell }) => cell)
  if (first) {
    const more = others.length
    const { kind, unlike } = first.stored
    const { zh: toDo, en: next } = advice[kind]
    throw invalid(first.at, {
      zh: `${unlike!.zh}${more ? `（另有 ${more} 格：${listed(others)}）` : ''}；${toDo}`,
      en: `${unlike!.en}${more ? ` (and ${more} cells more: ${listed(others)})` : ''}; ${next}`,
    })
  }
  const numbers = stored
    .filter(({ key, cell }) => (key === 'code' || key === 'value') && cell.stored.kind === 'number')
    .map(({ cell }) => cell)
  if (!numbers[0]) return []
  const reason = {
    zh: `${numbers.length} 个代码或目标值存的是数（${listed(numbers)}）；若原有前导零或小数末尾的零，Excel 已丢掉，请核对`,
    en: `${numbers.length} codes or values are numbers in the workbook (${listed(numbers)}), which keeps neither leading zeros nor those behind a point; look whether they had any`,
  }
  return [GatewayError.of('CODE_TABLE_DOUBTFUL', { at: numbers[0].at, table: file, reason })]
}
