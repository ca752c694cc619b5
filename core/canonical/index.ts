/** The canonical language: what the other rooms may use of it. */
export { type AttachmentReceipt, attachmentReceiptsControl } from './attachment-receipts.ts'
export { digestsIn } from './attachments.ts'
export { type CanonicalText, canonicalJson, canonicalTextOf } from './canonical-json.ts'
export {
  type Catalogue,
  type CatalogueItem,
  type CataloguePart,
  catalogueControl,
  catalogueDigest,
  catalogueItem,
  cataloguePartsOf,
  isItemOn,
} from './catalogue.ts'
export { maxIdsAtOnce } from './control.ts'
export { cloudEventParts, schemaOf, toCloudEvent, typeOfWire } from './envelope.ts'
export type { EventDefinition } from './event-definition.ts'
export { type ContentOf, contentSchemaOf, definitionOf, type EventType, eventTypes, fieldsOf, isEventType } from './events.ts'
export { exampleOf } from './examples.ts'
export type { Field, IdentifierKind, Personal } from './fields.ts'
export { happenedAt } from './happened.ts'
export { type CaseProgress, takeEvent } from './held-events.ts'
export {
  type Check,
  checkCitizenId,
  checkIdNumber,
  checkItemCode,
  checkOrganisationCode,
  checkProjectCode,
  checkRegionCode,
  checkUscc,
  type ItemCodeProfile,
  itemCodeProfiles,
  masked,
  ulanqabRegions,
} from './identifiers.ts'
export { caseIdentity, identityOf, laneOf, type MessageName, messageIdOf, parseMessageId } from './identity.ts'
export { checkInvariants, type Invariant, invariants } from './invariants.ts'
export {
  type CaseKey,
  caseKeySchema,
  type Flag,
  flagSchema,
  type MatchKey,
  type MessageDraft,
  type Provenance,
  type Stamp,
} from './message.ts'
export { asyncApi, controls, schemaPathOf, vocabularyTable } from './publish.ts'
export { type Receipt, readReceipts, receiptsEvent, receiptsType } from './receipts.ts'
export {
  type Comparison,
  comparisonControl,
  type Statement,
  type StatementLine,
  type StatementRange,
  statementControl,
} from './statements.ts'
export {
  type CaseState,
  type CaseStatus,
  caseStatuses,
  initialState,
  isEnded,
  isSuspended,
  nextState,
  type StateEvent,
  type Violation,
  violations,
} from './states.ts'
export { typeReason } from './type-words.ts'
export { compileInParts, createValidator, findValueFault, validateDraft, validateMessage } from './validate.ts'
export { decideVersion, type Verdict, type VersionDecision } from './version.ts'
export { type Code, codesOf, type ListName, vocabulary } from './vocabulary.ts'
