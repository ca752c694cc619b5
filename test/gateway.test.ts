import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { createProgram } from '../core/cli/program.ts'
import { systemClock } from '../core/clock.ts'
import { loadConfig } from '../core/config/load.ts'
import type { GatewayEvents } from '../core/events.ts'
import { createEvents } from '../core/events.ts'
import { startGateway } from '../core/gateway.ts'
import { loadAdapters } from '../core/registry.ts'
import { openReloading } from '../core/reload.ts'
import { openStore } from '../core/store/open-store.ts'
import { transportKinds } from '../core/transport/kinds.ts'
import {
  gatewayYaml,
  mappingYaml,
  openDepartment,
  systemYaml,
  writeFiles,
  writeInstallation,
} from './contract/department-database.ts'
import { freePort } from './free-port.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const adapters = await loadAdapters()

const install = (t: Test, files: Record<string, string> = {}) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, files)
  const department = openDepartment(database)
  t.teardown(() => department.close())
  return { folder, config, department }
}

const start = async (t: Test, configFolder: string, once = false) => {
  const context = { adapters, env: {} }
  const { config, problems } = await loadConfig(configFolder, context)
  if (!config) throw problems[0]
  const events = createEvents()
  const seen: { [E in keyof GatewayEvents]?: GatewayEvents[E][0][] } = {}
  const keep = <E extends keyof GatewayEvents>(event: E) => {
    events.on(event, ((fields: GatewayEvents[E][0]) => {
      const list = (seen[event] ?? []) as GatewayEvents[E][0][]
      seen[event] = [...list, fields] as never
    }) as never)
  }
  for (const event of [
    'source:failed',
    'source:recovered',
    'source:warned',
    'system:reloaded',
    'config:refused',
    'store:paused',
    'store:resumed',
  ] as const)
    keep(event)
  const gateway = startGateway({ config, context, events, once })
  t.teardown(() => gateway.stop())
  return { gateway, seen, config }
}

const confirmed = (gateway: { store: { books(): { confirmed: number }[] } }) =>
  gateway.store.books().reduce((sum, line) => sum + line.confirmed, 0)

t.test('what a department has reaches the transport, and what it adds later, too', async (t) => {
  const { config, department } = install(t)
  department.put('A')
  const { gateway } = await start(t, config)
  await until('the first is confirmed', () => confirmed(gateway) === 1)
  department.put('B')
  department.put('A', '乙')
  await until('the others are confirmed', () => confirmed(gateway) === 3)
  await gateway.stop()
})

t.test('with once it ends when everything is delivered, or rejects with what the source said', async (t) => {
  const { config, department, folder } = install(t)
  for (let n = 0; n < 1200; n++) department.put(`N${n}`)
  const first = await start(t, config, true)
  await first.gateway.finished()
  t.equal(confirmed(first.gateway), 1200)
  await first.gateway.stop()

  rmSync(join(folder, 'one.db'))
  const second = await start(t, config, true)
  await t.rejects(second.gateway.finished(), { code: 'SOURCE_UNREACHABLE' })
  await second.gateway.stop()
})

t.test('with once, a system that is not well keeps no other from being read to its end', async (t) => {
  const small = systemYaml('one.db').replace('timeoutMs: 1000', 'timeoutMs: 1000\n  batchSize: 1')
  const { config, department } = install(t, {
    'config/adapters/one.yaml': small,
    'config/adapters/two.yaml': systemYaml('two.db'),
  })
  const rows = 200
  for (let number = 0; number < rows; number++) department.put(`A${number}`)
  const { gateway } = await start(t, config, true)
  await t.rejects(gateway.finished(), { code: 'SOURCE_UNREACHABLE' })
  t.equal(
    gateway.store.books().reduce((sum, { read }) => sum + read, 0),
    rows,
  )
  await gateway.stop()
})

