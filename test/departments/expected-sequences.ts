/** What the receiver makes of each sequence of each department: the messages in the order in which they are applied, and the last status. */
import { civil } from './civil-entries.ts'
import type { DepartmentCase, Organisation } from './department-case.ts'
import { housing } from './housing-documents.ts'
import { market } from './market-rows.ts'
import type { Expected } from './sequence-run.ts'
import { type SequenceName, sequenceCase, yearsBefore } from './sequences.ts'

type Written = Record<string, [source: DepartmentCase, status: string | undefined, applied: string[]]>

const toExpected = (written: Written): Expected[] =>
  Object.entries(written).map(([name, [source, status, applied]]) => ({ name, source, applied, status, held: 0 }))

/** The one record that no rule can read: its case waits, and nothing of it goes out. */
export const quarantined = (stream: string, field: string) => [{ stream, code: 'CODE_UNKNOWN', en: new RegExp(field) }]

const early = (applied: string[]): string[] => applied.map((words) => `${words} early`)

const of = (prefix: string, org: Organisation) => (name: SequenceName, item?: number) => sequenceCase(name, prefix, org, item)

const h = of('ZJ', housing)
const gdbs = {
  received: 'application.received v1',
  accepted: 'acceptance.decided accepted v1',
  review: ['review.step agreed v1', 'review.decided agreed v1', 'approval.decided approved v1'],
  granted: 'case.closed granted (0) v1',
}
const gdbsGranted = [gdbs.accepted, ...gdbs.review, gdbs.granted]

export const housingCases = toExpected({
  normal: [h('normal'), 'collected', [gdbs.received, ...gdbsGranted, 'result.collected v1']],
  prereviewed: [h('prereviewed'), 'closed', [gdbs.received, 'prereview.decided passed v1', ...gdbsGranted]],
  'returned at prereview': [h('returned at prereview'), 'prereview_returned', [gdbs.received, 'prereview.decided returned v1']],
  supplement: [h('supplement'), 'closed', [gdbs.received, 'supplement.requested v1', 'supplement.received v1', ...gdbsGranted]],
  'supplement at prereview': [
    h('supplement at prereview'),
    'closed',
    [gdbs.received, 'prereview.decided supplement v1', 'supplement.received v1', ...gdbsGranted],
  ],
  special: [
    h('special'),
    'closed',
    [
      gdbs.received,
      gdbs.accepted,
      'review.step agreed v1',
      'special.started hearing v1',
      'special.ended v1',
      'review.decided agreed v1',
      'approval.decided approved v1',
      gdbs.granted,
    ],
  ],
  refused: [h('refused'), 'refused', [gdbs.received, 'acceptance.decided refused v1']],
  denied: [
    h('denied'),
    'closed',
    [
      gdbs.received,
      gdbs.accepted,
      'review.step disagreed v1',
      'review.decided disagreed v1',
      'approval.decided denied v1',
      'case.closed denied (1) v1',
    ],
  ],
  withdrawn: [h('withdrawn'), 'withdrawn', [gdbs.received, gdbs.accepted, 'case.closed withdrawn (1) v1']],
  voided: [h('voided'), 'voided', [gdbs.received, gdbs.accepted, 'case.voided void v1']],
  deleted: [h('deleted'), 'voided', [gdbs.received, gdbs.accepted, 'case.voided delete_technical v1']],
  'reported again': [h('reported again'), 'closed', [gdbs.received, ...gdbsGranted, 'application.received v2']],
  'out of order': [h('out of order'), 'closed', [gdbs.received, gdbs.accepted, ...early([...gdbs.review, gdbs.granted])]],
  bad: [h('bad'), undefined, []],
})

const m = of('SC', market)
const ea = {
  received: 'application.received promise v1',
  accepted: 'acceptance.decided accepted done v1',
  handled: ['review.step pending v1', 'review.step agreed done v1'],
  decided: ['review.decided agreed done v1', 'approval.decided approved done v1'],
  denied: [
    'review.step pending v1',
    'review.step disagreed done v1',
    'review.decided disagreed done v1',
    'approval.decided denied done v1',
  ],
  granted: 'case.closed granted (0) v1',
}
const eaGranted = [ea.accepted, ...ea.handled, ...ea.decided, ea.granted]

