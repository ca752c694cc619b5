/**
 * Everything an adapter or a mapping plug-in may know about the gateway: the only door into core.
 *
 * Words, used alike in code, configuration, SQL, logs and console:
 *
 * - department: the authority whose legacy system is read (部门)
 * - system:     one legacy system of a department; one file in config/adapters
 * - adapter:    one way of talking to legacy systems; one folder in adapters
 * - source:     an opened adapter that reads
 * - record:     what a source reads at once: a row, a document, a file's entry (原始记录)
 * - stream:     what a record is one of: a table, an operation, a file pattern
 * - attachment: a scan or drawing, kept as a file by the digest of its content, that a record or message names (附件)
 * - mapping:    how a record becomes drafts; one file in mappings/<department>
 * - code table: what the codes of a source stand for; each version of it one table with its days (代码表)
 * - draft:      a canonical message that the gateway has not yet stamped
 * - message:    a canonical message as it is sent (消息)
 * - lane:       the messages of one case, which keep their order (办件通道)
 * - outbox:     the messages that wait for the broker's confirm (发件箱)
 * - quarantine: the records that cannot become messages until a person decides (隔离区)
 * - checkpoint: how far a source has read; stored with the records it covers
 * - receipt:    what the gateway answers for a record, once it is on disk
 * - inbox:      the messages of the platform that wait to be written to their system (收件箱)
 * - operation:  what is to be written for one of them, in the words of the legacy system
 * - sink:       an opened adapter that writes; the legacy system is then the target
 * - verdict:    what became of an operation at its target: accepted, duplicate, rejected, transient or unknown (结论)
 * - correction: what a person decided that one field of a quarantined record is (更正); the record stays as received
 * - claim, confirm, retry, park, replay, correct, discard, deliver, decide: the verbs that move a message or a record on
 */
import type { Static, TObject } from '@sinclair/typebox'
import type { Attachment, Keep } from './attachments/kept-content.ts'
import type { Json } from './codec/json.ts'
import type { XmlElement } from './codec/xml-element.ts'
import type { GatewayError, Text } from './errors.ts'
import type { Operation } from './operation.ts'
import type { ProbeStep, StreamFields } from './probe.ts'
import type { Confirmation, UnknownPolicy, Verdict } from './verdict.ts'

export {
  type AnswerParts,
  type AnswerRule,
  answerRulesOptions,
  confirmationMeanings,
  confirmationOn,
  createJudge,
  findAnswerRuleProblems,
  verdictMeanings,
  verdictOn,
} from './answer-rules.ts'
export { type Arriving, openArriving } from './attachments/arriving.ts'
export { type AttachmentPlaces, attachAll, attachmentFault, type FoundContent } from './attachments/attach.ts'
export { digestOf, within } from './attachments/digest-of.ts'
export type { Attachment, Keep, KeptContent } from './attachments/kept-content.ts'
export { isXopPackage, readXopPackage, type XopPackage } from './attachments/xop-package.ts'
export { beijingTime } from './clock.ts'
export {
  characterMisfit,
  charsetMisfit,
  createTextDecoder,
  decodeText,
  encodeText,
  isCharset,
  type Overriding,
  readableText,
} from './codec/charset.ts'
export type { SplitRecord } from './codec/cut-xml.ts'
export { type Json, parseJson } from './codec/json.ts'
export { type LiftPlaces, liftBytes, liftPlaces, liftText } from './codec/lift-places.ts'
export {
  type MediaType,
  type Part,
  parseDisposition,
  parseMediaType,
  readMultipart,
} from './codec/multipart.ts'
export {
  contentKey,
  createNaming,
  findNamingProblems,
  findPathProblems,
  type Naming,
  type NamingOptions,
} from './codec/naming.ts'
export { type Path, structure, type TreeNode, textOf, textsAt, toPath } from './codec/path.ts'
export { openTextReader, type TextReader } from './codec/read-text.ts'
export { findReferencePathProblems } from './codec/references.ts'
export { readEnvelope, type SoapEnvelope, type SoapVersion, soapNamespaces } from './codec/soap-envelope.ts'
export { splitCsv } from './codec/split-csv.ts'
export { splitJson, splitLines } from './codec/split-json.ts'
export { escapeXml, isXmlName, writeDocument, writeXml, type XmlContent, xmlMisfit } from './codec/write-xml.ts'
export { elementPath, parseXml, readXml, splitXml } from './codec/xml.ts'
export type { XmlElement } from './codec/xml-element.ts'
export { didYouMean } from './did-you-mean.ts'
export { createEnclosures, type Enclosures } from './enclosures.ts'
export { GatewayError, type Text, toGatewayError } from './errors.ts'
export {
  answerText,
  type Exchange,
  type Http,
  type HttpAnswer,
  openHttp,
  type StreamedAnswer,
  type StreamedBody,
} from './http-client.ts'
export { pointerWord } from './json-pointer.ts'
export { maskNumbers, maskUnknown } from './mapping/mask.ts'
export { type Content, isContent, isList, type Operation, type OperationValues, type ValuesWith } from './operation.ts'
export { createProbeSteps, type Field, type ProbeFinding, type ProbeStep, type StreamFields } from './probe.ts'
export {
  chosenValues,
  confirmedBy,
  type Filling,
  fillPlaces,
  findPlacingProblems,
  findPolicyProblems,
  type Holder,
  overwritesOption,
  type Placing,
  place,
  placesOf,
  placingOptions,
  type Tree,
  unknownOption,
  valuesUnder,
} from './remote-write.ts'
export { systemReason } from './system-reason.ts'
export { type Confirmation, type UnknownPolicy, unknownPolicies, type Verdict } from './verdict.ts'

