/** What a workbook does not hold as text: refused where the text matters, never guessed. */
import { GatewayError } from '../../errors.ts'
import { invalid, type StoredCell, type Written } from './written-table.ts'

/** A cell, and what it is to say of the table or of its row. */
export interface TakenCell {
  key: string
  cell: Written | undefined
}

type Stored = Written & { stored: StoredCell }

/** A day may stand between days, a truth value at `lossy`, and anything that is shown in words for people. */
const isFor = (key: string, { kind, unlike }: StoredCell): boolean => {
  if (kind === 'nothing') return false
  if (unlike === undefined || key === 'label' || key === 'note') return true
  return (kind === 'day' && (key === 'from' || key === 'to')) || (kind === 'boolean' && key === 'lossy')
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
    const { zh, en } = first.stored.unlike!
    const more = others.length
    throw invalid(first.at, {
      zh: `${zh}${more ? `（另有 ${more} 格：${listed(others)}）` : ''}；请将其设为“文本”后重新输入，或另存为“CSV UTF-8”再导入`,
      en: `${en}${more ? ` (and ${more} cells more: ${listed(others)})` : ''}; format as text and enter anew, or save as "CSV UTF-8" and import that`,
    })
  }
  const numbers = stored.filter(({ key, cell }) => key === 'code' && cell.stored.kind === 'number').map(({ cell }) => cell)
  if (!numbers[0]) return []
  const reason = {
    zh: `${numbers.length} 个代码存的是数（${listed(numbers)}）；若原有前导零，Excel 已丢掉，请核对`,
    en: `${numbers.length} codes are numbers in the workbook (${listed(numbers)}), which keeps no leading zeros; look whether they had any`,
  }
  return [GatewayError.of('CODE_TABLE_DOUBTFUL', { at: numbers[0].at, table: file, reason })]
}
