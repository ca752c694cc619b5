import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../core/config/load.ts'
import type { GatewayError } from '../core/errors.ts'
import { loadAdapters } from '../core/registry.ts'
import { gatewayYaml, systemYaml, writeFiles, writeInstallation } from './contract/department-database.ts'
import { temporaryFolder } from './temporary.ts'

const adapters = await loadAdapters()

const load = async (t: Test, files: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}) => {
  const folder = temporaryFolder(t)
  const { config } = writeInstallation(folder, files)
  return loadConfig(config, { adapters, env })
}

const found = (problems: GatewayError[]) =>
  problems.map(({ code, values }) => `${values['at'] ?? values['file']} ${code} ${values['key'] ?? ''}`.trim()).sort()

t.test('a configuration in order is loaded with its defaults', async (t) => {
  const { config, problems } = await load(t)
  t.same(
    problems.map(({ message }) => message),
    [],
  )
  t.match(config, {
    options: { limits: { maxWaiting: 2_000_000 }, store: { retention: { bodies: '90d' } } },
    transport: { kind: 'embedded', options: { partitions: 4 } },
    systems: [{ name: 'one', enabled: true, read: { options: { batchSize: 500 }, mappingModule: { name: 'dept/one' } } }],
  })
})

t.test('all mistakes of all files are reported at once, each with file, line and column', async (t) => {
  const { config, problems } = await load(t, {
    'config/gateway.yaml': 'stor: { file: x }\ntransport: { kind: embeded }\nretry: { first: soon }\n',
    'config/adapters/one.yaml': `
departmant: {}
department: { code: 11150900PDY00001XB, name: 示例局, region: "1509" }
adapter: dbb
mapping: dept/onne
schedule: { cron: "61 * * * *" }
options: {}
`,
    'config/adapters/two.yaml': systemYaml('two.db').replace('engine: sqlite', 'engin: sqlite').replace('key: [NO]', 'key: []'),
    'config/adapters/three.yaml': 'department: [\n',
    'mappings/dept/one.yaml': 'case: { sourceCaseNo: NO }\nevents: [{ type: application.recieved }]\n',
  })
  t.equal(config, undefined)
  t.same(
    found(problems),
    [
      'config/gateway.yaml:1:1 CONFIG_KEY_UNKNOWN stor',
      'config/gateway.yaml:2:20 CONFIG_VALUE_INVALID transport.kind',
      'config/gateway.yaml:3:17 CONFIG_VALUE_INVALID retry.first',
      'config/adapters/one.yaml:2:1 CONFIG_KEY_UNKNOWN departmant',
      'config/adapters/one.yaml:3:21 CONFIG_VALUE_INVALID department.code',
      'config/adapters/one.yaml:3:60 CONFIG_VALUE_INVALID department.region',
      'config/adapters/one.yaml:4:10 ADAPTER_UNKNOWN',
      'config/adapters/one.yaml:5:10 MAPPING_UNKNOWN',
      'config/adapters/one.yaml:6:19 CONFIG_VALUE_INVALID schedule.cron',
      'config/adapters/two.yaml:8:3 CONFIG_KEY_MISSING engine',
      'config/adapters/two.yaml:8:3 CONFIG_KEY_UNKNOWN engin',
      'config/adapters/two.yaml:12:25 CONFIG_VALUE_INVALID options.streams.0.key',
      'config/adapters/three.yaml:2:1 CONFIG_SYNTAX',
      'mappings/dept/one.yaml:2:10 MAPPING_INVALID',
      'mappings/dept/one.yaml:2:10 MAPPING_INVALID',
      'mappings/dept/one.yaml:2:18 MAPPING_INVALID',
    ].sort(),
  )
  const texts = problems.map(({ message }) => message).join('\n')
  for (const hint of [
    'Did you mean "store"',
    'Did you mean "db"',
    'Did you mean "dept/one"',
    'Did you mean "engine"',
    'Did you mean "application.received"',
  ])
    t.match(texts, hint)
  for (const { text, hint } of problems) t.ok(text.zh && text.en && hint.zh && hint.en)
})

