/** 收费：EX_GDBS 只有金额 SFJE 与金额单位 JEDWDM，没有“是否收费”。 / Fees: EX_GDBS has an amount and its unit, but no yes or no. */
import type { XmlElement } from '../../core/contract.ts'

const decimal = /^\d{1,12}(\.\d{1,2})?$/

const amountOf = (value: unknown): number => {
  const text = String(value)
  if (!decimal.test(text)) throw new Error('金额应为不带符号的十进制数 / an amount is a decimal number without a sign')
  return Number(text)
}

const fieldOf = (element: XmlElement, name: string): string => {
  for (const child of element.children) {
    if (typeof child === 'string') continue
    if (child.attributes['FieldName'] === name) return child.children.join('').trim()
    const inner = fieldOf(child, name)
    if (inner !== '') return inner
  }
  return ''
}

/** JEDWDM：1 元，2 万元。 */
const yuan: Record<string, number> = { '1': 1, '2': 10_000 }

/** 金额为零即未收费。 / Nothing was charged when the amount is zero. */
export const isCharged = (value: unknown): boolean => amountOf(value) > 0

/** 折算成元；有金额而单位不明的隔离。 / In yuan; an amount whose unit is not known fails. */
export const inYuan = (value: unknown, record: unknown): number => {
  const amount = amountOf(value)
  if (amount === 0) return 0
  const unit = fieldOf(record as XmlElement, 'JEDWDM')
  const factor = yuan[unit]
  if (factor === undefined) throw new Error(`金额单位“${unit}”不在 JEDWDM 的代码里 / the unit "${unit}" is no code of JEDWDM`)
  return Math.round(amount * factor * 100) / 100
}
