export interface TimeLimit {
  /** Aborts when the time is over, or with `interrupted`. */
  signal: AbortSignal
  close(): void
}

/** Not AbortSignal.timeout: within AbortSignal.any nothing holds it in Node.js 20, and once it is collected the limit never comes. */
export const openTimeLimit = (interrupted: AbortSignal, ms: number): TimeLimit => {
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), ms)
  return { signal: AbortSignal.any([interrupted, over.signal]), close: () => clearTimeout(timer) }
}
