/**
 * 市场监督管理局: the bureau's own system for applications online. It knows its tables and nothing of gateways: what appears in WSSB and BZCL is
 * worked on, and every step becomes a row of BLGC.
 */
import { createHash } from 'node:crypto'
import { deskDay, deskTime, openDeskDatabase, runDesk } from './desk.ts'

const database = openDeskDatabase(
  'market',
  `
  CREATE TABLE WSSB (SBLSH TEXT PRIMARY KEY, SXBM TEXT, SXMC TEXT, XMMC TEXT, SQRMC TEXT, SQRLX TEXT, SQRZJLX TEXT, SQRZJHM TEXT, LXDH TEXT,
    XZQH TEXT, TJFS TEXT, SBSJ TEXT, QZ_BZ TEXT DEFAULT '0');
  CREATE TABLE WSSB_CL (SBLSH TEXT, CLBM TEXT, CLMC TEXT, CLXS TEXT, WJM TEXT, WJZY TEXT, WJNR BLOB, PRIMARY KEY (SBLSH, CLBM));
  CREATE TABLE BZCL (SBLSH TEXT, XH INTEGER, SXBM TEXT, BZSJ TEXT, QZ_BZ TEXT DEFAULT '0', PRIMARY KEY (SBLSH, XH));
  CREATE TABLE BZCL_MX (SBLSH TEXT, XH INTEGER, CLBM TEXT, CLMC TEXT, CLXS TEXT, WJM TEXT, WJZY TEXT, WJNR BLOB, PRIMARY KEY (SBLSH, XH, CLBM));
  CREATE TABLE BLGC (LSH INTEGER PRIMARY KEY AUTOINCREMENT, SBLSH TEXT, SXBM TEXT, SXMC TEXT, XH INTEGER, HJ TEXT, JL TEXT, BLSJ TEXT, GH TEXT,
    BLR TEXT, YJ TEXT, LY TEXT, WSBH TEXT, QX TEXT, ZJMC TEXT, ZJBH TEXT, FZJG TEXT, YXQZ TEXT, LQR TEXT);
  CREATE TABLE BLGC_CL (LSH INTEGER, CLBM TEXT, CLMC TEXT, YQ TEXT, HD TEXT, PRIMARY KEY (LSH, CLBM));
`,
)

interface Application {
  SBLSH: string
  SXBM: string
  SXMC: string
  SQRMC: string
  XZQH: string
}
interface Material {
  CLBM: string
  CLMC: string
}
/** A material that was handed in: its digest, and the file itself. */
interface File extends Material {
  WJZY: string | null
  WJNR: Buffer | null
}
interface Step {
  HJ: string
  JL: string | null
}

/** What the item asks for, and where the bureau is the authority. */
const required: Material[] = [
  { CLBM: 'CL1', CLMC: '食品经营许可申请书' },
  { CLBM: 'CL2', CLMC: '经营场所平面图' },
  { CLBM: 'CL3', CLMC: '食品安全管理制度' },
]
const ownRegion = /^1509/

const applications = database.prepare('SELECT SBLSH, SXBM, SXMC, SQRMC, XZQH FROM WSSB ORDER BY SBSJ, SBLSH')
const materialsOf = database.prepare(
  `SELECT CLBM, CLMC, WJZY, WJNR FROM WSSB_CL WHERE SBLSH = @no UNION ALL
   SELECT CLBM, CLMC, WJZY, WJNR FROM BZCL_MX WHERE SBLSH = @no ORDER BY CLBM`,
)
const stepsOf = database.prepare('SELECT HJ, JL FROM BLGC WHERE SBLSH = ? ORDER BY LSH')

/** What is not there as it was uploaded has not been handed in. */
const isWhole = ({ WJZY, WJNR }: File): boolean =>
  WJNR !== null && `sha256:${createHash('sha256').update(WJNR).digest('hex')}` === WJZY

const insert = (table: string, row: object): number => {
  const names = Object.keys(row)
  const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`
  return Number(database.prepare(sql).run(row).lastInsertRowid)
}

const clerk = { GH: 'W0102', BLR: '云青岚' }
const reviewer = { GH: 'W0007', BLR: '溪望舒' }
const director = { GH: 'W0001', BLR: '松远山' }
const certificate = (no: string) => ({
  ZJMC: '食品经营许可证',
  ZJBH: `JY-${no}`,
  FZJG: '乌兰察布市市场监督管理局',
  YXQZ: deskDay(5 * 365),
})

/** The steps that come next; nothing while the applicant is waited for, or when all is done. */
const nextSteps = (one: Application, steps: Step[]): [object, object[]?][] => {
  const last = steps.at(-1)
  const present = (materialsOf.all({ no: one.SBLSH }) as File[])
    .filter(isWhole)
    .map(({ CLBM, CLMC }): Material => ({ CLBM, CLMC }))
  const missing = required.filter(({ CLBM }) => !present.some((material) => material.CLBM === CLBM))
  const turn = steps.filter(({ HJ }) => HJ === '1').length + 1
  switch (last?.HJ) {
    case undefined: {
      if (!ownRegion.test(one.XZQH)) {
        const LY = '经营场所不在本市，不属于本机关职权范围，请向经营场所所在地市场监督管理部门申请'
        return [[{ HJ: '3', JL: '2', LY, WSBH: `不予受理〔${one.SBLSH}〕`, ...clerk }]]
      }
      if (missing.length === 0) return [[{ HJ: '1', JL: '1', XH: turn, ...clerk }]]
      const wanted = missing.map((material) => ({ ...material, YQ: '请上传盖章扫描件' }))
      return [
        [{ HJ: '1', JL: '2', XH: turn, LY: `缺少${missing.map(({ CLMC }) => CLMC).join('、')}`, ...clerk }],
        [{ HJ: '2', XH: turn, WSBH: `补正〔${one.SBLSH}〕`, QX: deskDay(10), ...clerk }, wanted],
      ]
    }
    case '2':
      return missing.length === 0 ? [[{ HJ: '1', JL: '1', XH: turn, YJ: '材料已补齐', ...clerk }]] : []
    case '1': {
      const compared = present.map((material) => ({ ...material, HD: '1' }))
      return [[{ HJ: '3', JL: '1', WSBH: `受理〔${one.SBLSH}〕`, ...clerk }, compared]]
    }
    case '3':
      if (last.JL === '2') return [[{ HJ: '6', JL: '3', LY: '不属于本机关职权范围', ...clerk }]]
      return [[{ HJ: '4', JL: '1', YJ: '现场核查合格，建议准予许可', ...reviewer }]]
    case '4':
      return [[{ HJ: '5', JL: '1', YJ: '准予许可', ...director }]]
    case '5':
      return [[{ HJ: '6', JL: '1', ...certificate(one.SBLSH), ...clerk }]]
    case '6':
      return last.JL === '1' ? [[{ HJ: '7', JL: '1', LQR: one.SQRMC, ZJBH: certificate(one.SBLSH).ZJBH, ...clerk }]] : []
    default:
      return []
  }
}

const look = database.transaction(() => {
  for (const one of applications.all() as Application[]) {
    const { SBLSH, SXBM, SXMC } = one
    for (const [step, materials = []] of nextSteps(one, stepsOf.all(SBLSH) as Step[])) {
      const LSH = insert('BLGC', { SBLSH, SXBM, SXMC, BLSJ: deskTime(), ...step })
      for (const material of materials) insert('BLGC_CL', { LSH, ...material })
    }
  }
})

runDesk({ look: () => look.immediate(), close: () => void database.close() })
