/** 市场监管: a SQLite database, one table for each stage, columns named by pinyin initials, GXSJ as the time of the last change. */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { beijing, createOrganisation, type DepartmentCase, type Outcome, type Stage } from './cases.ts'

export const market = createOrganisation('11150900PDY000028A', '乌兰察布市市场监督管理局', '000131', [
  '食品生产许可',
  '特种设备使用登记',
  '计量标准器具核准',
  '食品经营许可变更',
])

export const marketOutcomes: Outcome[] = ['denied', 'refused', 'no-supplement', 'withdrawn', 'voided', 'forwarded', 'deleted']

/** The codes of DONERESULT in the 2020 edition: 5 stands for both endings without a decision. */
const closing: Partial<Record<Outcome, string>> = {
  granted: '0',
  denied: '1',
  voided: '2',
  deleted: '3',
  forwarded: '4',
  'no-supplement': '5',
  withdrawn: '5',
  refused: '6',
}

const tables = {
  YW_SQ:
    'SQLSH TEXT PRIMARY KEY, SXBM TEXT NOT NULL, SXMC TEXT NOT NULL, JBBM TEXT, SXBB INTEGER NOT NULL, BJLX TEXT NOT NULL, CNSX INTEGER, CNSXDW TEXT, ' +
    'SQRLX TEXT NOT NULL, SQRMC TEXT NOT NULL, SQRZJLX TEXT NOT NULL, SQRZJHM TEXT NOT NULL, FDDBR TEXT, LXRXM TEXT, LXRZJLX TEXT, LXRZJHM TEXT, LXRDH TEXT, ' +
    'LXDZ TEXT, YZBM TEXT, XMMC TEXT, XMDM TEXT, SQFS TEXT NOT NULL, SQSJ TEXT NOT NULL, SQCLQD TEXT, SLBMMC TEXT NOT NULL, SLBMDM TEXT NOT NULL, ' +
    'XZQHDM TEXT NOT NULL, XZQHMC TEXT, JBRXM TEXT, JBRGH TEXT, WDMC TEXT, BZ TEXT, SJBB INTEGER NOT NULL DEFAULT 1, GXSJ TEXT NOT NULL',
  YW_SL:
    'SQLSH TEXT PRIMARY KEY, SLZT TEXT NOT NULL, BYSLYY TEXT, SLHZH TEXT, SLRXM TEXT, SLSJ TEXT NOT NULL, SLBMMC TEXT, SJBB INTEGER NOT NULL DEFAULT 1, GXSJ TEXT NOT NULL',
  YW_BZ:
    'ID TEXT PRIMARY KEY, SQLSH TEXT NOT NULL, XH INTEGER NOT NULL, BZLX TEXT NOT NULL, BZYY TEXT, BZCLQD TEXT, BLRXM TEXT, BZSJ TEXT NOT NULL, GXSJ TEXT NOT NULL',
  YW_SP:
    'ID TEXT PRIMARY KEY, SQLSH TEXT NOT NULL, HJDM TEXT NOT NULL, HJMC TEXT NOT NULL, SPRXM TEXT, SPRZW TEXT, SPYJ TEXT, SPJG TEXT NOT NULL, SPSJ TEXT NOT NULL, GXSJ TEXT NOT NULL',
  YW_BJ:
    'SQLSH TEXT PRIMARY KEY, BJJG TEXT NOT NULL, BJYY TEXT, ZJMC TEXT, ZJBH TEXT, FZJG TEXT, BJSJ TEXT NOT NULL, SJBB INTEGER NOT NULL DEFAULT 1, GXSJ TEXT NOT NULL',
  YW_LZ: 'SQLSH TEXT PRIMARY KEY, LQRXM TEXT, LQFS TEXT NOT NULL, LQSJ TEXT NOT NULL, GXSJ TEXT NOT NULL',
}

type Table = keyof typeof tables
type Row = Record<string, string | number | null>

const application = (source: DepartmentCase): Row => {
  const isPerson = source.applicant.kind === 'person'
  return {
    SQLSH: source.no,
    SXBM: source.item.code,
    SXMC: source.item.name,
    JBBM: `${source.item.basic}00`,
    SXBB: 3,
    BJLX: source.item.kind === 'instant' ? '1' : '2',
    CNSX: source.item.days,
    CNSXDW: '1',
    SQRLX: source.bad === 'unknown-code' ? '8' : isPerson ? '1' : '2',
    SQRMC: source.applicant.name,
    SQRZJLX: isPerson ? '111' : '001',
    SQRZJHM: source.applicant.id,
    FDDBR: isPerson ? '无' : source.contact,
    LXRXM: source.contact,
    LXRZJLX: null,
    LXRZJHM: null,
    LXRDH: source.phone,
    LXDZ: source.address,
    YZBM: '012000',
    XMMC: source.title,
    XMDM: null,
    SQFS: { window: '0', online: '1', mobile: '8' }[source.channel],
    SQSJ: source.bad === 'impossible-date' ? '2026-02-30 10:00:00' : beijing(source.receivedAt),
    SQCLQD: '申请书;身份证明',
    SLBMMC: source.org.name,
    SLBMDM: source.org.creditCode,
    XZQHDM: `${source.region.code}000000`,
    XZQHMC: source.region.name,
    JBRXM: null,
    JBRGH: null,
    WDMC: '政务服务大厅',
    BZ: '',
    GXSJ: beijing(source.receivedAt),
  }
}