const rabbitmq = (more: string) => gatewayYaml.replace(/transport: .*/, `transport:\n  kind: rabbitmq\n${more}`)

t.test('a secret comes from the environment or a file, never from the configuration itself', async (t) => {
  const plain = await load(t, { 'config/gateway.yaml': rabbitmq('  password: Geheim-1\n') })
  t.match(found(plain.problems), ['config/gateway.yaml:5:13 CONFIG_VALUE_INVALID transport.password'])
  t.notMatch(plain.problems.map(({ message }) => message).join(), 'Geheim-1')

  const missing = await load(t, { 'config/gateway.yaml': rabbitmq('  password: { env: BROKER_PASSWORD }\n') })
  t.same(found(missing.problems), ['config/gateway.yaml:5:13 CONFIG_SECRET_MISSING'])

  const given = await load(
    t,
    { 'config/gateway.yaml': rabbitmq('  password: { env: BROKER_PASSWORD }\n') },
    { BROKER_PASSWORD: 'Geheim-2' },
  )
  t.equal(given.config?.transport.options['password'], 'Geheim-2')

  const folder = temporaryFolder(t)
  const { config } = writeInstallation(folder, { 'config/gateway.yaml': rabbitmq('  password: { file: secret.txt }\n') })
  writeFiles(folder, { 'config/secret.txt': 'Geheim-3\n' })
  t.equal((await loadConfig(config, { adapters, env: {} })).config?.transport.options['password'], 'Geheim-3')
})

t.test('broker settings that may lose or expose messages are refused', async (t) => {
  const { problems } = await load(t, {
    'config/gateway.yaml': rabbitmq('  urls: [amqp://broker.example:5672]\n  heartbeatSeconds: 0\n  persistent: false\n'),
  })
  t.same(found(problems), ['config/gateway.yaml:7:3 CONFIG_KEY_UNKNOWN persistent'])
  const unsafe = await load(t, {
    'config/gateway.yaml': rabbitmq('  urls: [amqp://broker.example:5672]\n  heartbeatSeconds: 0\n'),
  })
  t.same(found(unsafe.problems), [
    'config/gateway.yaml:5:10 CONFIG_UNSAFE transport.urls.0',
    'config/gateway.yaml:6:21 CONFIG_UNSAFE transport.heartbeatSeconds',
  ])
})

t.test('a bucket needs TLS to another host, its secrets in files, and nothing that it does not know', async (t) => {
  const bucket = (endpoint: string, more = '') =>
    `${gatewayYaml}bucket:\n  endpoint: ${endpoint}\n  name: city\n  accessKey: { env: A }\n  secretKey: { env: B }\n${more}`
  const problems = async (text: string, env: NodeJS.ProcessEnv = { A: 'a', B: 'b' }) =>
    found((await load(t, { 'config/gateway.yaml': text }, env)).problems)
  t.same(await problems(bucket('https://s3.example')), [])
  t.same(await problems(bucket('http://s3.example', '  allowPlaintext: true\n')), [])
  const [unsafe] = await problems(bucket('http://s3.example'))
  t.match(unsafe, /config\/gateway\.yaml:\d+:13 CONFIG_UNSAFE bucket\.endpoint/)
  t.match(await problems(bucket('https://s3.example'), { A: 'a' }), [/CONFIG_SECRET_MISSING/])
  t.match(await problems(bucket('https://s3.example', '  acl: public\n')), [/CONFIG_KEY_UNKNOWN acl/])
  t.match(await problems(bucket('https://s3.example').replace('{ env: A }', 'AKIA123')), [
    /CONFIG_VALUE_INVALID bucket\.accessKey/,
  ])
})

t.test('the configuration of the demo is in order', async (t) => {
  const { problems } = await loadConfig(join(import.meta.dirname, '..', 'config'), { adapters, env: {} })
  t.same(
    problems.map(({ message }) => message),
    [],
  )
})

t.test('every example of every adapter could be written as it stands', async (t) => {
  for (const { kind, examples } of adapters.values()) t.ok(examples.length > 0, kind)
})
