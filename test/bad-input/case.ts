/** What the tables of bad inputs say, and how a case is judged. */
import type { Flag } from '../../core/canonical/index.ts'
import type { ErrorCode, GatewayError } from '../../core/errors.ts'

/** The error that a person reads: its code and the whole sentence in both languages. */
export interface Refusal {
  code: ErrorCode
  zh: string
  en: string
}

/** It waits in quarantine with its case. `caseUnknown`: it does not even tell its case, so that nothing waits with it. */
export interface Quarantined extends Refusal {
  caseUnknown?: true
  /** Its case, when that is another than `B`. */
  ofCase?: string
}

/** It is sent as the source said it, with these flags; `sent` holds the delivered value at each flagged pointer, null when absent. */
export interface SentFlagged {
  flags: Flag[]
  sent: Record<string, unknown>
}

export type Expected = Quarantined | SentFlagged

/** `found` and `expected` are compared as a whole, so that nothing that happened beside goes unsaid. */
export interface Case {
  name: string
  find(): Promise<unknown>
  expected: unknown
}

export interface Family {
  name: string
  cases: Case[]
}

export const refusalOf = ({ code, text }: GatewayError): Refusal => ({ code, zh: text.zh, en: text.en })

export const refusalsOf = (problems: readonly GatewayError[]): Refusal[] => problems.map(refusalOf)
