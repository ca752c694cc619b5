/** What the sender of attachments asks of a store, that of a gateway or that of the platform. */
import type { GatewayError } from '../errors.ts'

/** `open`: goes on behind `confirmed`; `sent`: the broker has all of it, and the other side is asked; `arrived`; `stopped`: a person decides. */
export type TransferState = 'open' | 'sent' | 'arrived' | 'stopped'

/** An attachment that is to be sent on, or asked about. */
export interface Transfer {
  digest: string
  /** Of its content, in bytes. */
  size: number
  state: 'open' | 'sent'
  /** So many bytes from the start are with the broker. */
  confirmed: number
  /** How often it went out again. Fences the verbs of the sender: what was asked for anew meanwhile is not overwritten. */
  restarts: number
  /** In a row. */
  failures: number
  /** Of its chunks. */
  address: string
  /** The gateway at the end of the lane that is not the platform; undefined for one without a name, which is not answered. */
  gateway: string | undefined
}

/** Each verb is one synced commit. Rejects with STORE_UNWRITABLE. */
export interface Transfers {
  /** Transfers whose time has come, but for those in hand: those that wait for longest, or those with the least to send. */
  due(now: number, order: 'oldest' | 'smallest', inHand: readonly Transfer[], limit: number): Promise<Transfer[]>
  /** The broker has so many bytes from the start. False when the transfer is no longer the one that was begun. */
  confirm(transfer: Transfer, confirmed: number): Promise<boolean>
  /** The broker has all of it. `askAt`: when the other side is asked about it; null where it does not answer. */
  finish(transfer: Transfer, now: number, askAt: number | null): Promise<void>
  /** It is tried, or asked about, again at `dueAt`; null: no more by itself. */
  postpone(transfer: Transfer, error: GatewayError | undefined, dueAt: number | null): Promise<void>
  /** A person decides. */
  stop(transfer: Transfer, error: GatewayError, now: number): Promise<void>
}
