/**
 * Messages that came before what must precede them. Out-of-order arrival is normal: they are held with their case and applied as soon
 * as what they wait for is there.
 */
import { type CaseState, type CaseStatus, initialState, nextState, type StateEvent, type Violation } from './states.ts'

/** As much of a message as states depend on. */
export interface HeldEvent extends StateEvent {
  id: string
  stage?: { sequence?: string; state?: string }
  occurredAt?: string
}

export interface CaseProgress extends CaseState {
  /** In the order of arrival; absent when nothing waits. */
  held?: HeldEvent[]
}

export interface Breach {
  event: Pick<HeldEvent, 'id' | 'type'>
  violation: Violation
  /** That of the case when the rule was broken. */
  status: CaseStatus
}

/** A case holds no more; what comes early beyond that is told of as early and never applied. */
const maxHeld = 200

/** What `nextState` looks at: a body of any size must not be kept a second time. */
const summaryOf = ({ id, type, stage, dataVersion, occurredAt, content }: HeldEvent): HeldEvent => {
  const { decision, outcome, kind, complete, paperObligation } = content
  return {
    id,
    type,
    ...(stage && { stage }),
    ...(dataVersion !== undefined && { dataVersion }),
    ...(occurredAt !== undefined && { occurredAt }),
    content: {
      ...(decision !== undefined && { decision }),
      ...(outcome !== undefined && { outcome }),
      ...(kind !== undefined && { kind }),
      ...(complete !== undefined && { complete }),
      ...(paperObligation !== undefined && { paperObligation: true }),
    },
  }
}

const isSameFact = (a: HeldEvent, b: HeldEvent): boolean =>
  a.type === b.type &&
  (a.stage?.sequence ?? '') === (b.stage?.sequence ?? '') &&
  (a.stage?.state ?? '') === (b.stage?.state ?? '')

/** The end of a special procedure whose start is itself waiting: the two are applied in their order, or not at all. */
const waitsForStart = ({ held = [] }: CaseProgress, { type, stage }: HeldEvent): boolean =>
  type === 'special.ended' &&
  held.some((one) => one.type === 'special.started' && (one.stage?.sequence ?? '') === (stage?.sequence ?? ''))

const judgeEvent = (progress: CaseProgress, event: HeldEvent): ReturnType<typeof nextState> => {
  const next = nextState(progress, event)
  const isEarly = next.violation === 'special_never_started' && waitsForStart(progress, event)
  return isEarly ? { ...next, violation: 'early' } : next
}

/** Of those whose time has come, the one that happened first; what does not say when goes last, in the order of arrival. */
const nextHeld = (progress: CaseProgress): HeldEvent | undefined => {
  const ready = (progress.held ?? []).filter((one) => judgeEvent(progress, one).violation !== 'early')
  const time = ({ occurredAt }: HeldEvent): string => occurredAt ?? '~'
  return ready.reduce<HeldEvent | undefined>((first, one) => (first && time(first) <= time(one) ? first : one), undefined)
}

const withHeld = ({ held: _, ...state }: CaseProgress, held: HeldEvent[]): CaseProgress =>
  held.length === 0 ? state : { ...state, held }

/**
 * The progress of a case after a message, and every rule that was broken on the way, by this message or by one that it set free. A higher
 * data version of a message that is held takes its place, or, when it can be applied, ends its waiting. Never throws.
 */
export const takeEvent = (before: CaseProgress | undefined, event: HeldEvent): { progress: CaseProgress; breaches: Breach[] } => {
  const breaches: Breach[] = []
  let progress: CaseProgress = before ?? initialState
  const apply = (one: HeldEvent): Violation | undefined => {
    const { state, violation } = judgeEvent(progress, one)
    if (violation !== undefined) breaches.push({ event: one, violation, status: progress.status })
    progress = state
    return violation
  }
  if (apply(event) === 'early') {
    const others = (progress.held ?? []).filter((one) => !isSameFact(one, event))
    if (others.length < maxHeld) progress = withHeld(progress, [...others, summaryOf(event)])
    return { progress, breaches }
  }
  // What it corrects is history before it was ever applied.
  progress = withHeld(
    progress,
    (progress.held ?? []).filter((one) => !isSameFact(one, event)),
  )
  for (let next = nextHeld(progress); next; next = nextHeld(progress)) {
    const applied = next
    progress = withHeld(
      progress,
      (progress.held ?? []).filter((one) => one !== applied),
    )
    apply(applied)
  }
  return { progress, breaches }
}
