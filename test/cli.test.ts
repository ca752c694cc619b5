import { execFileSync } from 'node:child_process'
import { closeSync, constants, existsSync, openSync, readFileSync, readSync, renameSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { createServer, type Socket } from 'node:net'
import os from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Database from 'better-sqlite3'
import { CommanderError } from 'commander'
import t, { type Test } from 'tap'
import { openLog } from '../core/cli/log.ts'
import { createProgram } from '../core/cli/program.ts'
import { openTimeLimit } from '../core/cli/time-limit.ts'
import { systemClock } from '../core/clock.ts'
import { loadConfig } from '../core/config/load.ts'
import { createEvents } from '../core/events.ts'
import { startGateway } from '../core/gateway.ts'
import { packageRoot } from '../core/package-root.ts'
import { createPipeline } from '../core/pipeline.ts'
import { loadAdapters } from '../core/registry.ts'
import { openStore } from '../core/store/open-store.ts'
import {
  gatewayYaml,
  mappingYaml,
  openDepartment,
  systemYaml,
  writeFiles,
  writeInstallation,
} from './contract/department-database.ts'
import { openMarket } from './departments/market-database.ts'
import { temporaryFolder, until } from './temporary.ts'

/** Runs a command as the terminal would, and gives what it printed. */
const runWith = async (env: NodeJS.ProcessEnv, ...words: string[]) => {
  const printed: string[] = []
  const said: string[] = []
  const codes: number[] = []
  const program = createProgram({
    out: (text) => printed.push(text),
    err: (text) => said.push(text),
    env,
    interrupted: new AbortController().signal,
    exit: (code) => codes.push(code),
  })
  const error = await program.parseAsync(words, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { out: printed.join('\n'), err: said.join('\n'), codes, error }
}

const run = (...words: string[]) => runWith({}, ...words)

const complaintOf = async (...words: string[]) => {
  const { out, err, codes, error } = await run(...words)
  if (error !== undefined && !(error instanceof CommanderError)) throw error
  return { said: `${out}${err}`, codes }
}

t.test('test tells of a mapping that is none which there are, and where', async (t) => {
  const folder = temporaryFolder(t)
  writeInstallation(folder)
  const mappings = join(folder, 'mappings')
  const { error } = await run('test', 'dept/oen', '--mappings', mappings)
  t.match(error, { code: 'COMMAND_USAGE', message: /mappings 里没有映射“dept\/oen”。是否想写“dept\/one”/ })
})

t.test('a sample whose file has mistakes tells them, and is not tried', async (t) => {
  const folder = temporaryFolder(t)
  writeInstallation(folder, {
    'mappings/dept/samples/one/a.yaml': 'stream: SQ\nrows: { NO: "1" }\nexpected: { quarantined: VALUE_MISING }\n',
    'mappings/dept/samples/one/b.yaml': 'stream: SQ\nbodyFile: b.xml\n',
    'mappings/dept/samples/one/c.yaml': 'stream: SQ\nrow: {}\nbody: <a/>\n',
    'mappings/dept/samples/one/d.yaml': 'stream: SQ\n',
  })
  const { out, codes } = await run('test', '--mappings', join(folder, 'mappings'))
  t.same(codes, [1])
  t.match(out, /a\.yaml:2:1 unknown key "rows"\. Did you mean "row"/)
  t.match(out, /a\.yaml:3:26 .*there is no error code "VALUE_MISING"\. Did you mean "VALUE_MISSING"/)
  t.match(out, /b\.yaml:2:11 .*there is no file b\.xml beside the sample/)
  t.match(out, /c\.yaml:3:7 .*only one of row, body may be given/)
  t.match(out, /d\.yaml:1:1 .*there is no record: give one of row, body, bodyFile/)
  t.notMatch(out, /XML_INVALID/)
})

t.test('a file in the place of the folder of the configuration is told as that', async (t) => {
  t.match(await complaintOf('lint', '-c', join(packageRoot, 'config', 'gateway.yaml')), {
    said: /须为配置文件夹，而不是其中的文件/,
    codes: [2],
  })
})

t.test('wrong use is told in Chinese first, with what was probably meant, and ends with 2', async (t) => {
  t.match(await complaintOf('lnit'), {
    said: /^用法有误 \/ wrong use: unknown command 'lnit'\n\(Did you mean lint\?\)$/,
    codes: [2],
  })
  for (const day of ['x', '2026-13-45', '2026-02-30'])
    t.match(await complaintOf('books', '--day', day), { said: /须为日期/, codes: [2] })
  t.match(await complaintOf('lint', '--prob'), { said: /^用法有误 \/ wrong use: unknown option '--prob'/, codes: [2] })
  t.match(await complaintOf('quarantine', 'replay', '--config'), {
    said: /^用法有误 \/ wrong use: .*argument missing$/,
    codes: [2],
  })
})

/** A department whose cases A … have a code that the mapping does not know: all of them are in quarantine. */
const installQuarantined = async (t: Test, count: number, files: Record<string, string> = {}) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, files)
  const department = openDepartment(database)
  for (let n = 0; n < count; n++) department.put(String.fromCharCode(65 + n), '甲', '7')
  department.close()
  const { codes, error } = await run('run', '--once', '--config', config)
  t.same({ codes, error }, { codes: [], error: undefined })
  return { folder, config, store: join(folder, 'data', 'gateway.db') }
}

