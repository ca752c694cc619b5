import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import { createProgram } from '../../core/cli/program.ts'
import type { GatewayError } from '../../core/errors.ts'
import { createEvents } from '../../core/events.ts'
import { flows } from '../../core/flows/index.ts'
import { openStage, startDesk, startInside } from '../../core/flows/stage.ts'
import { loadAdapters } from '../../core/registry.ts'
import { openDepartment, writeInstallation } from '../contract/department-database.ts'
import { temporaryFolder } from '../temporary.ts'
import { type Sayings, thrownBy } from './saying.ts'

const run = async (...words: string[]): Promise<void> => {
  const quiet = { out: () => undefined, err: () => undefined, env: {}, exit: () => undefined }
  await createProgram({ ...quiet, interrupted: new AbortController().signal }).parseAsync(words, { from: 'user' })
}

/** What a command says on a store in which A became a message and B is in quarantine. `sql` changes the store first. */
const saidTo = async (t: Test, words: string[], sql = ''): Promise<GatewayError> => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder)
  const department = openDepartment(database)
  department.put('A', '巴特尔·额尔敦', '2')
  department.put('B', '乙', '7')
  department.close()
  await run('run', '--once', '--config', config)
  const db = new Database(join(folder, 'data', 'gateway.db'))
  db.exec(sql)
  db.close()
  return thrownBy(() => run(...words, '--config', config))
}

const message = 'one:A:application.received:::1'

/** What commands say to whoever gives them. */
export const commands: Sayings = {
  MESSAGE_UNKNOWN: {
    provoke: (t) => saidTo(t, ['explain', 'one:Z:application.received:::1']),
    where: 'one:Z:application.received:::1',
    found: { zh: '没有消息', en: 'holds no message' },
    allowed: { zh: '系统:办件:类型:序号:状态:版本', en: 'system:case:type:sequence:state:version' },
    next: { zh: '核对编号', en: 'Check the id' },
  },
  RECORD_UNKNOWN: {
    provoke: (t) => saidTo(t, ['explain', '99']),
    where: '99',
    found: { zh: '没有编号 99 的记录', en: 'holds no record 99' },
    allowed: { zh: '编号见回执、日志', en: 'Numbers are in receipts, the log' },
    next: 'qianzhi quarantine list',
  },
  RECORD_EXPIRED: {
    provoke: (t) => saidTo(t, ['explain', message], 'UPDATE record SET body = NULL'),
    where: { zh: '记录 1', en: 'record 1' },
    found: { zh: '已过留存期限', en: 'past its retention' },
    allowed: 'retention',
    next: { zh: '请来源系统再报一次', en: 'has its body again as soon as its source sends it again' },
  },
  SAMPLE_REFUSED: {
    provoke: (t) => saidTo(t, ['sample', '2'], `UPDATE record SET body = CAST('{"NO": "B"' AS BLOB) WHERE seq = 2`),
    where: { zh: '记录 2', en: 'record 2' },
    found: { zh: '读', en: 'read' },
    allowed: { zh: '不得含个人信息', en: 'without personal data' },
    next: 'docs/mapping.md',
  },
  FIELD_UNKNOWN: {
    provoke: (t) => saidTo(t, ['explain', message, 'applicant.nam']),
    where: 'application.received',
    found: 'applicant.nam',
    allowed: '/content/applicant/name',
    next: 'docs/reference/messages.md',
  },
  QUARANTINE_NOT_FOUND: {
    provoke: (t) => saidTo(t, ['quarantine', 'show', '99']),
    where: '99',
    found: { zh: '没有编号 99', en: 'no open record 99' },
    allowed: { not: 'the numbers that are open are what the command of the next step lists' },
    next: 'qianzhi quarantine list',
  },
  COMMAND_USAGE: {
    provoke: (t) => saidTo(t, ['explain', 'nonsense']),
    where: { not: 'it is about the command that was just given' },
    found: 'nonsense',
    allowed: { zh: '消息编号', en: 'the id of a message' },
    next: '--help',
  },
  FLOW_DIVERGED: {
    provoke: async (t) => {
      const context = { adapters: await loadAdapters(), env: {} }
      const programs = { startDesk, startGateway: startInside(context, createEvents()) }
      const quiet = { onSeen: () => undefined, onFailed: () => undefined, signal: AbortSignal.abort() }
      const stage = await openStage(flows[0]!, { ...quiet, ...programs, context, folder: temporaryFolder(t) })
      t.teardown(() => stage.close())
      return thrownBy(() => flows[0]!.play(stage.city))
    },
    where: 'remote-application',
    found: { zh: '没有等到', en: 'it never came' },
    allowed: 'application.received',
    next: 'qianzhi books',
  },
}