t.test('one system that is not well stops nobody, says why, and recovers by itself', async (t) => {
  const { config, department, folder } = install(t, { 'config/adapters/two.yaml': systemYaml('two.db') })
  const { gateway, seen } = await start(t, config)
  await until('the dead system has failed twice', () => (seen['source:failed']?.length ?? 0) >= 2)
  department.put('A')
  await until('the healthy one delivers', () => confirmed(gateway) === 1)
  t.match(seen['source:failed']?.[0], { system: 'two', error: { code: 'SOURCE_UNREACHABLE' } })
  t.match(
    gateway.store.health().find(({ component }) => component === 'source:two'),
    { state: 'failing', detail: { code: 'SOURCE_UNREACHABLE' } },
  )
  const second = openDepartment(join(folder, 'two.db'))
  second.put('Z')
  second.close()
  await until('it delivers, too', () => confirmed(gateway) === 2)
  t.match(seen['source:recovered'], [{ system: 'two' }])
  await gateway.stop()
})

t.test(
  'a system whose mapping names a column that its source does not have is not read, and goes on when it is mended',
  async (t) => {
    const astray = (column: string) =>
      mappingYaml.replace('applicant: { name: NAME', `applicant: { name: NAME, address: ${column}`)
    const { config, folder, department } = install(t, { 'mappings/dept/one.yaml': astray('NAEM') })
    department.put('A')
    const { gateway, seen } = await start(t, config)
    await until('it was told twice', () => (seen['source:failed']?.length ?? 0) >= 2)
    t.match(seen['source:failed']?.[0], { system: 'one', error: { code: 'SOURCE_MAPPING_MISFIT', message: /NAEM.*NAME/ } })
    const health = () => gateway.store.health().find(({ component }) => component === 'source:one')
    t.match(health(), { state: 'failing', detail: { code: 'SOURCE_MAPPING_MISFIT' } })
    t.same(gateway.store.books(), [], 'no record is sent without its field')

    department.exec('ALTER TABLE SQ ADD COLUMN NAEM TEXT')
    await until('the column is there, and the record sent', () => confirmed(gateway) === 1)
    department.exec('ALTER TABLE SQ DROP COLUMN NAEM')
    department.put('B')
    await until('the column is gone while it runs', () => health()?.state === 'failing')
    t.equal(confirmed(gateway), 1)

    // A file that is not in use changes nothing of what runs.
    writeFiles(folder, { 'config/adapters/one.yaml': 'department:' })
    await gateway.reload()
    const failures = seen['source:failed']?.length ?? 0
    await until('it was told again', () => (seen['source:failed']?.length ?? 0) > failures + 1)
    t.equal(confirmed(gateway), 1)
    writeFiles(folder, { 'config/adapters/one.yaml': systemYaml('one.db'), 'mappings/dept/one.yaml': astray('NAME') })
    await gateway.reload()
    await until('the mapping is mended', () => confirmed(gateway) === 2)
    await gateway.stop()
  },
)

t.test('a system is compared by itself, whatever those that share its mapping have', async (t) => {
  const { config, folder, department } = install(t, {
    'mappings/dept/one.yaml': mappingYaml.replace('applicant: { name: NAME', 'applicant: { name: NAME, address: ELSEWHERE'),
    'config/adapters/two.yaml': systemYaml('two.db'),
    'config/adapters/three.yaml': systemYaml('three.db'),
  })
  const other = openDepartment(join(folder, 'two.db'))
  other.exec('ALTER TABLE SQ ADD COLUMN ELSEWHERE TEXT')
  other.put('Z')
  other.close()
  department.put('A')
  const { gateway, seen } = await start(t, config)
  await until('the one that has it delivers', () => confirmed(gateway) === 1)
  await until('the other was told', () => (seen['source:failed'] ?? []).some(({ system }) => system === 'one'))
  t.match(
    gateway.store.health().find(({ component }) => component === 'source:one'),
    { state: 'failing', detail: { code: 'SOURCE_MAPPING_MISFIT' } },
  )
  t.same(
    gateway.store.books().map(({ route }) => route),
    ['two'],
    'nothing of the others',
  )
  await gateway.stop()
})

