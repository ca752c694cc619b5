import { orderFamily } from './orders.ts'

const closed = ['SB', 'SL', 'BJ'] as const

/** What the platform makes of cases whose stages come in an order that the procedure does not know. */
export const stageOrders = orderFamily('stage orders', [
  {
    name: 'an acceptance without an application',
    records: ['SL'],
    expect: {
      type: 'acceptance.decided',
      violation: 'early',
      status: 'expected',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'an approval before the acceptance',
    records: ['SB', 'PZ'],
    expect: {
      type: 'approval.decided',
      violation: 'early',
      status: 'received',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'a closing before the application',
    records: ['BJ'],
    expect: {
      type: 'case.closed',
      violation: 'early',
      status: 'expected',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'collected before it was closed or approved',
    records: ['SB', 'SL', 'LQ'],
    expect: {
      type: 'result.collected',
      violation: 'early',
      status: 'accepted',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'a step of the review before the acceptance',
    records: ['SB', 'HJ'],
    expect: {
      type: 'review.step',
      violation: 'early',
      status: 'received',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'granted without ever being accepted',
    records: ['SB', 'BJ'],
    expect: {
      type: 'case.closed',
      violation: 'early',
      status: 'received',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'an evaluation of a case that nobody knows',
    records: ['PJ'],
    expect: {
      type: 'evaluation.given',
      violation: 'early',
      status: 'expected',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'the answer from above before the case was forwarded',
    records: ['SB', 'SL', 'SH'],
    expect: {
      type: 'upward.returned',
      violation: 'early',
      status: 'accepted',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'a supplement asked for before the application came',
    records: ['BZ'],
    expect: {
      type: 'supplement.requested',
      violation: 'early',
      status: 'expected',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'a special procedure before the acceptance',
    records: ['SB', 'TS'],
    expect: {
      type: 'special.started',
      violation: 'early',
      status: 'received',
      zh: '先于应在其前的环节到达',
      en: 'came before what must precede it',
    },
  },
  {
    name: 'a special procedure that ends without having started',
    records: ['SB', 'SL', 'TE'],
    expect: {
      type: 'special.ended',
      violation: 'special_never_started',
      status: 'accepted',
      zh: '特别程序没有同序号的开始',
      en: 'no special procedure of this sequence has started',
    },
  },
  {
    name: 'a special procedure that ends under another number',
    records: ['SB', 'SL', 'TS', ['TE', { XH: '2' }]],
    expect: {
      type: 'special.ended',
      violation: 'special_never_started',
      status: 'accepted',
      zh: '特别程序没有同序号的开始',
      en: 'no special procedure of this sequence has started',
    },
  },
  {
    name: 'closed while a special procedure is open',
    records: ['SB', 'SL', 'TS', 'BJ'],
    expect: {
      type: 'case.closed',
      violation: 'special_open_at_closing',
      status: 'accepted',
      zh: '办结时特别程序尚未结束',
      en: 'closed while a special procedure is open',
    },
  },
  {
    name: 'closed while the second of two special procedures is open',
    records: ['SB', 'SL', 'TS', ['TS', { XH: '2' }], 'TE', 'BJ'],
    expect: {
      type: 'case.closed',
      violation: 'special_open_at_closing',
      status: 'accepted',
      zh: '办结时特别程序尚未结束',
      en: 'closed while a special procedure is open',
    },
  },
  {
    name: 'accepted after it was refused',
    records: ['SB', ['SL', { ZT: '2', BSLYY: '材料不全' }], ['SL', { XH: '2' }]],
    expect: {
      type: 'acceptance.decided',
      violation: 'late',
      status: 'refused',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'accepted after it was closed',
    records: [...closed, ['SL', { XH: '2' }]],
    expect: {
      type: 'acceptance.decided',
      violation: 'late',
      status: 'closed',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'refused after it was accepted',
    records: ['SB', 'SL', ['SL', { XH: '2', ZT: '2', BSLYY: '材料不全' }]],
    expect: {
      type: 'acceptance.decided',
      violation: 'late',
      status: 'accepted',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'a step after the closing',
    records: [...closed, 'HJ'],
    expect: { type: 'review.step', violation: 'late', status: 'closed', zh: '办件已过此环节', en: 'the case is already past it' },
  },
  {
    name: 'approved after it was denied',
    records: ['SB', 'SL', ['BJ', { BJJG: '1', BJYY: '不符合条件' }], 'PZ'],
    expect: {
      type: 'approval.decided',
      violation: 'late',
      status: 'closed',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'denied by the approval and granted by the closing',
    records: ['SB', 'SL', ['PZ', { ZT: '0', YY: '不符合条件' }], 'BJ'],
    expect: { type: 'case.closed', violation: 'late', status: 'denied', zh: '办件已过此环节', en: 'the case is already past it' },
  },
  {
    name: 'approved and closed as refused at acceptance',
    records: ['SB', 'SL', 'PZ', ['BJ', { BJJG: '6', BJYY: '不予受理' }]],
    expect: {
      type: 'case.closed',
      violation: 'late',
      status: 'approved',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'a supplement asked for after the decision',
    records: ['SB', 'SL', 'PZ', 'BZ'],
    expect: {
      type: 'supplement.requested',
      violation: 'late',
      status: 'approved',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'forwarded after it was decided',
    records: ['SB', 'SL', 'PZ', 'SX'],
    expect: {
      type: 'upward.forwarded',
      violation: 'late',
      status: 'approved',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'preliminary review after the acceptance',
    records: ['SB', 'SL', 'YS'],
    expect: {
      type: 'prereview.decided',
      violation: 'late',
      status: 'accepted',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'preliminary review of a case that was voided',
    records: ['SB', 'ZF', 'YS'],
    expect: {
      type: 'prereview.decided',
      violation: 'late',
      status: 'voided',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'a joint summary after the closing',
    records: [...closed, 'HZ'],
    expect: {
      type: 'joint.summarised',
      violation: 'late',
      status: 'closed',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
  {
    name: 'collected after it was withdrawn',
    records: ['SB', ['BJ', { BJJG: '5', BJYY: '申请人放弃' }], 'LQ'],
    expect: {
      type: 'result.collected',
      violation: 'late',
      status: 'withdrawn',
      zh: '办件已过此环节',
      en: 'the case is already past it',
    },
  },
])