const learntYaml = mappingYaml.replace('"2": enterprise', '"2": enterprise, "7": other')

t.test('run --once says at its end what this run did, and what is left', async (t) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder)
  const department = openDepartment(database)
  t.teardown(() => department.close())
  const once = async () => {
    const { out, codes, error } = await run('run', '--once', '--config', config)
    t.same(codes, [])
    return { out, error }
  }
  for (const no of ['A', 'B']) department.put(no)
  department.put('C', '丙', '7')
  t.match(await once(), {
    out: /^本次读取新记录 3 条，确认消息 2 条；现有隔离 1 条，待发 0 条。 \/ New records read: 3, messages confirmed: 2; now in quarantine: 1, waiting: 0\.$/,
  })
  department.put('D')
  department.put('C', '丁', '1')
  t.match(await once(), { out: /New records read: 2, messages confirmed: 2; now in quarantine: 0, waiting: 0\.$/ })
  t.match(await once(), { out: /New records read: 0, messages confirmed: 0;/ })

  writeFiles(folder, { 'config/adapters/two.yaml': systemYaml('nowhere.db') })
  const failed = await once()
  t.match(failed.error, { code: 'SOURCE_UNREACHABLE' })
  t.match(failed.out, /New records read/, 'also when a source fails')
})

t.test('what only looks at the store needs neither the departments’ files nor the secrets of the service', async (t) => {
  const { folder, config } = await installQuarantined(t, 2)
  writeFiles(folder, {
    'config/adapters/two.yaml': 'adapter: [',
    'config/gateway.yaml': gatewayYaml.replace(
      /transport: .*/,
      'transport: { kind: rabbitmq, urls: ["amqp://127.0.0.1:1"], user: gateway, password: { env: NOT_IN_THIS_SHELL } }',
    ),
  })
  t.match(await run('lint', '--config', config), { codes: [1], out: /CONFIG_SECRET_MISSING/ })
  t.match(await run('lint', '--config', config), { out: /config\/adapters\/two\.yaml/ })

  t.match(await run('books', '--config', config), { error: undefined, codes: [0], out: /账簿平衡/ })
  const status = await run('status', '--config', config, '--json')
  t.same(status.codes, [1], 'the gateway does not run')
  t.match(JSON.parse(status.out), {
    quarantined: 2,
    components: [{ component: 'broker' }, { component: 'source:one' }, { component: 'source:two' }],
  })
  t.match(JSON.parse((await run('quarantine', 'list', '--config', config, '--json')).out), [{ recordSeq: 1 }, { recordSeq: 2 }])
  t.match(await run('quarantine', 'show', '1', '--config', config), { out: /CODE_UNKNOWN/ })
  t.match(await run('quarantine', 'discard', '1', '--config', config, '--reason', '部门来函'), {
    out: /Record 1 will not be sent/,
  })

  writeFiles(folder, { 'mappings/dept/one.yaml': learntYaml })
  t.match(await run('quarantine', 'replay', '2', '--config', config), {
    codes: [0],
    out: /1 replayed: 1 became messages, 0 are not sent, 0 still in quarantine/,
  })

  writeFiles(folder, { 'config/gateway.yaml': 'store: { fiel: x }\n' })
  t.match(await run('books', '--config', config), {
    error: { code: 'CONFIG_KEY_UNKNOWN', message: /config\/gateway\.yaml:1:10/ },
  })
})