t.test('what may be missing, and a stream that is not read, stop no system', async (t) => {
  const { config, department } = install(t, {
    'mappings/dept/one.yaml': `${mappingYaml
      .replace('    content:', '    when: [{ path: $stream, in: [SQ, SQ_OLD] }, { path: ZF, absent: true }]\n    content:')
      .replace('name: NAME', `name: NAME, address: { expression: "$optional('DZ') & $text('NAME')" }`)}
  - type: review.step
    when: { path: $stream, equals: SH }
    content: { endedAt: { from: SHSJ, date: yyyyMMdd } }
`,
  })
  department.put('A')
  const { gateway } = await start(t, config, true)
  await gateway.finished()
  t.equal(confirmed(gateway), 1)
  await gateway.stop()
})

t.test('a table that is not there keeps those before it from nothing', async (t) => {
  const two = `${systemYaml('one.db')}    - { table: SQ2, key: [NO], mode: watermark, watermark: { column: N, kind: number } }\n`
  const { config, department } = install(t, { 'config/adapters/one.yaml': two })
  department.put('A')
  const { gateway, seen } = await start(t, config)
  await until('the first is read', () => confirmed(gateway) === 1)
  await until('the second is told', () => (seen['source:failed']?.length ?? 0) > 0)
  t.match(seen['source:failed']?.[0], { error: { code: 'SOURCE_OPTIONS_INVALID', message: /SQ2/ } })
  await gateway.stop()
})

t.test('what only a table that is not there may hold keeps records from going out without it', async (t) => {
  const { config, department } = install(t, {
    'config/adapters/one.yaml': `${systemYaml('one.db')}    - { table: SQ2, key: [NO], mode: watermark, watermark: { column: N, kind: number } }\n`,
    'mappings/dept/one.yaml': mappingYaml.replace('applicant: { name: NAME', 'applicant: { name: NAME, address: GONE'),
  })
  department.put('A')
  const { gateway, seen } = await start(t, config)
  await until('it was told twice', () => (seen['source:failed']?.length ?? 0) >= 2)
  t.match(seen['source:failed']?.[0], { error: { code: 'SOURCE_OPTIONS_INVALID', message: /SQ2/ } })
  t.same(gateway.store.books(), [])
  await gateway.stop()
})

t.test('a table that is not there is told, however many rows those before it have', async (t) => {
  const { config, department } = install(t, {
    'config/adapters/one.yaml': `${systemYaml('one.db').replace('timeoutMs: 1000', 'timeoutMs: 1000\n  maxRowsPerRun: 1')}    - { table: SQ2, key: [NO], mode: watermark, watermark: { column: N, kind: number } }\n`,
  })
  for (const no of ['A', 'B', 'C']) department.put(no)
  const { gateway } = await start(t, config, true)
  await t.rejects(gateway.finished(), { code: 'SOURCE_OPTIONS_INVALID' })
  await gateway.stop()
})

t.test('with once, a mapping that its source does not fit is answered', async (t) => {
  const { config, department } = install(t, { 'mappings/dept/one.yaml': mappingYaml.replace('name: NAME', 'name: NAEM') })
  department.put('A')
  const { gateway } = await start(t, config, true)
  await t.rejects(gateway.finished(), { code: 'SOURCE_MAPPING_MISFIT' })
  await gateway.stop()
})

t.test('a system is added, changed, refused and removed without the others noticing', async (t) => {
  const { config, department, folder } = install(t)
  const { gateway, seen } = await start(t, config)
  department.put('A', '甲', '3')
  await until('the unknown code is in quarantine', () => gateway.store.openQuarantine({ limit: 1 }).length === 1)

  writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml.replace('"2": enterprise', '"2": enterprice, "3": other') })
  await gateway.reload()
  t.match(seen['config:refused'], [{ system: 'one', problems: [{ code: 'MAPPING_INVALID' }] }])
  department.put('B')
  await until('the old mapping goes on', () => confirmed(gateway) === 1)

  writeFiles(folder, {
    'mappings/dept/one.yaml': mappingYaml.replace('"2": enterprise', '"2": enterprise, "3": other'),
    'config/adapters/two.yaml': systemYaml('two.db'),
  })
  const second = openDepartment(join(folder, 'two.db'))
  second.put('Z')
  second.close()
  await gateway.reload()
  t.match(
    seen['system:reloaded']?.toSorted((a, b) => (a.system < b.system ? -1 : 1)),
    [
      { system: 'one', change: 'changed' },
      { system: 'two', change: 'added' },
    ],
  )
  department.put('C', '甲', '3')
  await until('the new code is known and the new system delivers', () => confirmed(gateway) === 3)

  rmSync(join(config, 'adapters', 'two.yaml'))
  await gateway.reload()
  t.match(seen['system:reloaded']?.at(-1), { system: 'two', change: 'removed' })
  await gateway.reload()
  t.equal(seen['system:reloaded']?.length, 3, 'what has not changed is left alone')
  await gateway.stop()
})

