/**
 * 旗政务服务中心窗口: the window of a banner. It accepts what townships pass on, reviews it first, reports it to the city, and issues what the city
 * has agreed to. It knows its tables and nothing of gateways.
 */
import { deskDay, deskTime, openDeskDatabase, runDesk } from './desk.ts'

const database = openDeskDatabase(
  'window',
  `
  CREATE TABLE SQ (SQBH TEXT PRIMARY KEY, DJBH TEXT, SXBM TEXT, SXMC TEXT, BJLX TEXT, SQRMC TEXT, SQRZJLX TEXT, SQRZJHM TEXT, SQSJ TEXT);
  CREATE TABLE SQ_CL (SQBH TEXT, CLMC TEXT, PRIMARY KEY (SQBH, CLMC));
  CREATE TABLE FK (SQBH TEXT PRIMARY KEY, JL TEXT, YJ TEXT, LY TEXT, FKSJ TEXT, SHJGMC TEXT, WSBH TEXT);
  CREATE TABLE TX (XXBH TEXT PRIMARY KEY, SQBH TEXT, GZBH TEXT, MS TEXT);
  CREATE TABLE BL (LSH INTEGER PRIMARY KEY AUTOINCREMENT, SQBH TEXT, DJBH TEXT, SXBM TEXT, SXMC TEXT, HJ TEXT, JL TEXT, SJ TEXT, GH TEXT, XM TEXT,
    YJ TEXT, LY TEXT, WSBH TEXT, QX TEXT, ZZSJ TEXT, CSJGDM TEXT, CSJGMC TEXT, SHJGDM TEXT, SHJGMC TEXT, ZJMC TEXT, ZJBH TEXT, FZJGDM TEXT, FZJGMC TEXT);
`,
)

interface Application {
  SQBH: string
  DJBH: string
  SXBM: string
  SXMC: string
  BJLX: string
}
interface Answer {
  JL: string
  LY: string | null
}

const here = { code: '11150927PDY000116W', name: '察哈尔右翼中旗政务服务中心' }
const city = { code: '11150900PDY000124K', name: '乌兰察布市林业和草原局' }
const clerk = { GH: 'Q0102', XM: '云青岚' }
const reviewer = { GH: 'Q0007', XM: '溪望舒' }
/** 告知承诺件. */
const onCommitment = '5'

const applications = database.prepare('SELECT SQBH, DJBH, SXBM, SXMC, BJLX FROM SQ ORDER BY SQBH')
const stepsOf = database.prepare('SELECT HJ FROM BL WHERE SQBH = ? ORDER BY LSH')
const answerOf = database.prepare('SELECT JL, LY FROM FK WHERE SQBH = ?')
const isReminded = database.prepare('SELECT count(*) FROM TX WHERE SQBH = ?').pluck()

const issue = ({ SQBH, BJLX }: Application, { JL, LY }: Answer): object => {
  if (JL !== '1') return { HJ: '4', JL: '2', LY, ...clerk }
  const licence = { ZJMC: '林木种子生产经营许可证', ZJBH: `ZQ-${SQBH}`, FZJGDM: here.code, FZJGMC: here.name }
  return { HJ: '4', JL: '1', ...licence, ...(BJLX === onCommitment && { QX: deskDay(15) }), ...clerk }
}

/** The step that comes next; none while the city is waited for, while paper is owed and nobody has asked for it, or when all is done. */
const nextStep = (one: Application, last: string | undefined): object | undefined => {
  switch (last) {
    case undefined:
      return { HJ: '1', JL: '1', WSBH: `受理〔${one.SQBH}〕`, ...clerk }
    case '1':
      return { HJ: '2', JL: '1', YJ: '材料齐全，初审同意', ...reviewer }
    case '2': {
      const orgs = { CSJGDM: here.code, CSJGMC: here.name, SHJGDM: city.code, SHJGMC: city.name }
      return { HJ: '3', ZZSJ: one.BJLX === onCommitment ? '0' : '1', QX: deskDay(10), YJ: '报请审核', ...orgs, ...reviewer }
    }
    case '3': {
      const answer = answerOf.get(one.SQBH) as Answer | undefined
      return answer && issue(one, answer)
    }
    case '4':
      return isReminded.get(one.SQBH) === 0 ? undefined : { HJ: '5', JL: '1', ...clerk }
    default:
      return undefined
  }
}

const look = database.transaction(() => {
  for (const one of applications.all() as Application[]) {
    const step = nextStep(one, (stepsOf.all(one.SQBH) as { HJ: string }[]).at(-1)?.HJ)
    if (!step) continue
    const { SQBH, DJBH, SXBM, SXMC } = one
    const row = { SQBH, DJBH, SXBM, SXMC, SJ: deskTime(), ...step }
    const names = Object.keys(row)
    database.prepare(`INSERT INTO BL (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`).run(row)
  }
})

runDesk({ look: () => look.immediate(), close: () => void database.close() })
