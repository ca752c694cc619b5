import { EventEmitter } from 'node:events'
import type { Answered } from './attachments/take-receipt.ts'
import type { GatewayError } from './errors.ts'
import type { Compared, ReceiptOutcome } from './store/store.ts'
import type { TransportState } from './transport/transport.ts'

/** Everything worth noticing. Log, status and metrics listen; the data path itself never logs. Listeners must not throw. */
export interface GatewayEvents {
  'gateway:started': [{ systems: string[] }]
  'gateway:stopped': [Record<string, never>]
  /** A source handed over a batch; nothing is stored yet. */
  'batch:received': [{ system: string; records: number }]
  /** The batch is on disk and its receipts are on their way to the source. */
  'batch:stored': [{ system: string; stored: number; duplicates: number; quarantined: number; ignored: number }]
  'record:quarantined': [{ system: string; stream: string; key: string; recordSeq: number; error: GatewayError }]
  /** Claimed on disk, about to be sent. */
  'messages:claimed': [{ count: number }]
  /** The broker has answered; the answers are not stored yet. */
  'messages:answered': [{ count: number }]
  'messages:confirmed': [{ count: number }]
  /** The answers could not be stored; they are kept and stored when the disk allows. */
  'publisher:failed': [{ error: unknown }]
  /** What waits in the bucket is read again after a pause. */
  'bucket:failed': [{ error: GatewayError }]
  'message:retried': [{ id: string; attempt: number; dueAt: number; error: GatewayError }]
  /** Messages of the platform are on disk. */
  'inbox:stored': [{ messages: number }]
  /** What the platform sent is no message for us; it is kept, and in the dead letters. */
  'delivery:refused': [{ error: GatewayError }]
  'message:settled': [{ system: string; seq: number; id: string; state: string; detail: object | null }]
  /** A message of the platform waits for a person. */
  'message:undecided': [{ system: string; seq: number; id: string; reason: 'unknown' | 'quarantined'; detail: object | null }]
  'target:failed': [{ system: string; error: GatewayError; failures: number; nextAttemptAt: number }]
  'target:recovered': [{ system: string; failures: number }]
  /** Receipts of the platform are on disk: how many of them said what. */
  'receipts:stored': [Record<ReceiptOutcome | 'unknown' | 'known', number>]
  /** The platform has compared a statement with what it has, and its answer is on disk. */
  'statement:compared': [Compared]
  /** A version of the city's item catalogue is whole, and in use from its day on. */
  'catalogue:stored': [{ version: number; items: number }]
  /** A version of the catalogue was not taken. */
  'catalogue:refused': [{ error: GatewayError }]
  'transport:changed': [TransportState]
  'source:started': [{ system: string }]
  /** A source that is pushed to can be reached by its senders. */
  'source:serving': [{ system: string }]
  'source:finished': [{ system: string; records: number }]
  'source:failed': [{ system: string; error: GatewayError; failures: number; nextRunAt: number }]
  'source:recovered': [{ system: string; failures: number }]
  'source:warned': [{ system: string; error: GatewayError }]
  'system:reloaded': [{ system: string; change: 'added' | 'changed' | 'removed' }]
  'config:refused': [{ system: string; problems: GatewayError[] }]
  'store:paused': [{ error: GatewayError }]
  'store:resumed': [Record<string, never>]
  'housekeeping:failed': [{ error: GatewayError }]
  /** The broker has all of an attachment. */
  'attachment:sent': [{ digest: string; size: number }]
  /** An attachment of the platform is here, whole and verified. */
  'attachment:arrived': [{ digest: string; size: number }]
  /** An attachment of the platform is larger than is taken; the platform is told. */
  'attachment:refused': [{ digest: string; size: number; limit: number }]
  /** An attachment waits for a person. */
  'attachment:stopped': [{ digest: string; error: GatewayError }]
  /** Receipts of the platform for attachments are on disk: how many of them said what. */
  'attachments:answered': [Partial<Record<Answered, number>>]
  /** The retention of so many attachments has ended: their files are gone. */
  'attachments:removed': [{ count: number }]
  /** So many partial attachments were removed that nobody went on with. */
  'attachments:abandoned': [{ count: number }]
  'store:pruned': [{ bodies: number; lines: number }]
}

export type Events = EventEmitter<GatewayEvents>

export const createEvents = (): Events => new EventEmitter<GatewayEvents>()