t.test('a store that is removed while in use takes nothing more, and says so', async (t) => {
  const { config, department, folder } = install(t)
  department.put('A')
  const { gateway, seen } = await start(t, config)
  await until('the first is confirmed', () => confirmed(gateway) === 1)
  renameSync(join(folder, 'data/gateway.db'), join(folder, 'data/away.db'))
  department.put('B')
  await until('it pauses', () => (seen['store:paused']?.length ?? 0) > 0)
  t.match(seen['store:paused'], [{ error: { code: 'STORE_REMOVED' } }])
  renameSync(join(folder, 'data/away.db'), join(folder, 'data/gateway.db'))
  await until('the second goes out when it is back', () => confirmed(gateway) === 2)
  await gateway.stop()
})

t.test('a broker that cannot be reached is told with its reason', async (t) => {
  const nowhere = gatewayYaml.replace(/transport: .*/, 'transport: { kind: rabbitmq, urls: ["amqp://127.0.0.1:1"] }')
  const { config } = install(t, { 'config/gateway.yaml': nowhere })
  const { gateway } = await start(t, config)
  const broker = () => gateway.store.health().find(({ component }) => component === 'broker')
  await until('it is known', () => JSON.stringify(broker()?.detail ?? {}).includes('BROKER_UNREACHABLE'))
  t.match(broker(), { state: 'connecting' })
  await gateway.stop()
})

t.test('a wait as long as a timer can hold, or longer, is waited for', async (t) => {
  for (const ms of [2 ** 31 - 1, 2 ** 31 + 5]) {
    const abort = new AbortController()
    let isOver = false
    const waiting = systemClock.wait(ms, abort.signal).then(() => {
      isOver = true
    })
    await systemClock.wait(20)
    t.notOk(isOver, String(ms))
    abort.abort()
    await waiting
  }
})

const pushedYaml = (port: number, path: string, mapping = 'dept/one') =>
  stringify({
    department: { code: '11150900PDY00001XA', name: '示例局', region: '150900' },
    adapter: 'http',
    mapping,
    options: { listen: { port }, streams: [{ path, format: 'json', stream: 'SQ', key: ['NO'] }] },
  })

/** Two that are posted to, and what says whether one answers on a port with the path. */
const installPushed = async (t: Test) => {
  const { config, folder } = install(t)
  const ports = { p: await freePort(), q: await freePort() }
  const put = (files: Record<string, string>): void =>
    writeFiles(folder, Object.fromEntries(Object.entries(files).map(([name, text]) => [`config/adapters/${name}.yaml`, text])))
  put({ two: pushedYaml(ports.p, '/two'), three: pushedYaml(ports.q, '/three') })
  const started = await start(t, config)
  const answers = async (port: number, path: string): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: '{}' }).catch(() => undefined)
    return answer !== undefined && answer.status !== 404
  }
  await until('both answer', async () => (await answers(ports.p, '/two')) && (await answers(ports.q, '/three')))
  return { ...started, ...ports, config, put, answers }
}

t.test(
  'what a system has for itself alone it keeps at a reload; another that wants it is refused until it is free',
  async (t) => {
    const { config, folder } = install(t)
    const port = await freePort()
    const pushed = (path: string) => pushedYaml(port, path)
    writeFiles(folder, { 'config/adapters/two.yaml': pushed('/cases') })
    const { gateway, seen } = await start(t, config)
    writeFiles(folder, { 'config/adapters/three.yaml': pushed('/cases') })
    await gateway.reload()
    t.match(seen['config:refused'], [
      { system: 'three', problems: [{ code: 'CONFIG_VALUE_INVALID', values: { key: 'options.listen.port' } }] },
    ])
    t.notOk(seen['system:reloaded'])
    // Changed at the same time, it still is the one that has it.
    writeFiles(folder, { 'config/adapters/two.yaml': pushed('/others') })
    await gateway.reload()
    t.match(seen['system:reloaded'], [{ system: 'two', change: 'changed' }])
    rmSync(join(config, 'adapters', 'two.yaml'))
    await gateway.reload()
    t.match(seen['system:reloaded']?.slice(1), [
      { system: 'two', change: 'removed' },
      { system: 'three', change: 'added' },
    ])
    await gateway.stop()
  },
)