t.test('replay --all goes on past what was closed meanwhile and what has no system any more, and reports each', async (t) => {
  const { folder, config, store: file } = await installQuarantined(t, 3)
  const old = openDepartment(join(folder, 'old.db'))
  old.put('Z', '乙', '7')
  old.close()
  writeFiles(folder, { 'config/adapters/old.yaml': systemYaml('old.db') })
  await run('run', '--once', '--config', config)
  rmSync(join(config, 'adapters', 'old.yaml'))

  // The password is asked for after the list was made: that is the moment in which the running gateway closes the second record.
  const later = openStore(file, Date.now())
  t.teardown(() => later.close())
  const env = {
    get PASSWORD() {
      if (later.quarantineEntry(2)?.state === 'open')
        createPipeline({ store: later, clock: systemClock, events: createEvents() }).discard(2, 'gateway', 'corrected')
      return 'x'
    },
  }
  const withSecret = systemYaml('one.db').replace(
    /engine: sqlite\n {2}connection: .*/,
    'engine: postgresql\n  connection: { host: 127.0.0.1, database: d, user: u, password: { env: PASSWORD } }',
  )
  writeFiles(folder, { 'config/adapters/one.yaml': withSecret, 'mappings/dept/one.yaml': learntYaml })

  const { out, codes } = await runWith(env, 'quarantine', 'replay', '--all', '--config', config, '--json')
  t.same(codes, [1])
  t.match(JSON.parse(out), [
    { seq: 1, outcome: 'stored' },
    { seq: 2, outcome: 'gone', code: 'QUARANTINE_NOT_FOUND' },
    { seq: 3, outcome: 'stored' },
    { seq: 4, outcome: 'no-system', code: 'CONFIG_UNREADABLE', en: /config\/adapters\/old\.yaml/ },
  ])
  const again = await runWith(env, 'quarantine', 'replay', '1', '4', '--config', config)
  t.match(again, {
    codes: [1],
    out: /replayed: \d became messages, 0 are not sent, 0 still in quarantine, 1 not in quarantine, 1 of a system that is not configured/,
  })
  t.match(
    await runWith(env, 'quarantine', 'replay', '1', '2', '--config', config),
    { codes: [1], out: /1: .+ has replayed it\n2: 人员决定不报送：corrected/ },
    'numbers that are not open say how they were closed',
  )
})

t.test('where the system has no name for the user, the quarantine keeps the uid', async (t) => {
  const { config } = await installQuarantined(t, 1)
  const { userInfo } = os
  t.teardown(() => {
    os.userInfo = userInfo
    syncBuiltinESMExports()
  })
  os.userInfo = () => {
    throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' })
  }
  syncBuiltinESMExports()
  t.match(await run('quarantine', 'discard', '1', '--config', config, '--reason', '重复'), { error: undefined })
  const entry = JSON.parse((await run('quarantine', 'show', '1', '--config', config, '--json')).out)
  t.match(entry, { state: 'discarded', closedBy: `uid ${process.getuid?.()}` })
})

t.test('what a newer version of its record has closed says so when it is replayed, and is not told as handled', async (t) => {
  const { folder, config } = await installQuarantined(t, 1)
  const department = openDepartment(join(folder, 'one.db'))
  department.put('A', '甲', '1')
  department.close()
  await run('run', '--once', '--config', config)
  t.match(await run('quarantine', 'replay', '1', '--config', config), {
    codes: [1],
    out: /1: 来源给出了更新的一版，即记录 2，由它代替/,
  })
})

