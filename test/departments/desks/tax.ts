/** 税务局: the register of taxpayers. A database with tables, codes and times of its own; results carry a flag for whoever takes them. */
import { deskTime, openDeskDatabase, runDesk } from './desk.ts'

const database = openDeskDatabase(
  'tax',
  `
  CREATE TABLE T_TAXPAYER (CASE_NO TEXT PRIMARY KEY, PARENT_NO TEXT, ITEM_CODE TEXT, VER INTEGER, NAME TEXT, ADDR TEXT, LEGAL_REP TEXT, KIND TEXT,
    SIGNED_AT TEXT);
  CREATE TABLE T_RESULT (CASE_NO TEXT, STEP TEXT, PARENT_NO TEXT, ITEM_CODE TEXT, RESULT TEXT, DONE_AT TEXT, OFFICER TEXT, REMARK TEXT,
    SENT INTEGER DEFAULT 0, PRIMARY KEY (CASE_NO, STEP));
`,
)

const insert = (step: string, remark: string, condition: string) =>
  database.prepare(`
    INSERT INTO T_RESULT (CASE_NO, STEP, PARENT_NO, ITEM_CODE, RESULT, DONE_AT, OFFICER, REMARK)
    SELECT CASE_NO, '${step}', PARENT_NO, ITEM_CODE, 'Y', @now, '江一鸣', ${remark} FROM T_TAXPAYER AS t
    WHERE ${condition} AND NOT EXISTS (SELECT 1 FROM T_RESULT AS r WHERE r.CASE_NO = t.CASE_NO AND r.STEP = '${step}')`)

const register = insert(
  'C',
  "'地址：' || ADDR",
  "SIGNED_AT IS NOT NULL AND EXISTS (SELECT 1 FROM T_RESULT AS a WHERE a.CASE_NO = t.CASE_NO AND a.STEP = 'A')",
)
const accept = insert('A', 'NULL', 'TRUE')

const look = database.transaction(() => {
  const now = deskTime().replaceAll(/\D/g, '')
  register.run({ now })
  accept.run({ now })
})

runDesk({ look: () => look.immediate(), close: () => void database.close() })
