/** What must hold between the versions of one code table. */
import { dayAfter, isPossible, overlap, shownDays } from './days.ts'
import type { CodeTable, TableVersion } from './table.ts'
import { type Findings, invalid } from './written-table.ts'

const checkNames = ({ name, versions }: CodeTable, { problems }: Findings): void => {
  if (versions.length < 2) return
  const seen = new Map<string, string>()
  for (const { version, at } of versions) {
    if (version === undefined) {
      const reason = {
        zh: `代码表 ${name} 有几版，每版须写 version`,
        en: `code table ${name} has several versions: each must say its version`,
      }
      problems.push(invalid(at, reason))
      continue
    }
    const other = seen.get(version)
    if (other !== undefined)
      problems.push(
        invalid(at, {
          zh: `代码表 ${name} 的 ${version} 版重复（另见 ${other}）`,
          en: `version ${version} of code table ${name} is given twice (also at ${other})`,
        }),
      )
    seen.set(version, at)
  }
}

const dated = ({ from, to }: TableVersion): boolean => from !== undefined || to !== undefined

const checkDays = ({ name, versions }: CodeTable, { problems }: Findings): void => {
  const ordered = versions
    .filter((version) => dated(version) && isPossible(version))
    .sort((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1))
  for (const [index, next] of ordered.entries()) {
    const previous = ordered[index - 1]
    if (!previous) continue
    const both = `${previous.label} ${shownDays(previous)}, ${next.label} ${shownDays(next)} (${previous.at})`
    if (overlap(previous, next)) {
      const reason = {
        zh: `代码表 ${name} 两版的日期重叠：${both}`,
        en: `the days of two versions of code table ${name} overlap: ${both}`,
      }
      problems.push(invalid(next.at, reason))
    } else if (dayAfter(previous.to!) !== next.from) {
      const days = shownDays({ from: dayAfter(previous.to!), to: dayAfter(next.from!, -1) })
      const reason = {
        zh: `代码表 ${name} 两版之间有空缺 ${days}：${both}`,
        en: `no version of code table ${name} is for ${days}: ${both}`,
      }
      problems.push(invalid(next.at, reason))
    }
  }
}

/** Versions without a name or with the same one; days that two versions claim, or that none between them does. */
export const checkVersions = (table: CodeTable, findings: Findings): void => {
  checkNames(table, findings)
  checkDays(table, findings)
}
