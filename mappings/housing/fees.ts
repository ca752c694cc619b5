/** 收费：EX_GDBS 只有金额 SFJE 与金额单位 JEDWDM，没有“是否收费”。 / Fees: EX_GDBS has an amount and its unit, but no yes or no. */
import type { MappingFunction } from '../../core/contract.ts'

const decimal = /^\d{1,12}(\.\d{1,2})?$/

const amountOf = (text: string): number => {
  if (!decimal.test(text)) throw new Error('金额应为不带符号的十进制数 / an amount is a decimal number without a sign')
  return Number(text)
}

/** JEDWDM：1 元，2 万元。 */
const yuan: Record<string, number> = { '1': 1, '2': 10_000 }

/** 金额为零即未收费。 / Nothing was charged when the amount is zero. */
export const isCharged: MappingFunction = (text) => amountOf(text) > 0

/** 折算成元；有金额而单位不明的隔离。 / In yuan; an amount whose unit is not known fails. */
export const inYuan: MappingFunction = (text, record) => {
  const amount = amountOf(text)
  if (amount === 0) return 0
  const unit = record.text("standardInfo/Field[@FieldName='JEDWDM']") ?? ''
  const factor = yuan[unit]
  if (factor === undefined) throw new Error(`金额单位“${unit}”不在 JEDWDM 的代码里 / the unit "${unit}" is no code of JEDWDM`)
  return Math.round(amount * factor * 100) / 100
}
