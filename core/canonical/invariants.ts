/**
 * The rules of the domain that one message alone can break. A contradiction cannot be true, so it is quarantined until a
 * person decides. A gap or a failing check digit may be all that the source has: it is sent as it is, and flagged, because
 * supervision wants to see exactly such cases.
 */
import { GatewayError, type Text } from '../errors.ts'
import { type EventType, fieldsOf } from './events.ts'
import type { IdentifierKind } from './fields.ts'
import {
  type Check,
  checkIdNumber,
  checkOrganisationCode,
  checkProjectCode,
  checkRegionCode,
  checkUscc,
  masked,
} from './identifiers.ts'
import type { Flag, MessageDraft } from './message.ts'
import { eachValueAt, type Found, isBefore, isPart, numberAt, partAt, textAt } from './read-content.ts'
import type { Code } from './vocabulary.ts'

export interface Invariant {
  name: string
  severity: 'quarantine' | 'flag'
  title: Text
  /** The flag that a breach gets; `quarantine` rules give none. */
  code: Flag['code']
  /** Where the rule is broken; empty when it is kept. */
  check(draft: MessageDraft): { path: string; found?: string }[]
}

/** What cannot be true: the first member of a pair later than the second. */
const orderedPairs = [
  ['startedAt', 'endedAt'],
  ['receivedAt', 'promisedDueAt'],
  ['toldAt', 'dueAt'],
  ['noticedAt', 'dueAt'],
  ['forwardedAt', 'dueAt'],
  ['document.validFrom', 'document.validTo'],
] as const

const negativeOutcomes: Code<'outcome'>[] = [
  'denied',
  'refused_acceptance',
  'returned_prereview',
  'returned_no_supplement',
  'voided',
  'terminated',
]
const negativeDecisions = ['refused', 'denied', 'disagreed', 'returned']

const decisionMembers = ['decision', 'outcome'] as const

const identifierChecks: Record<IdentifierKind, (found: Found) => Check> = {
  uscc: ({ value }) => checkUscc(value),
  organisation: ({ value }) => checkOrganisationCode(value),
  region: ({ value }) => checkRegionCode(value),
  project: ({ value }) => checkProjectCode(value),
  'id-number': ({ value, parent }) => checkIdNumber(textAt(parent, 'idType') as Code<'idType'> | undefined, value),
}

interface IdentifierField {
  path: string
  check: (found: Found) => Check
}

const identifierFields = new Map<EventType, IdentifierField[]>()

const identifiersOf = (type: EventType): IdentifierField[] => {
  let fields = identifierFields.get(type)
  if (fields === undefined) {
    fields = fieldsOf(type).flatMap(({ path, schema }) =>
      schema.identifier ? [{ path, check: identifierChecks[schema.identifier] }] : [],
    )
    identifierFields.set(type, fields)
  }
  return fields
}

const broken = (path: string, isBroken: boolean) => (isBroken ? [{ path: `/content/${path.replaceAll('.', '/')}` }] : [])