t.test('folders of another name are told beside the messages that call them config and mappings', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, {
    'bureau/config/gateway.yaml': gatewayYaml.replace('level: error', 'level: loud'),
    'bureau/config/adapters/one.yaml': systemYaml('one.db'),
    'bureau/mappings/dept/one.yaml': mappingYaml.replace('natural', 'naturall'),
  })
  const [config, mappings] = [join(folder, 'bureau/config'), join(folder, 'bureau/mappings')]
  const note = `上文中 config/ 即 ${config}/，mappings/ 即 ${mappings}/。 / Above, config/ is ${config}/, mappings/ is ${mappings}/.`
  t.match((await run('lint', '-c', config)).out.split('\n').slice(-2), [note, /mistakes\.$/])
  t.match(JSON.parse((await run('lint', '-c', config, '--json')).out), { folders: { config, mappings } })
  t.match((await run('run', '--once', '-c', config)).err, note)
  const ofMappings = `上文中 mappings/ 即 ${mappings}/。`
  t.match((await run('test', '-m', mappings)).out, ofMappings)
  writeFiles(folder, { 'bureau/config/gateway.yaml': gatewayYaml, 'row.json': '{}' })
  t.match((await run('test', '-c', config)).out, ofMappings, 'the configuration says where they are')
  t.match((await run('try', 'dept/one', join(folder, 'row.json'), '-c', config)).err, ofMappings)
  t.match((await run('codes', 'list', '-c', config)).err, /mappings\/dept\/one\.yaml:3:/)
  writeFiles(folder, { 'bureau/mappings/dept/one.yaml': mappingYaml })
  t.notMatch((await run('try', 'dept/one', join(folder, 'row.json'), '-c', config)).err, /上文/)
  t.match(await run('test', '-c', join(folder, 'none')), { error: { code: 'CONFIG_UNREADABLE' } })
})

t.test('a system that is switched off is shown as disabled, and all is well', async (t) => {
  const folder = temporaryFolder(t)
  const { config } = writeInstallation(folder, { 'config/adapters/two.yaml': systemYaml('two.db') })
  for (const name of ['one.db', 'two.db']) openDepartment(join(folder, name)).close()
  const context = { adapters: await loadAdapters(), env: {} }
  const loaded = await loadConfig(config, context)
  const gateway = startGateway({ config: loaded.config!, context })
  t.teardown(() => gateway.stop())
  const status = async () => {
    const { out, codes } = await run('status', '--config', config, '--json')
    return { codes, ...(JSON.parse(out) as { well: boolean; components: { component: string; state: string }[] }) }
  }
  // One that is only starting keeps nothing from being well.
  const isRead = async () => (await status()).components.filter(({ state }) => state === 'well').length === 2
  await until('both are well', isRead)
  writeFiles(folder, { 'config/adapters/two.yaml': `enabled: false\n${systemYaml('two.db')}` })
  await gateway.reload()
  t.match(await status(), {
    codes: [0],
    well: true,
    components: [
      { component: 'broker', state: 'connected' },
      { component: 'source:one', state: 'well' },
      { component: 'source:two', state: 'disabled' },
    ],
  })
  t.match(await run('status', '--config', config), { codes: [0], out: /source:two +disabled/ })

  writeFiles(folder, { 'config/adapters/three.yaml': systemYaml('three.db').replace('adapter: db', 'adapter: dbx') })
  await gateway.reload()
  t.match(await status(), { codes: [1], well: false }, 'a system that could not be started is not well')
  await gateway.stop()
})

t.test('status shows what a source warns of as long as it is so, and the log is told of it once', async (t) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder)
  const department = openDepartment(database)
  t.teardown(() => department.close())
  department.put('A')
  department.exec('UPDATE SQ SET NO = NULL')
  const context = { adapters: await loadAdapters(), env: {} }
  const events = createEvents()
  let warned = 0
  let finished = 0
  events.on('source:warned', () => void warned++)
  events.on('source:finished', () => void finished++)
  const gateway = startGateway({ config: (await loadConfig(config, context)).config!, context, events })
  t.teardown(() => gateway.stop())
  await until('it was read three times', () => finished >= 3)
  t.equal(warned, 1)
  t.match((await run('status', '--config', config)).codes, [1], 'not all is well')
  t.match((await run('status', '--config', config)).out, /source:one +warned .* SOURCE_ROWS_SKIPPED one 的 SQ 有 1 行没有读取/)
  department.exec("UPDATE SQ SET NO = 'A'")
  await until('nothing is to be warned of', async () => !(await run('status', '--config', config)).out.includes('SKIPPED'))
  await gateway.stop()
})

