import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { gatewayYaml, systemYaml, writeFiles, writeInstallation } from './contract/department-database.ts'
import { deliverYaml, downYaml, draftOf, openDown, writes } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const head = 'department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }\n'
const target = '\n    engine: sqlite\n    connection: { file: ../one.db }'

/** A system's file with neither `options` nor `mapping`. */
const writtenOnly = `${head}adapter: db\n`

t.test('a system that is only written to has no reading: neither options, nor mapping, nor source', async (t) => {
  const place = await openDown(t, { system: writtenOnly, options: target + writes })
  const { gateway } = await place.start()
  await place.send(draftOf('P-1'))
  await until('it is written', () => gateway.store.inbox.open() === 0 && place.rows('SELECT * FROM SB').length === 1)
  const lint = await runCommand('lint', '--probe', '--config', place.config)
  t.match(lint, { codes: [0], out: /✓ one: 写入 SB/ })
  const status = await runCommand('status', '--config', place.config)
  t.match(status, { codes: [0], out: /target:one +well/ })
  t.notMatch(status.out, /source:one/)
  t.match(await runCommand('try', '--system', 'one', '--config', place.config), { error: { message: /只写入，不读取/ } })
  t.match((await runCommand('books', '--config', place.config)).out, /one +application\.received +1 +0 +1 .*✓/)

  writeFiles(place.folder, { 'config/adapters/one.yaml': `enabled: false\n${writtenOnly}${deliverYaml(target + writes)}` })
  await gateway.reload()
  t.match(await runCommand('status', '--config', place.config), { codes: [0], out: /target:one +disabled/ })
  await gateway.stop()
})

t.test('a mistake of reading is not told as a mistake of writing', async (t) => {
  const { config } = writeInstallation(temporaryFolder(t), {
    'config/gateway.yaml': `name: g\n${gatewayYaml}`,
    'config/adapters/one.yaml': systemYaml('one.db').replace('  engine: sqlite\n', '') + deliverYaml(),
    'config/adapters/two.yaml': '- a\n- b\n',
    'mappings/dept/down/in.yaml': downYaml,
  })
  const { out } = await runCommand('lint', '--config', config, '--json')
  const { problems } = JSON.parse(out) as { problems: { code: string; zh: string }[] }
  t.equal(problems.length, 2)
  t.match(problems.map(({ zh }) => zh).sort(), [/one\.yaml.*缺少必填配置项“engine”/, /two\.yaml:1:1/])
})

t.test(
  'what goes to two systems under one id is written to both, here over HTTP and into a folder that are only written to',
  async (t) => {
    const folder = temporaryFolder(t)
    const calls: (string | undefined)[] = []
    const service = createServer(({ url }, response) => {
      calls.push(url)
      response.end('{"code":"0"}')
    })
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    t.teardown(() => service.close())
    const { port } = service.address() as AddressInfo
    const place = await openDown(t, {
      system: writtenOnly,
      options: target + writes,
      files: {
        'config/adapters/http.yaml': `${head}adapter: http\n${deliverYaml(`
    service: { baseUrl: "http://127.0.0.1:${port}" }
    writes:
      SB: { path: /cases, rules: [{ path: code, equals: ["0"], means: accepted }], unknown: manual }
      LOG: { path: /log, rules: [{ path: code, equals: ["0"], means: accepted }], unknown: manual }`)}`,
        'config/adapters/folder.yaml': `${head}adapter: file\n${deliverYaml(`
    writes:
      SB: { folder: ${folder}, name: '{NO}_{id}.json', format: json, unknown: idempotent }
      LOG: { folder: ${folder}, name: 'log_{NO}_{id}.json', format: json, unknown: idempotent }`)}`,
      },
    })
    const { gateway } = await place.start()
    await place.sendAll(...['http', 'folder'].map((system) => place.message(draftOf('P-1'), system)))
    const files = () => readdirSync(folder).filter((name) => name.endsWith('.json'))
    await until('both are written', () => calls.length === 2 && files().length === 2 && gateway.store.inbox.open() === 0)
    t.same(calls, ['/cases', '/log'])
    for (const system of ['http', 'folder'])
      t.match(
        (await runCommand('books', '--config', place.config)).out,
        new RegExp(`${system} +application\\.received +1 +0 +1 .*✓`),
      )
    await gateway.stop()
  },
)

t.test('a system that was only written to is read from the moment its file says so', async (t) => {
  const place = await openDown(t, { system: writtenOnly, options: target + writes })
  place.db.exec("INSERT INTO SQ VALUES ('A', '甲', '1', '2026-03-02 09:00:00', 1)")
  const { gateway } = await place.start()
  writeFiles(place.folder, { 'config/adapters/one.yaml': systemYaml('one.db') + deliverYaml() })
  await gateway.reload()
  await until('its row is read', () => gateway.store.books().some(({ read }) => read === 1))
  await place.send(draftOf('P-1'))
  await until('it is written to', () => place.rows('SELECT * FROM SB').length === 1)
  t.match((await runCommand('status', '--config', place.config)).out, /source:one +well[\s\S]*target:one +well/)
  await gateway.stop()
})

