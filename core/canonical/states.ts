/**
 * How a case moves. The table is all there is: a message that no row allows changes nothing, and the answer says whether it
 * came `early` (what it waits for can still come: `held-events.ts` holds it) or `late` (the case is already past it).
 */
import type { Text } from '../errors.ts'
import type { EventType } from './events.ts'
import type { Code } from './vocabulary.ts'

export type CaseStatus =
  | 'expected'
  | 'received'
  | 'prereview_returned'
  | 'prereviewed'
  | 'accepted'
  | 'refused'
  | 'in_review'
  | 'forwarded'
  | 'approved'
  | 'denied'
  | 'closed'
  | 'collected'
  | 'withdrawn'
  | 'voided'

export const caseStatuses: Record<CaseStatus, Text> = {
  expected: { zh: '尚未接收', en: 'not received yet' },
  received: { zh: '已接收', en: 'received' },
  prereview_returned: { zh: '预审退回', en: 'returned at preliminary review' },
  prereviewed: { zh: '预审通过', en: 'passed preliminary review' },
  accepted: { zh: '已受理', en: 'accepted' },
  refused: { zh: '不予受理', en: 'acceptance refused' },
  in_review: { zh: '审核中', en: 'in review' },
  forwarded: { zh: '已上报', en: 'forwarded upward' },
  approved: { zh: '已批准', en: 'approved' },
  denied: { zh: '不予批准', en: 'denied' },
  closed: { zh: '已办结', en: 'closed' },
  collected: { zh: '已领取', en: 'collected' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
  voided: { zh: '已作废', en: 'voided' },
}

export const violations = {
  early: { zh: '先于应在其前的环节到达', en: 'came before what must precede it' },
  late: { zh: '办件已过此环节', en: 'the case is already past it' },
  closed_twice: { zh: '同一数据版本重复办结', en: 'closed a second time in the same data version' },
  special_never_started: { zh: '特别程序没有同序号的开始', en: 'no special procedure of this sequence has started' },
  special_open_at_closing: { zh: '办结时特别程序尚未结束', en: 'closed while a special procedure is open' },
} as const satisfies Record<string, Text>

export type Violation = keyof typeof violations

export interface CaseState {
  status: CaseStatus
  /** Sequences of the special procedures that have started and not ended: the case is suspended while there are any. */
  openSpecials: string[]
  /** Paper is still owed; this outlives the closing. */
  paperOwed: boolean
  /** The message that led here and where it found the case: a higher version of it is judged from there again. */
  reachedBy?: { type: EventType; from: CaseStatus }
}

export const initialState: CaseState = { status: 'expected', openSpecials: [], paperOwed: false }

export const isSuspended = (state: CaseState): boolean => state.openSpecials.length > 0

/** What the state of a case depends on; a draft and the data of a message both have this shape. */
export interface StateEvent {
  type: EventType
  stage?: { sequence?: string }
  dataVersion?: number
  content: Record<string, unknown>
}

interface Move {
  on: EventType
  /** The decision, outcome or kind that the row is about; any when absent. */
  when?: string[]
  from: CaseStatus[]
  /** The status stays when absent. */
  to?: CaseStatus
}

const beforeAcceptance: CaseStatus[] = ['received', 'prereview_returned', 'prereviewed']
const inHand: CaseStatus[] = ['accepted', 'in_review']
const open: CaseStatus[] = [...beforeAcceptance, ...inHand, 'forwarded', 'approved', 'denied', 'refused']
const known: CaseStatus[] = [...open, 'closed', 'collected', 'withdrawn', 'voided']
const otherClosings: Code<'outcome'>[] = ['terminated', 'unknown_legacy']

export const moves: Move[] = [
  { on: 'application.received', from: ['expected'], to: 'received' },
  { on: 'prereview.decided', when: ['passed'], from: beforeAcceptance, to: 'prereviewed' },
  { on: 'prereview.decided', when: ['returned'], from: beforeAcceptance, to: 'prereview_returned' },
  { on: 'prereview.decided', when: ['supplement'], from: beforeAcceptance },
  { on: 'supplement.requested', from: [...beforeAcceptance, ...inHand] },
  { on: 'supplement.received', from: [...beforeAcceptance, ...inHand] },
  { on: 'acceptance.decided', when: ['accepted'], from: beforeAcceptance, to: 'accepted' },
  { on: 'acceptance.decided', when: ['refused'], from: beforeAcceptance, to: 'refused' },
  { on: 'review.step', from: inHand, to: 'in_review' },
  { on: 'review.decided', from: inHand, to: 'in_review' },
  { on: 'approval.decided', when: ['approved'], from: inHand, to: 'approved' },
  { on: 'approval.decided', when: ['denied'], from: inHand, to: 'denied' },
  { on: 'approval.decided', when: ['returned'], from: inHand, to: 'in_review' },
  { on: 'special.started', from: inHand },
  { on: 'special.ended', from: known },
  // A department may learn of a joint case by the notice alone.
  { on: 'joint.notice', from: ['expected'], to: 'received' },
  { on: 'joint.notice', from: open },
  { on: 'joint.opinion', from: open },
  { on: 'joint.summarised', from: open },
  { on: 'upward.forwarded', from: inHand, to: 'forwarded' },
  { on: 'upward.returned', when: ['agreed', 'conditional'], from: ['forwarded'], to: 'approved' },
  { on: 'upward.returned', when: ['disagreed'], from: ['forwarded'], to: 'denied' },
  { on: 'upward.returned', when: ['returned'], from: ['forwarded'], to: 'in_review' },
  // Many legacy systems have no decision of their own before the closing: the outcome says it.
  { on: 'case.closed', when: ['granted', 'granted_without_document'], from: [...inHand, 'forwarded', 'approved'], to: 'closed' },
  { on: 'case.closed', when: ['denied'], from: [...inHand, 'forwarded', 'denied'], to: 'closed' },
  { on: 'case.closed', when: ['refused_acceptance'], from: [...beforeAcceptance, 'refused'], to: 'closed' },
  { on: 'case.closed', when: ['returned_prereview'], from: beforeAcceptance, to: 'closed' },
  { on: 'case.closed', when: ['returned_no_supplement'], from: [...beforeAcceptance, ...inHand], to: 'closed' },
  { on: 'case.closed', when: ['withdrawn'], from: open, to: 'withdrawn' },
  { on: 'case.closed', when: ['forwarded'], from: [...inHand, 'forwarded'], to: 'forwarded' },
  { on: 'case.closed', when: ['voided', 'deleted_technical'], from: open, to: 'voided' },
  { on: 'case.closed', when: otherClosings, from: open, to: 'closed' },
  { on: 'result.collected', from: ['approved', 'closed', 'collected'], to: 'collected' },
  { on: 'evaluation.given', from: known },
  { on: 'case.amended', from: known },
  { on: 'case.voided', from: known, to: 'voided' },
  { on: 'paper.filed', from: known },
  { on: 'data.rejected_by_platform', from: ['expected', ...known] },
  { on: 'supervision.alert', from: ['expected', ...known] },
]

const selectorOf = ({ content }: StateEvent): unknown => content.decision ?? content.outcome ?? content.kind

const rowsFor = (event: StateEvent): Move[] => {
  const selector = selectorOf(event)
  return moves.filter(({ on, when }) => on === event.type && (when === undefined || when.some((value) => value === selector)))
}

const reachableFrom = (() => {
  const reach = (from: CaseStatus): Set<CaseStatus> => {
    const seen = new Set<CaseStatus>([from])
    for (const status of seen)
      for (const move of moves) if (move.to !== undefined && move.from.includes(status)) seen.add(move.to)
    return seen
  }
  return new Map((Object.keys(caseStatuses) as CaseStatus[]).map((status) => [status, reach(status)]))
})()

const ended: CaseStatus[] = ['closed', 'collected', 'withdrawn', 'voided']

const whyNot = (status: CaseStatus, event: StateEvent): Violation => {
  if (event.type === 'case.closed' && ended.includes(status)) return 'closed_twice'
  const canStillCome = rowsFor(event).some(({ from }) => from.some((waited) => reachableFrom.get(status)?.has(waited)))
  return canStillCome ? 'early' : 'late'
}

const owes = (event: StateEvent, before: boolean): boolean => {
  if (event.type === 'paper.filed') return before && event.content.complete === false
  return before || event.content.paperObligation !== undefined
}

/**
 * The state after a message, and the rule it broke, if any. Never throws. With a violation other than
 * `special_open_at_closing` the state is the one given. A higher data version of the message that led to the present status
 * replaces its move; of an earlier message, it corrects history and moves nothing.
 */
export const nextState = (state: CaseState, event: StateEvent): { state: CaseState; violation?: Violation } => {
  const isAmendment = (event.dataVersion ?? 1) > 1
  const replaces = isAmendment && state.reachedBy?.type === event.type
  const from = replaces ? (state.reachedBy?.from ?? state.status) : state.status
  const row = rowsFor(event).find((move) => move.from.includes(from))
  if (row === undefined) {
    const violation = whyNot(state.status, event)
    const correctsHistory = isAmendment && violation !== 'early'
    return correctsHistory ? { state: { ...state, paperOwed: owes(event, state.paperOwed) } } : { state, violation }
  }

  const sequence = event.stage?.sequence ?? ''
  if (event.type === 'special.ended' && !state.openSpecials.includes(sequence)) {
    return isAmendment ? { state } : { state, violation: 'special_never_started' }
  }
  const others = state.openSpecials.filter((one) => one !== sequence)
  const next: CaseState = {
    ...state,
    ...(row.to === undefined ? {} : { status: row.to, reachedBy: { type: event.type, from } }),
    paperOwed: owes(event, state.paperOwed),
    ...(event.type === 'special.started' ? { openSpecials: [...others, sequence] } : {}),
    ...(event.type === 'special.ended' ? { openSpecials: others } : {}),
  }
  const leavesSpecialOpen = event.type === 'case.closed' && isSuspended(state)
  return leavesSpecialOpen ? { state: next, violation: 'special_open_at_closing' } : { state: next }
}

/** Statuses in which nothing more is expected of the department. */
export const isEnded = (status: CaseStatus): boolean => ended.includes(status)