t.test('status tells of a changed file that is not in use for its mistakes, until it is mended or gone', async (t) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder)
  openDepartment(database).close()
  const context = { adapters: await loadAdapters(), env: {} }
  const start = async () => {
    const gateway = startGateway({ config: (await loadConfig(config, context)).config!, context })
    t.teardown(() => gateway.stop())
    return gateway
  }
  const refused = async () => {
    const { out, codes } = await run('status', '--config', config)
    return codes[0] === 0 ? 'well' : /config:\S+ +refused .*/.exec(out)?.[0]
  }
  const gateway = await start()
  await until('it is well', async () => (await refused()) === 'well')
  writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml.replace('natural', 'naturall') })
  await gateway.reload()
  t.match(await refused(), /config:one +refused .* MAPPING_INVALID mappings\/dept\/one\.yaml:3:/)
  writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml })
  await gateway.reload()
  t.equal(await refused(), 'well', 'it is as it was')

  writeFiles(folder, { 'config/adapters/two.yaml': 'adapter: none\n' })
  await gateway.reload()
  t.match(await refused(), /config:two +refused/)
  rmSync(join(config, 'adapters/two.yaml'))
  await gateway.reload()
  t.equal(await refused(), 'well', 'it is gone')

  writeFiles(folder, { 'mappings/dept/one.yaml': 'case: 5\n' })
  await gateway.reload()
  await gateway.stop()
  writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml })
  const again = await start()
  await until('what was refused before the start is past', async () => (await refused()) === 'well')
  await again.stop()
})

t.test('only a lock that is held means another gateway: a broken lock file is told as what it is', async (t) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder)
  openDepartment(database).close()
  writeFiles(folder, { 'data/gateway.db.lock': 'this is no database, and long enough to be looked at'.repeat(40) })
  t.match(await run('run', '--once', '--config', config), {
    error: { code: 'STORE_UNWRITABLE', message: /gateway\.db\.lock.*SQLITE_NOTADB/ },
  })
  rmSync(join(folder, 'data'), { recursive: true })
  writeFiles(folder, { 'data/gateway.db': 'neither is this'.repeat(100) })
  t.match(await run('run', '--once', '--config', config), { error: { code: 'STORE_UNWRITABLE', message: /SQLITE_NOTADB/ } })
})

t.test('test tells the misspelt keys of a sample, and counts it as not as expected', async (t) => {
  const folder = temporaryFolder(t)
  writeInstallation(folder, {
    'mappings/dept/samples/one/a.yaml':
      'stream: SQ\nkind: row\nrow: { NO: "1", AT: "2026-03-02 09:00:00", NAME: 甲, KIND: "8" }\nexpected: { quarantined: CODE_UNKNOWN, field: /content/applicant/kind }\n',
  })
  const mappings = join(folder, 'mappings')
  const said = await run('test', '--mappings', mappings)
  t.same(said.codes, [1])
  t.match(said.out, /✗ mappings\/dept\/samples\/one\/a\.yaml\nCONFIG_KEY_UNKNOWN\n.*a\.yaml:2:1 未知配置项“kind”/)
  t.match(said.out, /0 符合 as expected, 1 不符 not/)
  const { out } = await run('test', '--mappings', mappings, '--json')
  t.match(JSON.parse(out), {
    passed: 0,
    failed: 1,
    mappings: [
      { samples: [{ ok: false, differences: [], problems: [{ code: 'CONFIG_KEY_UNKNOWN', values: { key: 'kind' } }] }] },
    ],
  })
})

