import type { GatewayError } from './errors.ts'
import type { Events } from './events.ts'

/** The most that is kept of one run: a source that is pushed to runs for months. */
const most = 100

/**
 * What a source tells of without ending its run. The log is told of it by the first of the runs that tell it in the same words, so that a
 * schedule of seconds does not fill it with one sentence; the report of each run has all of it.
 */
export const openWarnings = (system: string, events: Events) => {
  let before = new Set<string>()
  let told = new Map<string, GatewayError>()
  return {
    warn(error: GatewayError): void {
      if (!before.has(error.message)) events.emit('source:warned', { system, error })
      if (told.size < most) told.set(error.message, error)
    },
    /** A run has ended: answers what it told of. One that failed may not have come to what was told before. */
    endRun(failed: boolean): GatewayError[] {
      const warnings = [...told.values()]
      before = new Set([...(failed ? before : []), ...told.keys()])
      told = new Map()
      return warnings
    },
  }
}

export type Warnings = ReturnType<typeof openWarnings>
