export interface Backoff {
  initialMs: number
  maxMs: number
}

/** The pause before attempt `failures` + 1: doubles from `initialMs` up to `maxMs`, of which 50 to 100 % is taken by chance. */
export const backoffMs = (failures: number, { initialMs, maxMs }: Backoff): number =>
  Math.round(Math.min(maxMs, initialMs * 2 ** Math.min(failures, 30)) * (0.5 + Math.random() / 2))