t.test('a file that would not be read for its name is a mistake, and so are samples of no mapping', async (t) => {
  const folder = temporaryFolder(t)
  const { config } = writeInstallation(folder, {
    'config/adapters/two.yml': 'adapter: db\n',
    'config/adapters/three.yaml.txt': 'adapter: db\n',
    'mappings/dept/two.yml': 'case: {}\n',
    'mappings/three.yaml': 'case: {}\n',
    'mappings/dept/samples/one/a.yml': 'stream: SQ\n',
    'mappings/dept/samples/onee/b.yaml': 'stream: SQ\n',
  })
  const lint = () => run('lint', '--config', config)
  t.match(await lint(), { codes: [1], out: /config\/adapters\/two\.yml .*须以 \.yaml 结尾/ })
  t.match(await lint(), { out: /config\/adapters\/three\.yaml\.txt .*须以 \.yaml 结尾/ })
  for (const name of ['two.yml', 'three.yaml.txt']) rmSync(join(config, 'adapters', name))
  t.match(await lint(), { codes: [1], out: /mappings\/dept\/two\.yml .*须以 \.yaml 结尾/ })
  t.match(await lint(), { codes: [1], out: /mappings\/three\.yaml .*须在部门的文件夹内（mappings\/<部门>\/）/ })
  const test = await run('test', '--mappings', join(folder, 'mappings'))
  t.match(test, { codes: [1] })
  t.match(test.out, /mappings\/dept\/samples\/one\/a\.yml .*须以 .yaml 结尾/)
  t.match(test.out, /mappings\/dept\/samples\/onee .*没有名为 dept\/onee 的映射。.*dept\/one/)
})

t.test('lint --probe gives each system its own time: one that never answers spoils no other', async (t) => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const { port } = silent.address() as { port: number }
  const hanging = systemYaml('x').replace(
    /engine: sqlite\n {2}connection: .*\n {2}timeoutMs: 1000/,
    `engine: postgresql\n  connection: { host: 127.0.0.1, port: ${port}, database: d, user: u }\n  timeoutMs: 60000`,
  )
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, { 'config/adapters/a-hangs.yaml': hanging })
  openDepartment(database).close()

  // The fifteen seconds of a probe, shortened: nobody waits for them here.
  const timeout = AbortSignal.timeout
  t.teardown(() => {
    AbortSignal.timeout = timeout
  })
  AbortSignal.timeout = (ms) => timeout(ms / 30)
  const { out, codes } = await run('lint', '--probe', '--json', '--config', config)
  t.same(codes, [1])
  const { problems, probes } = JSON.parse(out)
  t.match(problems, [{ code: 'SOURCE_TIMEOUT', values: { system: 'a-hangs' } }])
  t.equal(problems.length, 1)
  t.same(
    probes.filter(({ ok }: { ok: boolean }) => !ok).map(({ name }: { name: string }) => name),
    ['a-hangs'],
  )
  t.match(probes.at(-1), { name: 'embedded', ok: true })
  t.equal(sockets.size, 1)
})

t.test('lint --probe looks for every column that a mapping names, and says where it is written and what was meant', async (t) => {
  const folder = temporaryFolder(t)
  const wrong = mappingYaml.replace('name: NAME', 'name: NMAE').replace('AT, date', 'received_at, date')
  const { config, database } = writeInstallation(folder, { 'mappings/dept/one.yaml': wrong })
  openDepartment(database).close()
  t.match(await run('lint', '--config', config), { codes: [0] }, 'without --probe nobody knows the columns')
  const { out, codes } = await run('lint', '--probe', '--json', '--config', config)
  t.same(codes, [1])
  const { problems, probes } = JSON.parse(out)
  t.ok(probes.every(({ ok }: { ok: boolean }) => ok))
  t.same(
    problems.map(({ code, values }: { code: string; values: object }) => [code, { ...values, suggestion: undefined }]),
    [
      [
        'MAPPING_PATH_UNKNOWN',
        { at: 'mappings/dept/one.yaml:9:26', path: 'NMAE', streams: 'SQ', name: 'NMAE', suggestion: undefined },
      ],
      [
        'MAPPING_PATH_UNKNOWN',
        { at: 'mappings/dept/one.yaml:8:27', path: 'received_at', streams: 'SQ', name: 'received_at', suggestion: undefined },
      ],
    ],
  )
  const spoken = await run('lint', '--probe', '--config', config)
  t.match(
    spoken.out,
    /mappings\/dept\/one\.yaml:9:26 路径“NMAE”：SQ 的记录里没有“NMAE”。是否想写“NAME”？可用：NO, NAME, KIND, AT, N/,
  )
  t.match(spoken.out, /mappings\/dept\/one\.yaml:8:27 path "received_at": the records of SQ hold no "received_at"\. Known: NO,/)
  t.match(spoken.out, /2 mistakes/)
  writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml })
  t.match(await run('lint', '--probe', '--config', config), { codes: [0], out: /In order/ })
})

