/**
 * 统一监管: the city watches the time of every case, by its messages, the working calendar, the item catalogue and rules that are data. Two departments;
 * the days are those of autumn 2025, so that the city looks at moments that it chooses: before, in and after the National Day with its exchanged days.
 */
import { readReport } from '../platform/report.ts'
import type { Alert } from '../supervision/evaluate.ts'
import type { City } from './city.ts'
import { wentThrough } from './course.ts'
import { diverged } from './diverged.ts'
import type { Flow } from './stage.ts'

const food = { itemCode: '11150900PDY000028A2000131000200', itemName: '食品经营许可' }
const permit = { itemCode: '11150900PDY000060M2000117000200', itemName: '建筑工程施工许可' }

const applications = [
  { system: 'food', no: 'SP001', item: food, name: '集宁区云溪餐饮有限公司', at: '2025-09-25T15:00:00+08:00' },
  { system: 'food', no: 'SP002', item: food, name: '集宁区青岚餐饮有限公司', at: '2025-09-25T15:10:00+08:00' },
  { system: 'food', no: 'SP003', item: food, name: '集宁区远山食品有限公司', at: '2025-09-25T15:20:00+08:00' },
  { system: 'building', no: 'SG001', item: permit, name: '示例建设有限公司', at: '2025-09-30T15:00:00+08:00' },
  { system: 'building', no: 'SG002', item: permit, name: '示例风电设备有限公司', at: '2025-09-30T15:10:00+08:00' },
] as const

/** `SP002 ZJ-CQ red 2025-10-17T00:00`, for each alert that a look brought. */
const lookAt = async (city: City, at: string): Promise<string[]> => {
  const { changes, unknown } = await city.supervise(at)
  if (unknown[0]) throw unknown[0].error
  return changes
    .map(({ change, alert: { lane, content } }) => {
      const { ruleNo, colour, raisedAt } = JSON.parse(content) as Alert['content']
      return `${change === 'raised' ? '' : `${change} `}${lane.split('/')[1]} ${ruleNo} ${colour} ${raisedAt.slice(0, 16)}`
    })
    .sort()
}

const mustBe = (city: City, what: string, found: unknown, wanted: unknown): void => {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (a !== b) throw diverged(city.flow, { zh: `${what} 应为 ${b}，实为 ${a}`, en: `${what} was to be ${b}, and is ${a}` })
}

const play = async (city: City): Promise<void> => {
  for (const { system, no, item, name, at } of applications)
    await city.send(system, {
      type: 'application.received',
      case: { sourceCaseNo: no, ...item },
      occurredAt: at,
      content: { receivedAt: at, channel: 'online', applicant: { name, kind: 'enterprise' } },
    })
  for (const { system, no } of applications) await city.answer({ system, case: no, type: 'case.closed' })
  await city.answer({ system: 'food', case: 'CK001', type: 'acceptance.decided' })

  // Everything is known by now; the city looks as if it were that day, and sees only what had happened by then.
  const looks: [at: string, alerts: string[]][] = [
    ['2025-09-30T18:00:00+08:00', []],
    ['2025-10-08T18:00:00+08:00', []],
    ['2025-10-09T18:00:00+08:00', ['SG001 WLY yellow 2025-10-09T10:00']],
    ['2025-10-14T12:00:00+08:00', ['SG002 HJ-CQ yellow 2025-10-14T00:00', 'SG002 ZJ-1 reminder 2025-10-14T00:00']],
    [
      '2025-10-15T12:00:00+08:00',
      ['SG002 ZJ-90 yellow 2025-10-15T00:00', 'SP002 ZJ-1 reminder 2025-10-15T00:00', 'SP002 ZJ-90 yellow 2025-10-15T00:00'],
    ],
    ['2025-10-16T18:00:00+08:00', []],
    ['2025-10-17T09:00:00+08:00', ['SP002 ZJ-CQ red 2025-10-17T00:00']],
    ['2025-10-31T18:00:00+08:00', []],
    ['2025-10-15T12:00:00+08:00', []],
  ]
  for (const [at, alerts] of looks) mustBe(city, `预警 alerts ${at}`, await lookAt(city, at), alerts)

  const report = await readReport(
    city.platform.store.supervision,
    city.knowledge(),
    { from: '2025-09-01', to: '2025-10-31' },
    '2025-10-31T18:00:00+08:00',
  )
  mustBe(
    city,
    '统计 report',
    report.lines.map(
      ({ item, cases, closed, onTime, late, overdue, unmeasured, yellow, red, backfilled, matched, missingStages }) => ({
        item: item.slice(-6),
        figures: [cases, closed, onTime, late, overdue, unmeasured, yellow, red, backfilled, matched, missingStages],
      }),
    ),
    [
      { item: '000200', figures: [3, 3, 2, 1, 0, 0, 1, 1, 1, 3, 0] },
      // Under a code that the catalogue does not have there is no limit to count.
      { item: '000999', figures: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0] },
      // Refused: it never was to be decided within a limit.
      { item: '000200', figures: [2, 2, 1, 0, 0, 0, 3, 0, 0, 2, 0] },
    ],
  )
  mustBe(
    city,
    '零数据事项 items without a case',
    report.itemsWithoutCase.map(({ name }) => name),
    ['城市建筑垃圾处置核准'],
  )

  const decided = ['up review.decided agreed', 'up approval.decided approved', 'up case.closed granted_without_document']
  const accepted = ['down application.received', 'up acceptance.decided accepted']
  const alerts = (count: number): string[] => Array.from({ length: count }, () => 'down supervision.alert')
  await wentThrough(city, 'food', 'SP001', 'closed', [...accepted, ...decided])
  await wentThrough(city, 'food', 'SP002', 'closed', [...accepted, ...decided, ...alerts(3)])
  await wentThrough(city, 'food', 'SP003', 'closed', [...accepted, 'up special.started', 'up special.ended', ...decided])
  await wentThrough(city, 'food', 'CK001', 'accepted', ['up application.received', 'up acceptance.decided accepted'])
  await wentThrough(city, 'building', 'SG001', 'closed', [
    'down application.received',
    'up acceptance.decided refused',
    'up case.closed refused_acceptance',
    ...alerts(1),
  ])
  await wentThrough(city, 'building', 'SG002', 'closed', [...accepted, ...decided, ...alerts(3)])
}

export const supervision: Flow = {
  name: 'supervision',
  title: { zh: '统一监管', en: 'supervision' },
  desks: { food: [], building: [] },
  echoes: 0,
  play,
}
