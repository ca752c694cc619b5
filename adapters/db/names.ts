import type { Text } from '../../core/contract.ts'

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

const shown = 20

/** Tells what there is instead of a name that is not there, the likeliest first. Databases tell upper from lower case. */
export const insteadOf = (name: string, known: readonly string[]): Text => {
  const lower = name.toLowerCase()
  const near = known
    .map((candidate) => ({ candidate, far: distance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0]
  const close = near && near.far <= Math.max(1, Math.floor(name.length / 3)) ? near.candidate : undefined
  const list = known.slice(0, shown).join(', ') + (known.length > shown ? ' …' : '')
  return {
    zh: `${close === undefined ? '' : `是否应为“${close}”？`}现有：${list || '无'}`,
    en: `${close === undefined ? '' : `did you mean "${close}"? `}there is: ${list || 'nothing'}`,
  }
}