t.test('a time limit comes, also after memory was collected, and not when it is closed', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const interrupted = new AbortController().signal
  const [limit, closed] = [openTimeLimit(interrupted, 60), openTimeLimit(interrupted, 30)]
  closed.close()
  await until('the limit is there', () => {
    collect()
    return limit.signal.aborted
  })
  t.notOk(closed.signal.aborted)
})

t.test('lint --probe finds every column of the demo’s widest mapping in its database', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'market.sqlite')
  openMarket(file).close()
  const market = readFileSync(join(packageRoot, 'config', 'adapters', 'market.yaml'), 'utf8')
  writeFiles(folder, {
    'config/gateway.yaml': `${gatewayYaml}mappings: ${join(packageRoot, 'mappings')}\n`,
    'config/adapters/market.yaml': market.replace(/file: .*sqlite/, `file: ${file}`),
  })
  const { out, codes } = await run('lint', '--probe', '--json', '--config', join(folder, 'config'))
  t.same(codes, [0])
  t.match(JSON.parse(out), { ok: true, problems: [], probes: [{}, {}, {}, {}, {}, {}, {}, { name: 'embedded' }] })
})

t.test('of systems that share a mapping each is compared by itself, whatever the others can tell', async (t) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, {
    'config/adapters/two.yaml': systemYaml('two.db').replace('table: SQ', 'table: OTHER'),
    'mappings/dept/one.yaml': mappingYaml.replace('name: NAME', 'name: NAME, address: ADDRESS'),
  })
  openDepartment(database).close()
  const other = new Database(join(folder, 'two.db'))
  other.exec('CREATE TABLE OTHER (NO TEXT PRIMARY KEY, ADDRESS TEXT, KIND TEXT, AT TEXT, N INTEGER NOT NULL)')
  other.close()
  const problemsNow = async () => JSON.parse((await run('lint', '--probe', '--json', '--config', config)).out).problems
  const ofOne = { code: 'MAPPING_PATH_UNKNOWN', values: { name: 'ADDRESS', streams: 'SQ' } }
  t.match(await problemsNow(), [ofOne, { code: 'MAPPING_PATH_UNKNOWN', values: { name: 'NAME', streams: 'OTHER' } }])
  t.equal((await problemsNow()).length, 2)

  rmSync(join(folder, 'two.db'))
  t.match(
    await problemsNow(),
    [{ code: 'SOURCE_UNREACHABLE' }, ofOne],
    'the columns of a system that does not answer are not known',
  )
  t.equal((await problemsNow()).length, 2)

  const files = `adapter: file\noptions:\n  folder: ../drop\n  pattern: "*.json"\n  format: json\n  stream: SQ\n  complete: { by: rename }\n  key: [NO]\n`
  writeFiles(folder, {
    'config/adapters/two.yaml': systemYaml('x')
      .replace(/adapter: db\n/, '')
      .replace(/options:[\s\S]*/, files),
    'drop/ready.txt': '',
  })
  t.match(await problemsNow(), [ofOne], 'an adapter that cannot tell')
  t.equal((await problemsNow()).length, 1)

  rmSync(join(config, 'adapters', 'two.yaml'))
  const more = '    - { table: LATER, key: [NO], mode: watermark, watermark: { column: N, kind: number } }\n'
  writeFiles(folder, { 'config/adapters/one.yaml': `${systemYaml('one.db')}${more}` })
  t.match(await problemsNow(), [{ code: 'SOURCE_OPTIONS_INVALID', en: /LATER/ }], 'one stream that is not there yet')
  t.equal((await problemsNow()).length, 1)
})