t.test('a system that was read and is only written to from now on keeps what it has in quarantine', async (t) => {
  const place = await openDown(t)
  place.db.exec("INSERT INTO SQ VALUES ('A', '甲', '9', '2026-03-02 09:00:00', 1)")
  const { gateway } = await place.start()
  await until('the unknown code is in quarantine', () => gateway.store.openQuarantine({ limit: 1 }).length === 1)
  writeFiles(place.folder, { 'config/adapters/one.yaml': writtenOnly + deliverYaml(target + writes) })
  await gateway.reload()
  await place.send(draftOf('P-1'))
  await until('it is written to', () => place.rows('SELECT * FROM SB').length === 1)
  t.match((await runCommand('status', '--config', place.config)).out, /隔离 \/ quarantined: 1/)
  const replay = await runCommand('quarantine', 'replay', '--all', '--config', place.config)
  t.match(replay, { codes: [1], out: /SYSTEM_NOT_READ/ })
  const correct = ['--field', 'applicant.kind', '--value', 'natural', '--reason', 'x', '--config', place.config]
  t.match(await runCommand('quarantine', 'correct', '1', ...correct), { codes: [1], err: /SYSTEM_NOT_READ/ })
  await gateway.stop()
})

t.test(
  'lint says what a system lacks that is neither read nor written to, and what one needs that is only written to',
  async (t) => {
    const service =
      '\n    writes:\n      SB: { operation: a, rules: [{ over: document, path: a, equals: [b], means: accepted }], unknown: manual }\n'
    const cases: [what: string, system: string, says: RegExp][] = [
      ['nothing at all', writtenOnly, /缺少必填配置项“options”[\s\S]*缺少必填配置项“mapping”/],
      [
        'options without a mapping',
        systemYaml('one.db').replace(/mapping:.*\n/, '') + deliverYaml(),
        /one\.yaml:\d+:1 “options”的值 [^\n]*deliver\.options/,
      ],
      [
        'a mapping without options',
        `${writtenOnly}mapping: dept/one\n${deliverYaml(target + writes)}`,
        /“mapping”[^\n]*deliver\.options/,
      ],
      ['no database', writtenOnly + deliverYaml(), /deliver\.options\.engine[\s\S]*deliver\.options\.connection/],
      [
        'half a database',
        writtenOnly + deliverYaml(target.replace('file', 'host') + writes),
        /deliver\.options\.connection\.file/,
      ],
      [
        'an engine for the connection of reading',
        systemYaml('one.db') + deliverYaml(target.replace(/\n +connection.*/, '') + writes),
        /“deliver\.options\.engine”/,
      ],
      ['a deliver that is empty', `${writtenOnly}deliver:\n`, /CONFIG_VALUE_INVALID[^\n]*\n[^\n]*“deliver”/],
      ['a schedule that is empty', `${systemYaml('one.db').replace(/schedule:.*/, 'schedule:')}${deliverYaml()}`, /“schedule”/],
      [
        'a schedule of what is not read',
        `schedule: { every: 1s }\n${writtenOnly}${deliverYaml(target + writes)}`,
        /“schedule”[^\n]*只写入，不读取/,
      ],
      ['no service', `${head}adapter: soap\n${deliverYaml(service)}`, /deliver\.options\.service/],
    ]
    for (const [what, system, says] of cases) {
      const { config } = writeInstallation(temporaryFolder(t), {
        'config/gateway.yaml': `name: g\n${gatewayYaml}`,
        'config/adapters/one.yaml': system,
        'mappings/dept/down/in.yaml': downYaml,
      })
      const { out, codes } = await runCommand('lint', '--config', config)
      t.same(codes, [1], what)
      t.match(out, says, what)
    }
    const folder = join(temporaryFolder(t), 'other')
    const { config } = writeInstallation(folder, {
      'config/gateway.yaml': `name: g\n${gatewayYaml}`,
      'config/adapters/one.yaml': systemYaml('one.db') + deliverYaml(target + writes),
      'mappings/dept/down/in.yaml': downYaml,
    })
    t.match(await runCommand('lint', '--config', config), { codes: [0] }, 'read from one database and written to another')
  },
)

t.test('two systems do not share a table of what was written', async (t) => {
  const { config } = writeInstallation(temporaryFolder(t), {
    'config/gateway.yaml': `name: g\n${gatewayYaml}`,
    'config/adapters/one.yaml': systemYaml('one.db') + deliverYaml(),
    'config/adapters/two.yaml': writtenOnly + deliverYaml(target + writes),
    'mappings/dept/down/in.yaml': downYaml,
  })
  t.match(await runCommand('lint', '--config', config), {
    codes: [1],
    out: /two\.yaml.*“deliver\.options\.applied\.table”的值 "QZ_APPLIED".*系统 one 已用 sqlite \.\.\/one\.db QZ_APPLIED/,
  })
})