t.test('two systems may change what they have for themselves alone with each other', async (t) => {
  const { gateway, seen, put, answers, p, q } = await installPushed(t)
  put({ two: pushedYaml(q, '/two'), three: pushedYaml(p, '/three') })
  await gateway.reload()
  t.notOk(seen['config:refused'])
  await until('each answers where the other did', async () => (await answers(q, '/two')) && (await answers(p, '/three')))
  t.notOk(seen['source:failed'], 'neither found its port taken')
  await gateway.stop()
})

t.test('who moves to what another has is refused, also while the other one changes', async (t) => {
  const { gateway, seen, put, answers, p, q } = await installPushed(t)
  // Its name is before that of the one that has it.
  put({ three: pushedYaml(p, '/three'), two: pushedYaml(p, '/other') })
  await gateway.reload()
  t.match(seen['config:refused'], [{ system: 'three', problems: [{ values: { key: 'options.listen.port' } }] }])
  t.match(seen['system:reloaded'], [{ system: 'two', change: 'changed' }])
  await until('both go on', async () => (await answers(p, '/other')) && (await answers(q, '/three')))
  await gateway.stop()
})

t.test('what is refused keeps what it had, from whoever was about to take it', async (t) => {
  const { gateway, seen, put, answers, p, q } = await installPushed(t)
  const taken = await freePort()
  put({ one: pushedYaml(taken, '/one') })
  await gateway.reload()
  // One has the port that two wants; so two keeps its own, and three cannot have that; the fourth cannot have what three keeps.
  put({ two: pushedYaml(taken, '/two'), three: pushedYaml(p, '/three'), four: pushedYaml(q, '/four') })
  await gateway.reload()
  t.same(seen['config:refused']?.map(({ system }) => system).sort(), ['four', 'three', 'two'])
  t.ok((await answers(p, '/two')) && (await answers(q, '/three')) && (await answers(taken, '/one')))
  t.notOk(seen['source:failed'])
  await gateway.stop()
})

t.test('one that does not stop, or cannot, keeps no other from its new configuration', async (t) => {
  const { config: folder } = install(t, {
    'config/adapters/two.yaml': systemYaml('two.db'),
    'config/adapters/three.yaml': systemYaml('three.db'),
  })
  const context = { adapters, env: {} }
  const { config } = await loadConfig(folder, context)
  const store = openStore(join(folder, 'gateway.db'), 0)
  t.teardown(() => store.close())
  const running = new Map(config!.systems.map(({ name }) => [name, 'as before']))
  const { reload } = openReloading({
    config: config!,
    context,
    store,
    events: createEvents(),
    say: () => undefined,
    signal: new AbortController().signal,
    systems: {
      running: () => [...running.keys()],
      fingerprintOf: (name) => running.get(name),
      prepare:
        ({ name, fingerprint }) =>
        () =>
          void running.set(name, fingerprint),
      keepRoutes: () => undefined,
      // As a read from a network disk that is gone.
      stop: (name) =>
        name === 'one'
          ? new Promise(() => undefined)
          : name === 'two'
            ? Promise.reject(new Error('it broke'))
            : Promise.resolve(),
      address: () => undefined,
      keepOnly: () => undefined,
    },
  })
  reload()
  await until('the third has started', () => running.get('three') !== 'as before')
  t.match(
    running,
    new Map([
      ['one', 'as before'],
      ['two', 'as before'],
    ]),
  )
})

