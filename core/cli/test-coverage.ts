import { InvalidArgumentError } from 'commander'
import type { Coverage, Share, Uncovered } from '../mapping/coverage.ts'

export const toPercent = (text: string): number => {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 100) throw new InvalidArgumentError('须为 0 到 100 / must be 0 to 100')
  return Number(text)
}

const shown = ({ covered, total, percent }: Share): string => `${percent} % (${covered}/${total})`

/** One line for a mapping. */
export const coverageText = (mapping: string, { rules, branches, rows }: Coverage): string =>
  `覆盖 coverage ${mapping}: 规则 rules ${shown(rules)}, 分支 branches ${shown(branches)}, 代码表行 code rows ${shown(rows)}`

const kinds: Record<Uncovered['kind'], string> = { rule: '规则 rule', branch: '分支 branch', row: '代码表行 code row' }

/** One line for each rule, branch and row that no sample has tried, as the editor opens it. */
export const uncoveredText = ({ uncovered }: Coverage): string =>
  uncovered
    .map(({ at, kind, what, missing }) => `  ${at}  ${kinds[kind]}  ${what}${missing === undefined ? '' : `  → ${missing}`}`)
    .join('\n')
