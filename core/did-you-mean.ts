import type { Text } from './errors.ts'

/** Edit distance (Levenshtein), with a swap of neighbours counted once. */
const distance = (a: string, b: string): number => {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array(b.length).fill(0)] as number[])
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      rows[i]![j] = best
    }
  }
  return rows[a.length]![b.length]!
}

/** The known name that was probably meant; undefined when none is near. */
export const nearestOf = <Name extends string>(written: string, known: readonly Name[]): Name | undefined => {
  const ranked = known
    .map((name) => ({ name, far: distance(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  const [nearest] = ranked
  return nearest !== undefined && nearest.far <= Math.max(2, Math.floor(nearest.name.length / 3)) ? nearest.name : undefined
}

/** What was probably meant, and what is allowed; the known names are all listed while there are few. */
export const didYouMean = (written: string, known: readonly string[]): Text => {
  const nearest = nearestOf(written, known)
  const listed = known.slice(0, 12).join(', ') + (known.length > 12 ? ' …' : '')
  return {
    zh: `${nearest === undefined ? '' : `是否想写“${nearest}”？`}可用：${listed || '（无）'}`,
    en: `${nearest === undefined ? '' : `Did you mean "${nearest}"? `}Known: ${listed || '(none)'}`,
  }
}