export type ContentType = 'application/json' | 'application/xml'

export interface SourceRecord {
  /** Table, operation or file pattern. Books and mappings tell streams apart. */
  stream: string
  /**
   * Names the record at its source: primary key, or file name and position. The same key with other content is
   * a new version of the same record; the same key with the content of its newest stored version is a duplicate.
   */
  key: string
  /** As received. A string only when the transport has already decoded it; otherwise the bytes. */
  body: string | Uint8Array
  contentType: ContentType
  /** The configured charset of a byte body, when the body itself does not say it. */
  charset?: string
  /** What parsing `body` would give, when the source holds it anyway (a database row, a parsed element). Must be equal to it. */
  value?: Json | XmlElement
  /**
   * Set when the source could not read the record, or not all that it names: it is stored as it is and quarantined under this error. With a
   * `value`, its case is known and waits with it.
   */
  fault?: GatewayError
  /** What of it was kept. `body` holds digest and size in place of each content, so that another content is a new version. */
  attachments?: readonly Attachment[]
}

export interface Batch {
  records: SourceRecord[]
  /** Stored in the same commit as the records: after a crash the source continues from here. */
  checkpoint?: Json
}

export interface Receipt {
  key: string
  /** `ignored`: a rule of the mapping says that this record is no message. */
  outcome: 'stored' | 'duplicate' | 'quarantined' | 'ignored'
  /** The number under which operators find the record. */
  recordSeq: number
  error?: GatewayError
}

/**
 * `await emit(batch)` is the acknowledgement: it resolves when the batch is on disk, with one receipt per record in
 * order. Until then the source must not tell its legacy system that anything was taken, nor mark, move or delete anything
 * there: what holds no record is acknowledged by an empty batch. It may wait for long (disk full, too much waiting for the
 * broker) and rejects only when the gateway stops, or when somebody only looks (`qianzhi try`): then nothing was taken. With
 * `wait: false` it rejects at once with the STORE error for which it would wait, and has taken nothing: for a source whose sender waits.
 */
export type Emit = (batch: Batch, options?: { wait?: boolean }) => Promise<Receipt[]>

export interface RunContext {
  /** What was last stored with a batch of this source; undefined on the first run. */
  checkpoint: Json | undefined
  /** Aborted when the gateway stops or reloads this system: return soon, without taking more. */
  signal: AbortSignal
  /**
   * Keeps the content of an attachment and answers its digest; resolves when it is on disk. Must be called before the record that names it is
   * emitted. The content is read once, piece by piece, however large; what it throws, `keep` rejects with, and nothing is kept. Rejects with
   * ATTACHMENT_TOO_LARGE, which is about this content alone, and with the STORE errors. When somebody only looks (`qianzhi try`), nothing is kept.
   * It waits for room as `emit` does, and with `wait: false` rejects as that.
   */
  keep: Keep
  /**
   * Called by a source that knows what its records may hold, with every stream that the run reads, before it takes the first record; of a
   * file that says its columns, when it is begun. Throws
   * SOURCE_MAPPING_MISFIT when the mapping reads what is in none of them: the run must reject with it, and take nothing of them. When somebody only
   * looks, it never throws.
   */
  describe(streams: readonly StreamFields[]): void
  /** A source that is pushed to says by it that its senders can reach it: it is well, although its run does not end. */
  ready?(): void
}

