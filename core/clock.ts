/** Time, injected everywhere: tests decide what time it is and nothing sleeps. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`, or as soon as the signal aborts: the caller looks at the signal. Never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

/** A timer of more than 2^31-1 ms fires at once; longer waits are made of several. */
const longestTimerMs = 2 ** 31 - 1

const waitOnce = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })

export const systemClock: Clock = {
  now: Date.now,
  wait: async (ms, signal) => {
    let left = ms
    for (; left > longestTimerMs && !signal?.aborted; left -= longestTimerMs) await waitOnce(longestTimerMs, signal)
    await waitOnce(left, signal)
  },
}

/** The time in Beijing (no summer time since 1991), `YYYY-MM-DDTHH:mm:ss`, wherever the machine's own clock stands. */
export const beijingTime = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)

/**
 * The same of a moment as messages carry it: a day, or a time with `+08:00`. By its text: what a schema takes for a time, a leap second for
 * one, need not be a Date.
 */
export const beijingTimeOf = (moment: string): string => `${moment.slice(0, 10)}T${moment.slice(11, 19) || '00:00:00'}`

/** The calendar day in Beijing, `YYYY-MM-DD`: books are kept by it. */
export const dayOf = (at: number): string => beijingTime(at).slice(0, 10)
