/** Time, injected everywhere: tests decide what time it is and nothing sleeps. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts: the caller looks at the signal. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
}

const beijingOffsetMs = 8 * 3_600_000

/** The calendar day in Beijing, `YYYY-MM-DD`: books are kept by it wherever the machine's own clock stands. */
export const dayOf = (at: number): string => new Date(at + beijingOffsetMs).toISOString().slice(0, 10)