t.test('a log on a full disk is said once and stops nothing', { skip: !existsSync('/dev/full') && 'no /dev/full' }, async (t) => {
  const folder = temporaryFolder(t)
  const log = 'log: { level: debug, file: /dev/full }'
  const { config, database } = writeInstallation(folder, { 'config/gateway.yaml': gatewayYaml.replace(/log: .*/, log) })
  const department = openDepartment(database)
  department.put('A')
  department.close()
  const { err, error } = await run('run', '--once', '--config', config)
  t.equal(error, undefined)
  t.match(
    err,
    /日志文件 \/dev\/full 写不进去：磁盘已满（ENOSPC）[\s\S]*log file \/dev\/full cannot be written: the disk is full \(ENOSPC\)/,
  )
  t.equal(err.split('LOG_UNWRITABLE').length, 2, 'said once')
  t.match(JSON.parse((await run('books', '--config', config, '--json')).out), { balanced: true, lines: [{ confirmed: 1 }] })
})

t.test(
  'a log that can be written again tells how many lines are missing; one that cannot be opened stops the start',
  async (t) => {
    const folder = temporaryFolder(t)
    // A pipe takes nothing while nobody reads it, and takes lines again when somebody does: as a disk that was full.
    const pipe = join(folder, 'log.pipe')
    execFileSync('mkfifo', [pipe])
    const openReader = () => openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    let reader = openReader()
    const said: string[] = []
    const log = openLog('info', pipe, (text) => said.push(text))
    const read = () => {
      const bytes = Buffer.alloc(65536)
      const lines = bytes.subarray(0, readSync(reader, bytes)).toString().trimEnd().split('\n')
      return lines.map((line) => JSON.parse(line) as object)
    }
    log.info('first')
    t.match(read(), [{ msg: 'first' }])
    closeSync(reader)
    for (let n = 0; n < 5; n++) log.info('nobody reads this')
    t.equal(said.length, 1)
    t.match(said, [/LOG_UNWRITABLE/])
    reader = openReader()
    log.info('back')
    t.match(read(), [{ msg: 'back' }, { msg: 'log:resumed', lost: 5 }])
    closeSync(reader)

    writeFiles(folder, { file: '' })
    t.throws(() => openLog('info', join(folder, 'file', 'gateway.log')), { code: 'LOG_UNWRITABLE' })
    const kept = join(folder, 'logs', 'gateway.log')
    openLog('info', kept).info('kept')
    t.match(JSON.parse(readFileSync(kept, 'utf8')), { msg: 'kept' })
  },
)

t.test('the fingerprint of a system changes with its secret, and does not hold it', async (t) => {
  const folder = temporaryFolder(t)
  const withSecret = systemYaml('one.db').replace(
    /engine: sqlite\n {2}connection: .*/,
    'engine: postgresql\n  connection: { host: 127.0.0.1, database: d, user: u, password: { file: secret.txt } }',
  )
  const { config } = writeInstallation(folder, { 'config/adapters/one.yaml': withSecret })
  const adapters = await loadAdapters()
  const fingerprintWith = async (secret: string) => {
    writeFiles(folder, { 'config/secret.new': secret })
    renameSync(join(config, 'secret.new'), join(config, 'secret.txt'))
    return (await loadConfig(config, { adapters, env: {} })).config!.systems[0]!.fingerprint
  }
  const first = await fingerprintWith('Geheim-1')
  t.not(await fingerprintWith('Geheim-2'), first)
  t.equal(await fingerprintWith('Geheim-1'), first)
  t.notMatch(first, 'Geheim')
  writeFiles(folder, { 'mappings/dept/one.yaml': learntYaml })
  t.not(await fingerprintWith('Geheim-1'), first, 'and with the mapping')
})
