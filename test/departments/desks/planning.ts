/** 自然资源局: land and planning. A database; what appears in LS_TZ is looked at, and the opinion is a row of LS_YJ. */
import { deskTime, openDeskDatabase, runDesk } from './desk.ts'

const database = openDeskDatabase(
  'planning',
  `
  CREATE TABLE LS_TZ (BJBH TEXT PRIMARY KEY, ZBJBH TEXT, XMDM TEXT, XMMC TEXT, BMDM TEXT, BMMC TEXT, TZSJ TEXT, FKQX TEXT);
  CREATE TABLE LS_TZ_CL (BJBH TEXT, CLMC TEXT, WJDZ TEXT);
  CREATE TABLE LS_YJ (BJBH TEXT PRIMARY KEY, ZBJBH TEXT, XMDM TEXT, BMDM TEXT, BMMC TEXT, JL TEXT, YJ TEXT, LY TEXT, FKSJ TEXT, GH TEXT, BLR TEXT,
    QZ_BZ TEXT DEFAULT '0');
`,
)

const boundary = '用地红线图'

// The chief signs that the plot lies in the zone that the plan has for it.
const giveOpinions = database.prepare(`
  INSERT INTO LS_YJ (BJBH, ZBJBH, XMDM, BMDM, BMMC, JL, YJ, FKSJ, GH, BLR)
  SELECT BJBH, ZBJBH, XMDM, BMDM, BMMC, '1', '符合国土空间规划，同意', @now, 'G0003', '石望舒' FROM LS_TZ WHERE BJBH NOT IN (SELECT BJBH FROM LS_YJ)
`)

// Whoever files it later finds that the boundary of the plot was not among the materials: the opinion that had been reported is changed.
const changeOpinions = database.prepare(`
  UPDATE LS_YJ SET JL = '2', YJ = '开工前补交用地红线图', FKSJ = @now, QZ_BZ = '0'
  WHERE JL = '1' AND QZ_BZ = '1' AND BJBH NOT IN (SELECT BJBH FROM LS_TZ_CL WHERE CLMC = '${boundary}')
`)

const look = database.transaction(() => {
  const now = deskTime()
  changeOpinions.run({ now })
  giveOpinions.run({ now })
})

runDesk({ look: () => look.immediate(), close: () => void database.close() })