t.test('a folder of systems that is away, such as a mount, stops none of them', async (t) => {
  const { gateway, seen, config, answers, p, q } = await installPushed(t)
  renameSync(join(config, 'adapters'), join(config, 'away'))
  await gateway.reload()
  t.match(seen['config:refused'], [
    { system: '*', problems: [{ code: 'CONFIG_UNREADABLE', values: { file: 'config/adapters' } }] },
  ])
  t.notOk(seen['system:reloaded'])
  t.ok((await answers(p, '/two')) && (await answers(q, '/three')))
  // As an unmount leaves it.
  mkdirSync(join(config, 'adapters'))
  await gateway.reload()
  t.match(seen['config:refused']?.at(-1), { problems: [{ message: /no file of a system/ }] })
  const { out } = await runCommand('status', '--config', config, '--json')
  t.match(
    JSON.parse(out).components.map(({ component }: { component: string }) => component),
    ['broker', 'source:one', 'source:three', 'source:two', 'config:*'],
  )
  t.ok((await answers(p, '/two')) && (await answers(q, '/three')))
  rmSync(join(config, 'adapters'), { recursive: true })
  renameSync(join(config, 'away'), join(config, 'adapters'))
  await gateway.reload()
  t.notOk(gateway.store.health().some(({ component, state }) => component === 'config:*' && state === 'refused'))
  await gateway.stop()
})

t.test('a gateway that is stopped in the middle of a reload leaves nothing running', async (t) => {
  const { config, folder } = install(t)
  const { gateway, seen } = await start(t, config)
  writeFiles(folder, {
    'config/adapters/one.yaml': systemYaml('one.db', '30ms'),
    'config/adapters/two.yaml': systemYaml('one.db'),
  })
  const reloading = gateway.reload()
  await gateway.stop()
  await reloading
  t.notMatch(seen['system:reloaded']?.map(({ system }) => system) ?? [], ['two'])
})

t.test('while nothing can be sent, reading stops at the limit and says so', async (t) => {
  const nowhere = gatewayYaml.replace(/transport: .*/, 'transport: { kind: rabbitmq, urls: ["amqp://127.0.0.1:1"] }')
  const { config, department } = install(t, { 'config/gateway.yaml': `${nowhere}limits: { maxWaiting: 700 }\n` })
  for (let n = 0; n < 3000; n++) department.put(`N${n}`)
  const { gateway, seen } = await start(t, config)
  await until('it pauses', () => (seen['store:paused']?.length ?? 0) > 0)
  t.match(seen['store:paused'], [{ error: { code: 'STORE_BACKLOG_FULL' } }])
  t.equal(gateway.store.waiting(), 1000, 'two batches of 500: the second was begun below the limit')
  await gateway.stop()
})

t.test('the second gateway on a store is refused, and a stopped one starts again where it was', async (t) => {
  const { config, department } = install(t)
  department.put('A')
  const first = await start(t, config)
  await t.rejects(start(t, config), { code: 'STORE_IN_USE' })
  await until('it is confirmed', () => confirmed(first.gateway) === 1)
  await first.gateway.stop()
  department.put('B')
  const second = await start(t, config)
  await until('only the new one goes out', () => confirmed(second.gateway) === 2)
  t.match(second.gateway.store.books(), [{ read: 2 }])
  await second.gateway.stop()
})

/** Runs a command as the terminal would, and gives what it printed. */
const run = async (...given: string[]) => {
  const printed: string[] = []
  const said: string[] = []
  let code = 0
  const program = createProgram({
    out: (text) => void printed.push(text),
    err: (text) => void said.push(text),
    env: {},
    interrupted: new AbortController().signal,
    exit: (given) => {
      code = given
    },
  })
  let error: unknown
  await program.parseAsync(given, { from: 'user' }).catch((thrown) => {
    error = thrown
  })
  return { out: printed.join('\n'), err: said.join('\n'), code, error }
}

