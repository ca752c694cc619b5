import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import { openLogFile } from '../../core/cli/log-file.ts'
import { loadConfig } from '../../core/config/load.ts'
import { type GatewayError, toGatewayError } from '../../core/errors.ts'
import { createEvents } from '../../core/events.ts'
import { startGateway } from '../../core/gateway.ts'
import { loadAdapters } from '../../core/registry.ts'
import { requireSafeSqlite } from '../../core/sqlite.ts'
import { lockStore } from '../../core/store/lock.ts'
import { openDurable } from '../../core/store/open.ts'
import { openStore } from '../../core/store/open-store.ts'
import { gatewayYaml, openDepartment, writeInstallation } from '../contract/department-database.ts'
import { runCommand } from '../run-command.ts'
import { temporaryFolder, until } from '../temporary.ts'
import { type Sayings, thrownBy } from './saying.ts'

/** Why a gateway stops reading; `disturb` is done while it runs. */
const pausedBy = async (
  t: Test,
  gatewayText: string,
  disturb: (folder: string) => void = () => undefined,
): Promise<GatewayError> => {
  const folder = temporaryFolder(t)
  const { config: configFolder, database } = writeInstallation(folder, { 'config/gateway.yaml': gatewayText })
  const department = openDepartment(database)
  t.teardown(() => department.close())
  for (let n = 0; n < 600; n++) department.put(`N${n}`)
  const context = { adapters: await loadAdapters(), env: {} }
  const { config, problems } = await loadConfig(configFolder, context)
  if (!config) throw problems[0]
  const events = createEvents()
  const paused: GatewayError[] = []
  events.on('store:paused', ({ error }) => void paused.push(error))
  const gateway = startGateway({ config, context, events, once: false })
  t.teardown(() => gateway.stop())
  disturb(folder)
  await until('reading pauses', () => paused.length > 0)
  return paused[0]!
}

const file = 'gateway.db'

/** What disks do to the gateway. */
export const store: Sayings = {
  STORE_SQLITE_UNSAFE: {
    provoke: () => thrownBy(() => requireSafeSqlite('3.46.0')),
    where: 'SQLite',
    found: '3.46.0',
    allowed: '3.51.3',
    next: 'package-lock.json',
  },
  STORE_SETTING_REFUSED: {
    provoke: () => thrownBy(() => openDurable(':memory:')),
    where: ':memory:',
    found: 'memory',
    allowed: { zh: '应为 wal', en: 'must be wal' },
    next: { zh: '本地磁盘', en: 'a local disk' },
  },
  STORE_SCHEMA_DRIFT: {
    provoke: (t) => {
      const path = join(temporaryFolder(t), file)
      openStore(path, 1).close()
      const db = new Database(path)
      db.exec('CREATE TABLE extra (a TEXT)')
      db.close()
      return thrownBy(() => openStore(path, 2))
    },
    where: file,
    found: { zh: '的结构与', en: 'the structure of' },
    allowed: /\d{3,}/,
    next: { zh: '从备份恢复', en: 'restore a backup' },
  },
  STORE_MISSING: {
    provoke: async (t) => {
      const { config } = writeInstallation(temporaryFolder(t))
      return (await runCommand('quarantine', 'list', '--config', config)).error as GatewayError
    },
    where: file,
    found: { zh: '还没有运行过', en: 'has not run yet' },
    allowed: { zh: '--config', en: '--config' },
    next: { zh: '先运行 qianzhi run', en: 'Run "qianzhi run" first' },
  },
  STORE_UNWRITABLE: {
    provoke: (t) => {
      const path = join(temporaryFolder(t), file)
      writeFileSync(path, 'no database at all, only text of some length')
      return thrownBy(() => openDurable(path))
    },
    where: file,
    found: { zh: '不是 SQLite 数据库文件', en: 'no SQLite database' },
    allowed: { not: 'any file of SQLite would do; the reason says what is wrong with this one' },
    next: { zh: '检查磁盘空间与权限', en: 'Check disk space and permissions' },
  },
  STORE_REMOVED: {
    provoke: (t) => pausedBy(t, gatewayYaml, (folder) => renameSync(join(folder, 'data', file), join(folder, 'data', 'away.db'))),
    where: file,
    found: { zh: '被删除或替换', en: 'was removed or replaced' },
    allowed: { zh: '把原文件放回原处', en: 'Put the file back' },
    next: { zh: '从备份恢复', en: 'restore a backup' },
  },
  STORE_DISK_LOW: {
    provoke: (t) => pausedBy(t, gatewayYaml.replace('reserveBytes: 0', 'reserveBytes: 900000000000000')),
    where: file,
    found: { zh: '剩余不足', en: 'less than' },
    allowed: '900000000000000',
    next: { zh: '腾出磁盘空间', en: 'Free disk space' },
  },
  STORE_BACKLOG_FULL: {
    provoke: (t) =>
      pausedBy(
        t,
        `${gatewayYaml.replace(/transport: .*/, 'transport: { kind: rabbitmq, urls: ["amqp://127.0.0.1:1"] }')}limits: { maxWaiting: 100 }\n`,
      ),
    where: { zh: '待发消息', en: 'wait for the broker' },
    found: /\b[56]00\b/,
    allowed: /100/,
    next: { zh: '检查消息队列', en: 'See why the broker' },
  },
  STORE_IN_USE: {
    provoke: (t) => {
      const path = join(temporaryFolder(t), file)
      t.teardown(lockStore(path))
      return thrownBy(() => lockStore(path))
    },
    where: file,
    found: { zh: '正被另一个网关进程使用', en: 'in use by another gateway process' },
    allowed: { zh: '只能运行一个网关', en: 'Only one gateway' },
    next: { zh: '先停止另一个', en: 'stop the other one' },
  },
  LOG_UNWRITABLE: {
    provoke: (t) => {
      const folder = temporaryFolder(t)
      mkdirSync(join(folder, 'gateway.log'))
      return thrownBy(() => openLogFile(join(folder, 'gateway.log'), { onFailed: () => undefined, onResumed: () => undefined }))
    },
    where: 'gateway.log',
    found: { zh: '是文件夹', en: 'a folder' },
    allowed: { zh: '不是文件', en: 'not a file' },
    next: { zh: '检查磁盘空间与权限', en: 'Check disk space and permissions' },
  },
  UNEXPECTED: {
    provoke: () => toGatewayError(new TypeError('x is not a function')),
    where: { not: 'nobody foresaw it: the log holds its place in the program' },
    found: 'x is not a function',
    allowed: { not: 'nobody foresaw it: there is nothing a reader could set right' },
    next: { zh: '把日志交给开发者', en: 'give the log to the developers' },
  },
}