export const invariants: Invariant[] = [
  {
    name: 'times-in-order',
    severity: 'quarantine',
    title: { zh: '后发生的时间不得早于先发生的时间', en: 'what ends or falls due later must not come before what began earlier' },
    code: 'invariant',
    check: ({ content }) =>
      orderedPairs.flatMap(([first, second]) => broken(second, isBefore(textAt(content, second), textAt(content, first)))),
  },
  {
    name: 'opinions-before-summary',
    severity: 'quarantine',
    title: {
      zh: '联审汇总前各部门应已反馈，逾期未反馈的须明确标注',
      en: 'a joint review is summarised when each opinion is there or marked as timed out',
    },
    code: 'invariant',
    check: ({ type, content }) => {
      const participants = content.participants
      if (type !== 'joint.summarised' || !Array.isArray(participants)) return []
      return participants.flatMap((entry: unknown, i) => {
        if (!isPart(entry)) return []
        const isLate = isBefore(textAt(content, 'summarisedAt'), textAt(entry, 'givenAt'))
        return broken(`participants.${i}`, isLate || (entry.decision === undefined && entry.timedOut !== true))
      })
    },
  },
  {
    name: 'origin-issues',
    severity: 'quarantine',
    title: { zh: '上报件由初审机构出证', en: 'a case reported upward is issued by the authority that forwarded it' },
    code: 'invariant',
    check: ({ content }) => {
      const [issuer, origin] = [textAt(content, 'issuingOrg.code'), textAt(content, 'originOrg.code')]
      return broken('issuingOrg.code', issuer !== undefined && origin !== undefined && issuer !== origin)
    },
  },
  {
    name: 'score-agrees-with-scale',
    severity: 'quarantine',
    title: { zh: '满意度应与原评价值和标尺一致', en: 'the score must agree with the original value and its scale' },
    code: 'invariant',
    check: ({ content }) => {
      const score = numberAt(content, 'score')
      const original = Number(textAt(content, 'originalValue'))
      const scale = textAt(content, 'originalScale')
      if (score === undefined || !Number.isInteger(original) || (scale !== 'one_best' && scale !== 'five_best')) return []
      return broken('score', score !== (scale === 'one_best' ? original : 6 - original))
    },
  },
  {
    name: 'unknown-outcome-keeps-original',
    severity: 'quarantine',
    title: { zh: '含义不明的办结结果须保留原代码', en: 'an outcome of unknown meaning keeps its original code' },
    code: 'invariant',
    check: ({ content }) =>
      broken('original.value', content.outcome === 'unknown_legacy' && textAt(content, 'original.value') === undefined),
  },
  {
    name: 'recorded-after-occurred',
    severity: 'flag',
    title: { zh: '登记时间早于发生时间', en: 'it was recorded before it happened' },
    code: 'suspect',
    check: ({ occurredAt, recordedAt }) => (isBefore(recordedAt, occurredAt) ? [{ path: '/recordedAt' }] : []),
  },
  {
    name: 'accepted-within-promise',
    severity: 'flag',
    title: { zh: '受理晚于承诺办结时间', en: 'it was accepted after the day that was promised for its result' },
    code: 'suspect',
    check: ({ content }) => broken('decidedAt', isBefore(textAt(content, 'promisedDueAt'), textAt(content, 'decidedAt'))),
  },
  {
    name: 'negative-needs-reason',
    severity: 'flag',
    title: { zh: '不利决定须说明理由', en: 'a negative decision needs its reason' },
    code: 'missing',
    check: ({ content }) => {
      const isNegative =
        (negativeOutcomes as unknown[]).includes(content.outcome) ||
        negativeDecisions.some((decision) => decision === content.decision) ||
        content.kind === 'void'
      return broken('reason', isNegative && content.reason === undefined)
    },
  },
  {
    name: 'document-needs-number-and-issuer',
    severity: 'flag',
    title: {
      zh: '出证办结的证照、批文须有编号和发证机关',
      en: 'a licence or written approval that is granted needs its number and issuer',
    },
    code: 'missing',
    check: ({ content }) => {
      const document = partAt(content, 'document')
      if (content.outcome !== 'granted' || (document?.type !== 'licence' && document?.type !== 'approval')) return []
      return [
        ...broken('document.number', document.number === undefined),
        ...broken('document.issuer', document.issuer === undefined),
      ]
    },
  },
  {
    name: 'decision-needs-actor',
    severity: 'flag',
    title: { zh: '决定须有责任人', en: 'a decision needs the official who took it' },
    code: 'missing',
    check: ({ content }) =>
      broken('actor', decisionMembers.some((name) => content[name] !== undefined) && content.actor === undefined),
  },
  {
    name: 'identifier-check',
    severity: 'flag',
    title: { zh: '证件号码或代码校验不通过', en: 'an identifier fails its check' },
    code: 'invalid',
    check: ({ type, content, case: key }) => {
      const places: { path: string; found: string }[] = []
      for (const { path, check } of identifiersOf(type))
        eachValueAt(content, path, (found) => {
          if (check(found) === 'bad') places.push({ path: `/content/${found.path}`, found: masked(found.value) })
        })
      const { projectCode } = key
      if (projectCode !== undefined && checkProjectCode(projectCode) === 'bad')
        places.push({ path: '/case/projectCode', found: projectCode })
      return places
    },
  },
]

/**
 * Judges a draft by every rule. `error` is MESSAGE_INVARIANT_BROKEN of the first contradiction; `flags` are what to add to
 * the draft when it is sent. Pure: the same draft gives the same answer.
 */
export const checkInvariants = (draft: MessageDraft): { flags: Flag[]; error?: GatewayError } => {
  const flags: Flag[] = []
  let error: GatewayError | undefined
  for (const { name, severity, title, code, check } of invariants) {
    const places = check(draft)
    if (severity === 'flag') flags.push(...places.map((place) => Object.assign({}, place, { code, rule: name })))
    else if (places[0] !== undefined && error === undefined) {
      const { path: field } = places[0]
      error = GatewayError.of('MESSAGE_INVARIANT_BROKEN', {
        at: '',
        type: draft.type,
        field,
        entry: '',
        rule: name,
        reason: title,
      })
    }
  }
  return error === undefined ? { flags } : { flags, error }
}