t.test('commands', async (t) => {
  const { config, department, folder } = install(t)
  department.put('A')
  department.put('B', '乙', '9')

  await t.test('run --once delivers', async (t) => {
    t.match(await run('run', '--once', '--config', config), { code: 0 })
  })
  await t.test('books balance', async (t) => {
    const { out, code } = await run('books', '--config', config, '--json')
    t.equal(code, 0)
    t.match(JSON.parse(out), { balanced: true, lines: [{ read: 2, translated: 1, quarantined: 1, confirmed: 1 }] })
    t.match((await run('books', '--config', config)).out, /账簿平衡/)
  })
  await t.test('status says what is not well', async (t) => {
    const { out, code } = await run('status', '--config', config, '--json')
    t.equal(code, 1)
    t.match(JSON.parse(out), { running: false, waiting: 0, quarantined: 1 })
  })
  await t.test('quarantine lists, shows, replays and discards', async (t) => {
    const [entry] = JSON.parse((await run('quarantine', 'list', '--config', config, '--json')).out)
    t.match(entry, { recordSeq: 2, code: 'CODE_UNKNOWN' })
    t.match((await run('quarantine', 'show', '2', '--config', config, '--raw')).out, /"NAME":"乙"/)
    t.notMatch((await run('quarantine', 'show', '2', '--config', config)).out, /乙/, 'personal data only when asked for')
    t.match(await run('quarantine', 'replay', '2', '--config', config, '--json'), { code: 1, out: /CODE_UNKNOWN/ })
    t.match(await run('quarantine', 'discard', '2', '--config', config), { code: 2 }, 'a reason is required')
    t.match(await run('quarantine', 'discard', '2', '--config', config, '--reason', '部门来函'), { code: 0 })
    t.match(await run('quarantine', 'show', '2', '--config', config), { out: /部门来函/ })
    t.match(await run('quarantine', 'discard', '2', '--config', config, '--reason', 'again'), {
      error: { code: 'QUARANTINE_NOT_FOUND' },
    })
  })
  await t.test('replay --all goes on after the mapping has learnt the code', async (t) => {
    department.put('C', '丙', '7')
    department.put('D', '丁', '7')
    await run('run', '--once', '--config', config)
    writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml.replace('"2": enterprise', '"2": enterprise, "7": other') })
    t.match(await run('quarantine', 'replay', '--all', '--config', config), {
      code: 0,
      out: /2 replayed: 2 became messages, 0 are not sent, 0 still/,
    })
    await run('run', '--once', '--config', config)
    t.match(JSON.parse((await run('books', '--config', config, '--json')).out), {
      balanced: true,
      lines: [{ read: 4, translated: 3, ignored: 1, confirmed: 3 }],
    })
  })
  await t.test('lint prints every mistake, and run refuses what does not lint', async (t) => {
    t.match(await run('lint', '--config', config, '--probe'), { code: 0, out: /配置无误/ })
    writeFiles(folder, { 'config/adapters/one.yaml': systemYaml('one.db').replace('adapter: db', 'adapter: dbx') })
    t.match(await run('lint', '--config', config), { code: 1, out: /config\/adapters\/one.yaml:3:10/ })
    t.match(await run('run', '--once', '--config', config), { code: 1, err: /ADAPTER_UNKNOWN/ })
  })
  await t.test('wrong use is said in both languages', async (t) => {
    t.match(await run('bokks'), { code: 2 })
    t.match(await run('quarantine', 'show', 'x', '--config', config), { code: 2 })
  })
  await t.test('every command has help with examples', async (t) => {
    const program = createProgram({
      out: () => undefined,
      err: () => undefined,
      env: {},
      interrupted: new AbortController().signal,
      exit: () => undefined,
    })
    for (const command of program.commands) t.match((await run(command.name(), '--help')).out, /例 \/ Examples/, command.name())
  })
})

t.test('messages that were stored before a crash go out after the start', async (t) => {
  const { config, department } = install(t)
  department.put('A')
  const first = await start(t, config)
  await until('it is confirmed', () => confirmed(first.gateway) === 1)
  await first.gateway.stop()
  const { options } = first.config.transport
  const transport = transportKinds.embedded.open(options, systemClock, first.config.folder)
  transport.open()
  const bodies: string[] = []
  const subscription = transport.subscribe(async (deliveries) => {
    bodies.push(...deliveries.map(({ body }) => body))
    return deliveries.map(() => 'ack' as const)
  })
  await until('the platform has it', () => bodies.length === 1)
  t.match(JSON.parse(bodies[0]!), { subject: 'A', type: 'qianzhi.application.received.v1' })
  await subscription.close()
  await transport.close(1000)
})