export interface Source {
  /**
   * Reads what there is now and resolves; the gateway calls it again on the system's schedule. A source that is
   * pushed to calls `ready` and serves until `signal` aborts. Rejects with a `SOURCE_…` error when the legacy system is not well: the
   * gateway calls it again with back-off. Must hold a bounded number of records in memory whatever the backlog, and
   * must read nothing more while an `emit` waits.
   */
  run(emit: Emit, context: RunContext): Promise<void>
  /**
   * Tries the connection step by step without taking or changing anything. Must not throw for what it finds. A step may also tell what
   * the records of a stream hold (`ProbeStep.streams`).
   */
  probe(signal: AbortSignal): Promise<ProbeStep[]>
  /** Frees connections. Called once, after the last `run` has ended. */
  close(): Promise<void>
}

export interface Sink {
  /**
   * Carries out one operation. Rejects only with DELIVERY_MISFIT, before anything was sent: the operation cannot be put in the target's
   * words, and nobody but a person can mend that. Every wait ends.
   */
  deliver(operation: Operation, signal: AbortSignal): Promise<Verdict>
  /** Asks about an operation whose outcome is unknown; called where the policy is `confirm`. Changes nothing and never rejects. */
  confirm(operation: Operation, signal: AbortSignal): Promise<Confirmation>
  /** Tries the connection and the rights step by step without changing anything. Must not throw for what it finds. */
  probe(signal: AbortSignal): Promise<ProbeStep[]>
  /** Frees connections. Called once, when nothing is under way. */
  close(): Promise<void>
}

/** How an adapter writes. `S` are the options of `deliver`, `O` those by which the system is read; undefined when it is only written to. */
export interface SinkDefinition<O extends TObject = TObject, S extends TObject = TObject> {
  /** As the adapter's own: strict, described, with examples. */
  options: S
  examples: { title: Text; options: Static<S> }[]
  checkOptions?: (options: Static<S>, reading: Static<O> | undefined) => { path: string; expected: Text }[]
  /** What the system has for itself alone where it writes, as `Adapter.claims`. */
  claims?: (options: Static<S>, reading: Static<O> | undefined) => { path: string; name: string }[]
  /** The writes that there are, each with what is done about an unknown outcome of it. */
  writes(options: Static<S>): ReadonlyMap<string, UnknownPolicy>
  open: (options: Static<S>, reading: Static<O> | undefined, context: AdapterContext) => Sink
}

export interface AdapterContext {
  /** The name of the system, for error messages. */
  system: string
  /** Relative paths in options are relative to this folder, that of the gateway's configuration. */
  baseFolder: string
  /** Milliseconds since 1970; injected so that tests decide what time it is. */
  now(): number
  /** Resolves after `ms`, or rejects with the signal's reason. Adapters wait with nothing else. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  /** Tells the operator of something that did not stop the run; in each run while it lasts: the log says it once, `qianzhi status`
   * as long. Of a source that is pushed to, whose run does not end, the log says it each time. */
  warn(error: GatewayError): void
}

export interface Adapter<Options extends TObject = TObject> {
  /** The name in configuration; equals the folder name. A noun after the protocol, in lower case. */
  kind: string
  summary: Text
  /**
   * JSON Schema of the options: strict, each property with `title` and `description` as "中文 / English", defaults and, for secrets,
   * `secret: true`. Configuration check, editor completion and the reference come from here.
   */
  options: Options
  /** Complete options with a sentence each; every one is checked against the schema by the adapter's test. */
  examples: { title: Text; options: Static<Options> }[]
  /** Checks that the schema cannot express (two options that exclude each other). */
  checkOptions?(options: Static<Options>): { path: string; expected: Text }[]
  /** What the system has for itself alone, such as a port, by a name that is the same for all adapters: two that claim one name do not lint. */
  claims?(options: Static<Options>): { path: string; name: string }[]
  /** Opens without connecting: a legacy system that is down must not stop the gateway from starting. */
  openSource(options: Static<Options>, context: AdapterContext): Source
  /** Absent where the adapter only reads. */
  sink?: SinkDefinition
}

/** The record, or the entry of a list, that a function of a plug-in is called for. Paths are written as in a mapping. */
export interface RecordView {
  /** The text at a path, without white space around it; undefined when there is none. Throws when there are several. */
  text(path: string): string | undefined
  /** All texts at a path, in the order of the record. */
  texts(path: string): string[]
}

/**
 * A function of a mapping's plug-in: makes a value of a text. It is pure: no clock, no chance, nothing from outside. Nothing means that the field
 * is absent; what it throws quarantines the record.
 */
export type MappingFunction = (text: string, record: RecordView) => string | number | boolean | undefined

/** Declares how an adapter writes; gives its functions the types of its own options. */
export const defineSink = <O extends TObject, S extends TObject>(sink: SinkDefinition<O, S>): SinkDefinition =>
  sink as unknown as SinkDefinition

/** Declares an adapter; gives `openSource` the type of its own options. */
export const defineAdapter = <Options extends TObject>(adapter: Adapter<Options>): Adapter<Options> => adapter
