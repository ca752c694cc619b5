/**
 * 市场监督管理局: food licences. A database. How each case goes is written down here, with the days of 2025 on which it went so: across the National Day
 * and its exchanged days.
 */
import { openDeskDatabase, runDesk } from './desk.ts'

const database = openDeskDatabase(
  'food',
  `
  CREATE TABLE WSSB (SBLSH TEXT PRIMARY KEY, SXBM TEXT, SQRMC TEXT, SBSJ TEXT);
  CREATE TABLE BLGC (LSH INTEGER PRIMARY KEY AUTOINCREMENT, SBLSH TEXT, SXBM TEXT, HJ TEXT, XH TEXT, JL TEXT, BLSJ TEXT, LRSJ TEXT, LY TEXT,
    BLR TEXT, SQRMC TEXT);
  CREATE TABLE YJ (YJBH TEXT PRIMARY KEY, BB INTEGER, SBLSH TEXT, GZ TEXT, JB TEXT, YJSJ TEXT, SM TEXT, CLQK TEXT);
`,
)

/** Node, conclusion, when, and more where there is more to say. */
type Step = [node: string, conclusion: string, at: string, more?: { XH?: string; LY?: string; LRSJ?: string; SQRMC?: string }]

const inTime: Step[] = [
  ['3', '1', '2025-09-26 10:00:00'],
  ['4', '1', '2025-09-29 15:00:00'],
  ['5', '1', '2025-10-10 16:00:00'],
  ['6', '1', '2025-10-11 09:00:00'],
]
/** Written down three days after it happened, and decided when the limit was over. */
const late: Step[] = [
  ['3', '1', '2025-09-26 10:30:00', { LRSJ: '2025-09-29 08:30:00' }],
  ['4', '1', '2025-10-15 15:00:00'],
  ['5', '1', '2025-10-20 16:00:00'],
  ['6', '1', '2025-10-20 16:30:00'],
]
const inspected: Step[] = [
  ['3', '1', '2025-09-26 11:00:00'],
  ['8', 'JY', '2025-09-29 09:00:00', { XH: '1', LY: '现场抽样送检' }],
  ['9', '', '2025-10-13 17:00:00', { XH: '1', LY: '检验合格' }],
  ['4', '1', '2025-10-16 15:00:00'],
  ['5', '1', '2025-10-20 10:00:00'],
  ['6', '1', '2025-10-20 11:00:00'],
]
const courses: Record<string, Step[]> = { SP001: inTime, SP002: late, SP003: inspected }

/** Taken at the window, under a code that the city does not know. */
const atTheWindow: Step[] = [
  ['1', '', '2025-09-26 09:00:00', { SQRMC: '集宁区云岭小吃店' }],
  ['3', '1', '2025-09-28 09:00:00'],
]

const insert = database.prepare(
  `INSERT INTO BLGC (SBLSH, SXBM, HJ, XH, JL, BLSJ, LRSJ, LY, BLR, SQRMC) VALUES (@no, @item, @node, @XH, @conclusion, @at, @LRSJ, @LY, '岭思齐', @SQRMC)`,
)
const write = (no: string, item: string, steps: readonly Step[]): void => {
  for (const [node, conclusion, at, { XH = '', LY = '', LRSJ = at, SQRMC = '' } = {}] of steps)
    insert.run({ no, item, node, conclusion, at, XH, LY, LRSJ, SQRMC })
}

const waiting = database.prepare('SELECT SBLSH, SXBM FROM WSSB WHERE SBLSH NOT IN (SELECT SBLSH FROM BLGC)')
const isOpen = database.prepare("SELECT 1 FROM BLGC WHERE SBLSH = 'CK001'")

const look = database.transaction(() => {
  const applications = waiting.all() as { SBLSH: string; SXBM: string }[]
  for (const { SBLSH, SXBM } of applications) write(SBLSH, SXBM, courses[SBLSH] ?? [])
  if (applications.length > 0 && isOpen.get() === undefined) write('CK001', '11150900PDY000028A2000131000999', atTheWindow)
})

runDesk({ look: () => look.immediate(), close: () => void database.close() })
