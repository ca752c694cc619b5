/** Posts to a gateway with its real store, and through it to the platform. */
import { openSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { createClientAsync } from 'soap'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { createProgram } from '../core/cli/program.ts'
import { loadConfig } from '../core/config/load.ts'
import { createEvents } from '../core/events.ts'
import { startGateway } from '../core/gateway.ts'
import { packageRoot } from '../core/package-root.ts'
import { startReceiver } from '../core/platform/receiver.ts'
import { openSqliteReceiverStore } from '../core/platform/sqlite-store.ts'
import { loadAdapters } from '../core/registry.ts'
import { openEmbedded } from '../core/transport/embedded.ts'
import { gatewayYaml, mappingYaml, writeFiles } from './contract/department-database.ts'
import { totals } from './contract/platform-place.ts'
import { postTo } from './contract/push-place.ts'
import { connected, realClock } from './contract/transport-messages.ts'
import { killRunning, type Log, startProgram } from './fault/children.ts'
import { freePort } from './free-port.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const adapters = await loadAdapters()

const systemYaml = (port: number, more: object = {}): string =>
  stringify({
    department: { code: '11150900PDY00001XA', name: '示例局', region: '150900' },
    adapter: 'http',
    mapping: 'dept/one',
    backoff: { first: '20ms', longest: '50ms' },
    options: {
      listen: { port },
      streams: [
        { path: '/cases', format: 'json', stream: 'SQ', key: ['NO'] },
        { path: '/exchange', format: 'xml', records: 'Rs/SQ', stream: '{element}', key: ['NO'] },
        { path: '/soap', format: 'soap', stream: 'SQ', key: ['NO'], soap: { kind: 'typed' } },
      ],
    },
    ...more,
  })

const install = async (t: Test, more: Record<string, string> = {}) => {
  const folder = temporaryFolder(t)
  const port = await freePort()
  writeFiles(folder, {
    'config/gateway.yaml': gatewayYaml,
    'config/adapters/one.yaml': systemYaml(port),
    'mappings/dept/one.yaml': mappingYaml,
    ...more,
  })
  return { folder, config: join(folder, 'config'), port, url: `http://127.0.0.1:${port}` }
}

const start = async (t: Test, folder: string, once = false) => {
  const context = { adapters, env: {} }
  const { config, problems } = await loadConfig(folder, context)
  if (!config) throw problems[0]
  const events = createEvents()
  const seen: string[] = []
  for (const event of ['source:serving', 'source:failed', 'source:recovered', 'store:paused', 'store:resumed'] as const)
    events.on(event, () => void seen.push(event))
  const gateway = startGateway({ config, context, events, once })
  t.teardown(() => gateway.stop())
  return { gateway, seen }
}

const serving = async (t: Test, config: string) => {
  const { gateway, seen } = await start(t, config)
  await until('it serves', () => seen.includes('source:serving'))
  return { gateway, seen }
}

/** The platform at the other end of the embedded transport. */
const openPlatform = async (t: Test, folder: string) => {
  const transport = openEmbedded(
    { file: join(folder, 'data/transport.sqlite'), partitions: 4, window: 500, pollMs: 10 },
    realClock,
  )
  transport.open()
  await connected(transport)
  const store = openSqliteReceiverStore(join(folder, 'platform.sqlite'), Date.now())
  const receiver = startReceiver({
    transport,
    store,
    clock: realClock,
    answer: async () => undefined,
    onFailed: (error) => t.fail(error.message),
  })
  t.teardown(async () => {
    await receiver.close()
    await transport.close(0)
    await store.close()
  })
  return {
    counts: () => totals(store),
    /** What was sent before the kill may come again: that is a duplicate there. */
    distinct: async () => {
      const { received, duplicates } = await totals(store)
      return received! - duplicates!
    },
  }
}

const row = (no: string, more: object = {}) => ({ NO: no, AT: '2026-03-02 09:00:00', NAME: '甲', KIND: '1', ...more })

type Told = {
  code?: string
  kept?: boolean
  receipts: { key: string; outcome: string; recordSeq: number; error?: { code: string } }[]
}

const post = async (url: string, body: unknown, type = 'application/json'): Promise<[number, Told]> => {
  const answer = await postTo(url, typeof body === 'string' ? body : JSON.stringify(body), { 'content-type': type })
  return [answer.status, (await answer.json()) as Told]
}

t.test('a post becomes a message at the platform, once, however often it is sent', async (t) => {
  const { folder, config, url } = await install(t)
  const { gateway } = await serving(t, config)
  const platform = await openPlatform(t, folder)
  t.match(await post(`${url}/cases`, row('A')), [200, { receipts: [{ key: 'A', outcome: 'stored', recordSeq: 1 }] }])
  t.match(await post(`${url}/cases`, row('A')), [200, { receipts: [{ key: 'A', outcome: 'duplicate', recordSeq: 1 }] }])
  const xml = '<Rs><SQ><NO>B</NO><AT>2026-03-02 09:00:00</AT><NAME>乙</NAME><KIND>2</KIND></SQ></Rs>'
  t.match(await post(`${url}/exchange`, xml, 'text/xml; charset=utf-8'), [200, { receipts: [{ key: 'B', outcome: 'stored' }] }])
  await until('the platform has both', async () => (await platform.counts()).received === 2)
  t.match(await platform.counts(), { received: 2, duplicates: 0 })
  t.ok(gateway.store.books().every(({ balanced }) => balanced))
})

t.test('what cannot become a message is told with its code, as kept, and is kept once', async (t) => {
  const { config, url } = await install(t)
  const { gateway } = await serving(t, config)
  const bad = row('A', { KIND: '9' })
  const told = [422, { code: 'CODE_UNKNOWN', kept: true, receipts: [{ key: 'A', outcome: 'quarantined', recordSeq: 1 }] }]
  t.match(await post(`${url}/cases`, bad), told)
  t.match(await post(`${url}/cases`, bad), told, 'the same again has the same answer')
  const [status, mixed] = await post(`${url}/cases`, [row('B'), bad, row('C', { AT: 'never' }), row('D')])
  t.equal(status, 422)
  t.same(
    mixed.receipts.map(({ key, outcome, error }) => [key, outcome, error?.code]),
    [
      ['B', 'stored', undefined],
      ['A', 'quarantined', 'CODE_UNKNOWN'],
      ['C', 'quarantined', 'DATE_INVALID'],
      ['D', 'stored', undefined],
    ],
  )
  t.match(await post(`${url}/cases`, 'no json'), [422, { code: 'JSON_INVALID', kept: true }])
  t.match(await post(`${url}/cases`, 'no json'), [422, { code: 'JSON_INVALID', kept: true }])
  t.equal(gateway.store.openQuarantine({ limit: 10 }).length, 3)
  t.match(await post(`${url}/cases`, row('A')), [200, { receipts: [{ outcome: 'stored' }] }], 'corrected')
  t.equal(gateway.store.openQuarantine({ limit: 10 }).length, 2)
})

t.test('while the store takes nothing a sender is asked to come again', async (t) => {
  const { folder, config, url } = await install(t)
  const { seen } = await serving(t, config)
  renameSync(join(folder, 'data/gateway.db'), join(folder, 'data/away.db'))
  t.match(await post(`${url}/cases`, row('A')), [503, { code: 'PUSH_UNAVAILABLE', kept: false }])
  t.match(await post(`${url}/cases`, row('A')), [503, { code: 'PUSH_UNAVAILABLE' }])
  t.equal(seen.filter((event) => event === 'store:paused').length, 1, 'the operator is told once')
  renameSync(join(folder, 'data/away.db'), join(folder, 'data/gateway.db'))
  t.match(await post(`${url}/cases`, row('A')), [200, { receipts: [{ outcome: 'stored' }] }])
  t.ok(seen.includes('store:resumed'))
})

t.test('a SOAP client learns what became of its record', async (t) => {
  const { config, url } = await install(t)
  const { gateway } = await serving(t, config)
  const client = await createClientAsync(`${url}/soap?wsdl`, { disableCache: true })
  const [{ receipt }] = await client.submitAsync(row('A'))
  t.match(receipt, [{ key: 'A', outcome: 'stored', recordSeq: 1 }])
  const thrown = await client.submitAsync(row('B', { KIND: '9' })).catch((error: unknown) => error)
  const detail = { error: { code: 'CODE_UNKNOWN', kept: 'true', receipt: { key: 'B', outcome: 'quarantined', recordSeq: '2' } } }
  t.match(thrown, { root: { Envelope: { Body: { Fault: { faultcode: 'soap:Client', detail } } } } })
  t.match(gateway.store.openQuarantine({ limit: 10 }), [{ recordSeq: 2 }])
})

for (const [point, outcome] of [
  ['committing', 'stored'],
  ['stored', 'duplicate'],
] as const) {
  t.test(`killed while ${point}, without an answer: sent again it is ${outcome}, and once at the platform`, async (t) => {
    const { folder, config, url } = await install(t)
    const file = join(folder, 'output.log')
    const log: Log = { file, fd: openSync(file, 'a') }
    t.teardown(() => killRunning(log))
    const plan = { point, nth: 2, turns: 0, afterUs: 0 }
    const child = startProgram('test/fault/gateway-process.js', [config, JSON.stringify(plan)], log)
    await until('it serves', async () => (await post(`${url}/cases`, row('A')).catch(() => [0]))[0] === 200)
    await t.rejects(post(`${url}/cases`, row('B')), 'no answer')
    t.match(await child.ended, { signal: 'SIGKILL', said: point })

    await serving(t, config)
    const platform = await openPlatform(t, folder)
    t.match(await post(`${url}/cases`, row('B')), [200, { receipts: [{ key: 'B', outcome }] }])
    t.match(await post(`${url}/cases`, row('C')), [200, { receipts: [{ outcome: 'stored' }] }])
    await until('the platform has all', async () => (await platform.distinct()) >= 3)
    t.equal(await platform.distinct(), 3)
  })
}

t.test('a port that is in use is tried again, and status tells of it, and of serving', async (t) => {
  const { config, url } = await install(t)
  const first = await serving(t, config)
  const second = await install(t, { 'config/adapters/one.yaml': systemYaml(Number(new URL(url).port)) })
  const { gateway, seen } = await start(t, second.config)
  await until('it has failed twice', () => seen.filter((event) => event === 'source:failed').length >= 2)
  const stateOf = () => gateway.store.health().find(({ component }) => component === 'source:one')
  t.match(stateOf(), { state: 'failing', detail: { code: 'SOURCE_PORT_UNUSABLE' } })
  await first.gateway.stop()
  await until('it serves', () => stateOf()?.state === 'serving')
  t.ok(seen.includes('source:recovered'))
  t.match(await post(`${url}/cases`, row('A')), [200, {}])
  const { out, codes } = await runCommand('status', '--json', '--config', second.config)
  t.match(JSON.parse(out), { components: [{}, { component: 'source:one', state: 'serving' }] }, out)
  t.same(codes, [0])
})

t.test('a changed file moves the listener to its new port', async (t) => {
  const { folder, config, url } = await install(t)
  const { gateway } = await serving(t, config)
  t.match(await post(`${url}/cases`, row('A')), [200, {}])
  const port = await freePort()
  writeFiles(folder, { 'config/adapters/one.yaml': systemYaml(port) })
  await gateway.reload()
  await until(
    'the new port answers',
    async () => (await post(`http://127.0.0.1:${port}/cases`, row('B')).catch(() => [0]))[0] === 200,
  )
  await t.rejects(post(`${url}/cases`, row('C')))
})

t.test('run --once has nothing to read from senders: it sees that it could serve, and ends', async (t) => {
  const { config, url } = await install(t)
  const { gateway } = await start(t, config, true)
  await gateway.finished()
  await gateway.stop()
  await t.rejects(post(`${url}/cases`, row('A')))
  const { codes, error } = await runCommand('run', '--once', '--config', config)
  t.same([codes, error], [[], undefined])
})

t.test('try --system shows the first post and takes nothing of it', async (t) => {
  const { config, url } = await install(t)
  const [out, err]: [string[], string[]] = [[], []]
  const program = createProgram({
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    interrupted: new AbortController().signal,
    exit: () => undefined,
  })
  const trying = program.parseAsync(['try', '--system', 'one', '--config', config], { from: 'user' })
  await until('it waits for a post', () => err.length > 0)
  t.match(err.join(), /等待推送.*Waiting for a post/)
  t.match(await post(`${url}/cases`, row('A')), [503, { code: 'PUSH_UNAVAILABLE', kept: false }])
  await trying
  t.match(out.join('\n'), /application\.received/)
})

t.test('lint --probe sees whether the port can be bound, also while the gateway has it', async (t) => {
  const { config } = await install(t)
  const probed = async () => {
    const { out, codes } = await runCommand('lint', '--probe', '--json', '--config', config)
    return { codes, probes: (JSON.parse(out) as { probes: { name: string }[] }).probes.filter(({ name }) => name === 'one') }
  }
  t.match(await probed(), { codes: [0], probes: [{ ok: true, en: 'bind the port' }] })
  await serving(t, config)
  t.match(await probed(), { codes: [0], probes: [{ ok: true, detail: /in use by a gateway/ }] })
})

t.test('two systems at one port do not lint, unless one of them is switched off', async (t) => {
  const { folder, config, port } = await install(t)
  writeFiles(folder, { 'config/adapters/two.yaml': systemYaml(port) })
  const { out, codes } = await runCommand('lint', '--json', '--config', config)
  t.same(codes, [1])
  t.match(JSON.parse(out).problems, [
    {
      code: 'CONFIG_VALUE_INVALID',
      en: `config/adapters/two.yaml:12:11 the value ${port} of "options.listen.port" is not allowed: system one has TCP ${port} already: choose another`,
    },
  ])
  writeFiles(folder, { 'config/adapters/two.yaml': systemYaml(port, { enabled: false }) })
  t.same((await runCommand('lint', '--config', config)).codes, [0])
})

t.test('the configuration that docs/push.md shows lints', async (t) => {
  const page = readFileSync(join(packageRoot, 'docs/push.md'), 'utf8')
  const shown = /```yaml\n# config\/adapters\/hall.yaml\n(.*?)```/s.exec(page)![1]!
  const folder = temporaryFolder(t)
  const gateway = `${gatewayYaml}mappings: ${join(packageRoot, 'mappings')}\n`
  writeFiles(folder, { 'config/gateway.yaml': gateway, 'config/adapters/hall.yaml': shown })
  const { problems } = await loadConfig(join(folder, 'config'), { adapters, env: { HALL_TOKEN: 'token-of-this-year' } })
  t.same(
    problems.map(({ message }) => message),
    [],
  )
})
