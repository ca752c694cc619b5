/** The value below which the share `q` of the numbers lies, by the nearest rank. */
export const quantile = (numbers: number[], q: number): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
}

export const median = (numbers: number[]): number => quantile(numbers, 0.5)