/** The database is read table by table, supplements and special procedures before the nodes of the process. */
export const marketCases = toExpected({
  normal: [m('normal'), 'closed', [ea.received, ...eaGranted, 'evaluation.given 2 v1']],
  supplement: [m('supplement'), 'closed', [ea.received, 'supplement.requested v1', 'supplement.received v1', ...eaGranted]],
  'supplement at prereview': [
    m('supplement at prereview'),
    'closed',
    [ea.received, 'prereview.decided supplement v1', 'supplement.received v1', ...eaGranted],
  ],
  special: [
    m('special'),
    'closed',
    [
      ea.received,
      ea.accepted,
      ...early(['special.started hearing v1', 'special.ended hearing v1']),
      ...ea.handled,
      ...ea.decided,
      ea.granted,
    ],
  ],
  refused: [m('refused'), 'closed', [ea.received, 'acceptance.decided refused done v1', 'case.closed refused_acceptance (6) v1']],
  denied: [m('denied'), 'closed', [ea.received, ea.accepted, ...ea.denied, 'case.closed denied (1) v1']],
  withdrawn: [m('withdrawn'), 'withdrawn', [ea.received, ea.accepted, 'case.closed withdrawn (5) v1']],
  voided: [m('voided'), 'voided', [ea.received, ea.accepted, 'case.voided void v1']],
  deleted: [m('deleted'), 'voided', [ea.received, ea.accepted, 'case.voided delete_technical v1']],
  'reported again': [m('reported again'), 'closed', [ea.received, 'application.received promise v2', ...eaGranted]],
  'out of order': [m('out of order'), 'closed', [ea.received, ea.accepted, ...early([...ea.handled, ...ea.decided]), ea.granted]],
  bad: [m('bad'), undefined, []],
  'the old edition by STDVER': [m('denied', 1), 'closed', [ea.received, ea.accepted, ...ea.denied, 'case.closed denied (1) v1']],
  'withdrawn by the old edition': [m('withdrawn', 1), 'withdrawn', [ea.received, ea.accepted, 'case.closed withdrawn (1) v1']],
  'the old edition by its date': [
    yearsBefore(7, m('withdrawn')),
    'withdrawn',
    [ea.received, ea.accepted, 'case.closed withdrawn (1) v1'],
  ],
})

const c = of('MZ', civil)
const up = {
  received: 'application.received promise v1',
  accepted: 'acceptance.decided accepted v1',
  review: ['review.step agreed v1', 'review.decided agreed v1', 'approval.decided approved v1'],
  granted: 'case.closed granted (6) v1',
}
const upGranted = [up.accepted, ...up.review, up.granted]
/** The row of the application is exchanged again when it is accepted on a later visit. */
const upAgain = ['application.received promise v2', ...upGranted]

export const civilCases = toExpected({
  normal: [c('normal'), 'closed', [up.received, ...upGranted, 'evaluation.given 2 v1']],
  prereviewed: [c('prereviewed'), 'closed', [up.received, 'prereview.decided passed v1', ...upAgain]],
  'returned at prereview': [c('returned at prereview'), 'prereview_returned', [up.received, 'prereview.decided returned v1']],
  supplement: [c('supplement'), 'closed', [up.received, 'supplement.requested v1', 'supplement.received v1', ...upAgain]],
  special: [
    c('special'),
    'closed',
    [
      up.received,
      up.accepted,
      'review.step agreed v1',
      'special.started hearing v1',
      'special.ended hearing v1',
      'review.decided agreed v1',
      'approval.decided approved v1',
      up.granted,
    ],
  ],
  refused: [c('refused'), 'closed', [up.received, 'acceptance.decided refused v1', 'case.closed refused_acceptance (1) v1']],
  denied: [
    c('denied'),
    'closed',
    [
      up.received,
      up.accepted,
      'review.step disagreed v1',
      'review.decided disagreed v1',
      'approval.decided denied v1',
      'case.closed denied (7) v1',
    ],
  ],
  withdrawn: [c('withdrawn'), 'withdrawn', [up.received, up.accepted, 'case.closed withdrawn (3) v1']],
  deleted: [c('deleted'), 'voided', [up.received, up.accepted, 'case.voided delete_technical v1']],
  'reported again': [
    c('reported again'),
    'closed',
    [up.received, ...upGranted, 'application.received promise v2', 'acceptance.decided accepted v2'],
  ],
  'out of order': [c('out of order'), 'closed', [up.received, up.accepted, ...early([...up.review, up.granted])]],
  'rejected late': [c('rejected late'), 'closed', [up.received, ...upGranted, 'data.rejected_by_platform v1']],
  bad: [c('bad'), undefined, []],
})