const steps = { handled: ['1', '承办', '科员'], reviewed: ['2', '审核', '科长'], approved: ['3', '批准', '局长'] } as const

const stageRows = ({ no, org }: DepartmentCase, stage: Stage): [Table, Row][] => {
  const GXSJ = beijing(stage.at)
  const key = { SQLSH: no, GXSJ }
  if (stage.kind === 'accepted' || stage.kind === 'refused') {
    const accepted = stage.kind === 'accepted'
    const row = { SLZT: accepted ? '1' : '2', BYSLYY: stage.reason || null, SLHZH: accepted ? `S${no}` : null, SLRXM: stage.by }
    const rows: [Table, Row][] = [['YW_SL', { ...key, ...row, SLSJ: GXSJ, SLBMMC: org.name }]]
    return accepted ? rows : [...rows, ['YW_BJ', { ...key, BJJG: closing.refused!, BJYY: stage.reason, BJSJ: GXSJ }]]
  }
  if (stage.kind === 'supplement-requested' || stage.kind === 'supplement-received') {
    const told = stage.kind === 'supplement-requested'
    const row = {
      XH: stage.seq,
      BZLX: told ? '1' : '2',
      BZYY: stage.reason || null,
      BZCLQD: stage.list,
      BLRXM: stage.by,
      BZSJ: GXSJ,
    }
    return [['YW_BZ', { ID: `${no}-${told ? 'G' : 'S'}${stage.seq}`, ...key, ...row }]]
  }
  if (stage.kind === 'closed') {
    const { name = null, no: number = null } = stage.certificate ?? {}
    const row = {
      BJJG: closing[stage.outcome] ?? '',
      BJYY: stage.reason || null,
      ZJMC: name,
      ZJBH: number,
      FZJG: name && org.name,
      BJSJ: GXSJ,
    }
    return [['YW_BJ', { ...key, ...row }]]
  }
  if (stage.kind === 'collected')
    return [['YW_LZ', { ...key, LQRXM: stage.who, LQFS: stage.how === 'window' ? '1' : '2', LQSJ: GXSJ }]]
  const [code, name, post] = steps[stage.kind]
  const row = {
    HJDM: code,
    HJMC: name,
    SPRXM: stage.by,
    SPRZW: post,
    SPYJ: stage.opinion,
    SPJG: stage.agrees ? '1' : '0',
    SPSJ: GXSJ,
  }
  return [['YW_SP', { ID: `${no}-${code}`, ...key, ...row }]]
}

export const openMarket = (file: string) => {
  let database = new Database(file)
  for (const [name, columns] of Object.entries(tables)) database.exec(`CREATE TABLE IF NOT EXISTS ${name} (${columns})`)
  const aside = `${file}.aside`

  const put = (table: Table, row: Row): void => {
    const names = Object.keys(row)
    const update = names.map((name) => `${name} = excluded.${name}`).join(', ')
    const key = table === 'YW_BZ' || table === 'YW_SP' ? 'ID' : 'SQLSH'
    database
      .prepare(
        `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')}) ON CONFLICT (${key}) DO UPDATE SET ${update}`,
      )
      .run(row)
  }

  const mend = (): void => {
    if (database.inTransaction) database.exec('ROLLBACK')
    if (!existsSync(aside)) return
    renameSync(aside, file)
    database = new Database(file)
  }

  return {
    file,
    add: (source: DepartmentCase): void =>
      database.transaction(() => {
        put('YW_SQ', application(source))
        for (const stage of source.stages) for (const [table, row] of stageRows(source, stage)) put(table, row)
      })(),
    /** `dead`: the file is gone; `silent`: locked; `garbage`: no database; `half`: cut off. */
    misbehave: (kind: 'dead' | 'silent' | 'garbage' | 'half'): void => {
      if (kind === 'silent') return void database.exec('BEGIN EXCLUSIVE')
      database.close()
      renameSync(file, aside)
      if (kind === 'garbage') writeFileSync(file, 'this is no database '.repeat(1000))
      if (kind === 'half') {
        copyFileSync(aside, file)
        const bytes = readFileSync(file)
        writeFileSync(file, bytes.subarray(0, bytes.length / 2))
      }
    },
    mend,
    close: (): void => {
      mend()
      database.close()
    },
  }
}
