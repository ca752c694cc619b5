import { type GatewayError, type Text, toGatewayError } from './errors.ts'

/** A part of a record that has a name. Never a value. */
export interface Field {
  /** As a step of a path names it: `SQRMC`, or `@type` for an attribute. */
  name: string
  /** What it holds in turn, in a list what each entry may hold: empty for a plain value, absent when the source does not know. */
  fields?: readonly Field[] | undefined
  /** There may be several in one record. */
  repeats?: boolean
  /** It never has a text of its own, only what it holds. */
  isStructure?: boolean
}

export interface StreamFields {
  /** As `SourceRecord.stream`. */
  stream: string
  /** Everything that a record of the stream may hold; absent when that is not known now. */
  fields?: readonly Field[] | undefined
}

export interface ProbeStep {
  name: Text
  ok: boolean
  /** What was found, for the operator: a version, a count. Never a secret or personal data. */
  detail?: string
  error?: GatewayError
  /**
   * What the records of the streams that this step looked at may hold, when the legacy system can tell. `lint` then takes every path of
   * the mapping that leads to none of it for a mistake: a source whose steps tell of one stream must tell of all that it reads.
   */
  streams?: readonly StreamFields[]
}

/** What a step found: its `detail`, and the streams that it can tell of. */
export type ProbeFinding = string | Required<Pick<ProbeStep, 'detail' | 'streams'>>

/** The steps of a probe. `step` runs one, keeps what came of it, and resolves with whether it went well; it never rejects. */
export const createProbeSteps = () => {
  const steps: ProbeStep[] = []
  const step = async (name: Text, work: () => Promise<ProbeFinding>): Promise<boolean> => {
    try {
      const found = await work()
      steps.push({ name, ok: true, ...(typeof found === 'string' ? { detail: found } : found) })
      return true
    } catch (error) {
      steps.push({ name, ok: false, error: toGatewayError(error) })
      return false
    }
  }
  return { steps, step }
}

/** What each system, and the broker, has for its answer: one that hangs takes nothing from its neighbours. */
export const probeMs = 15_000

/** Aborts with `late` when the time is over. */
export const probeBudget = (interrupted: AbortSignal, late: GatewayError): AbortSignal => {
  const over = new AbortController()
  AbortSignal.timeout(probeMs).addEventListener('abort', () => over.abort(late), { once: true })
  return AbortSignal.any([interrupted, over.signal])
}
