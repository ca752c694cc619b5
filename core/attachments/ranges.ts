import type { Ranges } from './received.ts'

/** With one range more: sorted, and those that touch are one. */
export const addRange = (ranges: Ranges, [from, until]: Ranges[number]): Ranges => {
  const apart = ranges.filter((one) => one[1] < from || one[0] > until)
  const touching = ranges.filter((one) => one[1] >= from && one[0] <= until)
  const start = Math.min(from, ...touching.map((one) => one[0]))
  const end = Math.max(until, ...touching.map((one) => one[1]))
  return [...apart, [start, end] as Ranges[number]].sort((a, b) => a[0] - b[0])
}

export const covers = (ranges: Ranges, [from, until]: Ranges[number]): boolean =>
  ranges.some((one) => one[0] <= from && one[1] >= until)

/** The first byte below `size` that is in no range; undefined when there is none. */
export const firstGap = (ranges: Ranges, size: number): number | undefined => {
  const [first] = ranges
  const gap = first && first[0] === 0 ? first[1] : 0
  return gap >= size ? undefined : gap
}
