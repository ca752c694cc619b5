/** 市场监督管理局: registration of companies. A database; the licence is issued when the form is signed, by what it says then. */
import { deskTime, openDeskDatabase, runDesk } from './desk.ts'

const database = openDeskDatabase(
  'licence',
  `
  CREATE TABLE SLDJ (BJBH TEXT PRIMARY KEY, ZBJBH TEXT, SXBM TEXT, BB INTEGER, QYMC TEXT, ZS TEXT, FDDBR TEXT, FDDBRZJHM TEXT, ZCZB TEXT, JYFW TEXT,
    QMSJ TEXT);
  CREATE TABLE DJ_JG (LSH INTEGER PRIMARY KEY AUTOINCREMENT, BJBH TEXT, ZBJBH TEXT, SXBM TEXT, HJ TEXT, JG TEXT, BLSJ TEXT, BLR TEXT, SM TEXT,
    ZZMC TEXT, ZZBH TEXT, FZJG TEXT, UNIQUE (BJBH, HJ));
`,
)

const insert = 'INSERT INTO DJ_JG (BJBH, ZBJBH, SXBM, HJ, JG, BLSJ, BLR, SM, ZZMC, ZZBH, FZJG) SELECT BJBH, ZBJBH, SXBM,'
const without = (step: string): string => `BJBH NOT IN (SELECT BJBH FROM DJ_JG WHERE HJ = '${step}')`

const issue = database.prepare(`
  ${insert} '2', '1', @now, '岭思齐', '住所：' || ZS, '营业执照', '91150902PDY00001XY', '乌兰察布市市场监督管理局' FROM SLDJ
  WHERE QMSJ IS NOT NULL AND NOT ${without('1')} AND ${without('2')}
`)
const accept = database.prepare(`${insert} '1', '1', @now, '岭思齐', NULL, NULL, NULL, NULL FROM SLDJ WHERE ${without('1')}`)

const look = database.transaction(() => {
  const now = deskTime()
  issue.run({ now })
  accept.run({ now })
})

runDesk({ look: () => look.immediate(), close: () => void database.close() })
