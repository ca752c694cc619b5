import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { decodeText } from '../core/contract.ts'
import { openStore } from '../core/store/open-store.ts'
import { lintFlow, playFlow } from './flow-run.ts'
import { runCommand } from './run-command.ts'

t.test('its configuration is in order where it lies', (t) => lintFlow(t, 'supervision'))

t.test('alerts arrive in the systems of the departments, each once, and the figures are there for the city', async (t) => {
  const { told, of, folder } = await playFlow(t, 'supervision')
  const decided = ['up review.decided', 'up approval.decided', 'up case.closed']
  t.same(of('SP001'), ['down application.received', 'up acceptance.decided', ...decided], 'in time: no alert')
  t.same(
    of('SP003').filter((one) => one.includes('alert')),
    [],
    'an inspection does not count',
  )
  t.match(told.books, {
    up: { gateway: { messages: 22, receipted: 22 }, platform: { received: 27, violations: 0 } },
    down: { platform: { sent: 12 }, gateway: { delivered: 12, open: 0 } },
  })

  const food = new Database(join(folder, 'departments', 'food.sqlite'), { readonly: true })
  t.teardown(() => food.close())
  t.match(food.prepare('SELECT SBLSH, GZ, JB, YJSJ, SM, CLQK, BB FROM YJ ORDER BY JB').all(), [
    { SBLSH: 'SP002', GZ: 'ZJ-1', JB: '1', YJSJ: '2025-10-15 00:00:00', BB: 1, CLQK: null },
    { GZ: 'ZJ-90', JB: '2', YJSJ: '2025-10-15 00:00:00' },
    { GZ: 'ZJ-CQ', JB: '3', YJSJ: '2025-10-17 00:00:00', SM: /10 工作日，已用 110%；责任人 岭思齐/ },
  ])
  const alerts = join(folder, 'departments', 'building', 'alerts')
  const rows = readdirSync(alerts).flatMap((file) =>
    parse(decodeText(readFileSync(join(alerts, file)), { overriding: 'gbk' }), { columns: true }),
  ) as Record<string, string>[]
  t.same(rows.map(({ 办件编号, 规则, 级别 }) => `${办件编号} ${规则} ${级别}`).sort(), [
    'SG001 WLY 黄牌',
    'SG002 HJ-CQ 黄牌',
    'SG002 ZJ-1 提醒',
    'SG002 ZJ-90 黄牌',
  ])

  const store = openStore(join(folder, 'data/gateway.db'), 1)
  t.teardown(() => store.close())
  const { data } = JSON.parse(String(store.messageOf('food:CK001:acceptance.decided:::1')!.body))
  t.match(data, { catalogueVersion: 1, flags: [{ path: '/case/itemCode', rule: 'item-in-catalogue' }] })
  const explained = await runCommand('explain', 'food:CK001:acceptance.decided:::1', '--config', folder)
  t.match(explained, { codes: [0] }, 'made again by the catalogue of then')

  const words = ['--from', '2025-09-01', '--to', '2025-10-31', '--at', '2025-10-31', '--config', folder]
  const report = await runCommand('platform', 'report', ...words)
  t.match(report, { error: undefined, err: '', out: /食品经营许可 +3 +3 +2 +1 +0 +0 +1 +1 +100% +7\.1% +100%/ }, report.out)
  t.match(report.out, /零数据事项 items without a case: 1\n.*城市建筑垃圾处置核准/)
  const again = await runCommand('platform', 'supervise', '--at', '2025-10-31', '--config', folder, '--json')
  t.match({ codes: again.codes, ...JSON.parse(again.out) }, { codes: [0], cases: 6, alerts: [], sent: 0, unknown: [] })
})
