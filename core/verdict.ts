/** What a target says of an operation, and what is done where it says nothing. */
import type { GatewayError } from './errors.ts'

/**
 * `accepted`:  the target has it.
 * `duplicate`: the target had it already.
 * `rejected`:  the target has refused it, and would again.
 * `transient`: it certainly has no effect, and may have at another time.
 * `unknown`:   nobody knows whether it has an effect: the answer was lost.
 */
export type Verdict =
  | { verdict: 'accepted' | 'duplicate'; code?: string; text?: string }
  | { verdict: 'rejected'; code: string; text: string }
  | { verdict: 'transient' | 'unknown'; error: GatewayError }

/** What the target says of an operation whose outcome is unknown: it has it, it does not, or it cannot tell. */
export type Confirmation = { confirmed: 'applied' | 'absent' } | { confirmed: 'unknown'; error: GatewayError }

/**
 * What is done about an unknown outcome. `idempotent`: again, since twice is as once. `confirm`: the target is asked first. `manual`: a
 * person decides.
 */
export const unknownPolicies = ['idempotent', 'confirm', 'manual'] as const
export type UnknownPolicy = (typeof unknownPolicies)[number]
