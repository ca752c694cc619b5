import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { lintFlow, playFlow } from './flow-run.ts'

t.test('its configuration is in order where it lies', (t) => lintFlow(t, 'one-form'))

t.test('one form becomes four cases, and what all of them share is sent anew to all of them', async (t) => {
  const { told, of, folder } = await playFlow(t, 'one-form')
  const course = ['down application.received', 'up acceptance.decided', 'down application.received v2', 'up case.closed']
  for (const suffix of ['DJ', 'SW', 'YZ', 'SB']) t.same(of(`QY20260302001-${suffix}`), course, suffix)
  t.same(of('QY20260302001'), [
    'up application.received',
    'up acceptance.decided',
    'up application.received v2',
    'up case.closed',
  ])
  t.match(told.books, {
    up: { gateway: { messages: 8, receipted: 8 }, platform: { received: 20, violations: 0 } },
    down: { platform: { sent: 8 }, gateway: { delivered: 8, open: 0 } },
  })
  const rowsOf = (name: string, sql: string): unknown[] => {
    const database = new Database(join(folder, 'departments', `${name}.sqlite`), { readonly: true })
    try {
      return database.prepare(sql).all()
    } finally {
      database.close()
    }
  }
  const row = { BB: 2, ZS: '集宁区示例街2号', ZCZB: '100', JYFW: '文化旅游服务' }
  t.match(rowsOf('licence', 'SELECT * FROM SLDJ'), [row], 'one row, which was changed')
  t.match(rowsOf('tax', 'SELECT * FROM T_TAXPAYER'), [{ VER: 2, ADDR: '集宁区示例街2号', KIND: '12' }])
})
