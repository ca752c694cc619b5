import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { type Catalogue, type CatalogueItem, cataloguePartsOf } from '../core/canonical/index.ts'
import type { GatewayError } from '../core/errors.ts'
import { distribute } from '../core/platform/distribute.ts'
import { openPlatform } from '../core/platform/platform.ts'
import { openStore } from '../core/store/open-store.ts'
import { loadCatalogue } from '../core/supervision/load-catalogue.ts'
import { gatewayYaml, mappingYaml, systemYaml, writeFiles } from './contract/department-database.ts'
import { attachmentOptionsOf } from './contract/platform-place.ts'
import { realClock } from './contract/transport-messages.ts'
import { openDown } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const itemOf = (code: string, more: Partial<CatalogueItem> = {}): CatalogueItem => ({ code, name: `事项 ${code}`, ...more })

const catalogueOf = (version: number, items: CatalogueItem[], effectiveFrom = '2020-01-01'): Catalogue => ({
  version,
  effectiveFrom,
  items,
})

const many = (count: number): CatalogueItem[] =>
  Array.from({ length: count }, (_, number) =>
    itemOf(String(number).padStart(6, '0'), {
      responsible: '云若川',
      promisedLimit: { amount: 10, unit: 'working_day' },
      materials: [{ name: '申请书', required: true }],
    }),
  )

t.test('a version is used when all of its parts are there, in whatever order and however often they come', async (t) => {
  const store = openStore(join(temporaryFolder(t), 'gateway.db'), 1)
  t.teardown(() => store.close())
  const { catalogues } = store
  const take = (part: Parameters<typeof catalogues.take>[0]) => store.commit(() => catalogues.take(part, 1))
  const parts = cataloguePartsOf(catalogueOf(2, many(10_000)), 'one-gateway')
  t.ok(parts.length > 1, `${parts.length} parts`)
  t.ok(
    parts.every((part) => Buffer.byteLength(JSON.stringify(part)) < 2_000_000),
    'each is far from what a broker takes at once',
  )
  const [first, ...others] = [...parts].reverse()
  t.equal(take(first!), 'kept')
  t.equal(take(first!), 'known', 'it came again')
  t.equal(catalogues.versionOn('2026-03-02'), undefined)
  t.same(
    others.map((part) => take(part)),
    others.map((_, index) => (index === others.length - 1 ? 'whole' : 'kept')),
  )
  t.equal(catalogues.versionOn('2026-03-02'), 2)
  t.equal(catalogues.versionOn('2019-12-31'), undefined, 'not before it holds')
  t.match(catalogues.item(2, '009999'), { name: '事项 009999' })
  t.same(catalogues.items(2), many(10_000), 'in their order')
  t.equal(take(first!), 'known', 'the whole of it came again')

  const older = cataloguePartsOf(catalogueOf(1, [itemOf('0100')]), 'one-gateway')[0]!
  t.same([take(older), take(older)], ['older', 'older'])
  const other = cataloguePartsOf(catalogueOf(2, [itemOf('0100')]), 'one-gateway')[0]!
  t.equal(take(other), 'conflict')
  const wrong = { ...cataloguePartsOf(catalogueOf(3, [itemOf('0100')]), 'one-gateway')[0]!, items: [itemOf('0200')] }
  t.equal(take(wrong), 'damaged')
  t.match(
    catalogues.refusals().map(({ version, reason, times }) => ({ version, reason, times })),
    [
      { version: 1, reason: 'older', times: 2 },
      { version: 2, reason: 'conflict', times: 1 },
      { version: 3, reason: 'damaged', times: 1 },
    ],
    'each is counted',
  )
  t.same(
    catalogues.versions().map(({ version }) => version),
    [2],
    'and nothing of them is kept',
  )
  t.equal(take(cataloguePartsOf(catalogueOf(3, [itemOf('0300')], '2026-07-01'), 'one-gateway')[0]!), 'whole')
  t.same(['2026-06-30', '2026-07-01'].map(catalogues.versionOn), [2, 3], 'each day by the version that holds on it')
})

/** A gateway that reads one department, whose rows name their item, and the transport of the platform. */
const open = async (t: Test, more = '', exchange = '') => {
  const place = await openDown(t, {
    files: {
      'config/gateway.yaml': `name: one-gateway\n${gatewayYaml}${more}retry: { first: 20ms, longest: 100ms }\n`,
      'config/adapters/one.yaml': `${systemYaml('one.db')}${exchange === '' ? '' : 'exchange: exchange.csv\n'}`,
      ...(exchange === '' ? {} : { 'config/exchange.csv': exchange }),
      'mappings/dept/one.yaml': mappingYaml.replace('{ sourceCaseNo: NO }', '{ sourceCaseNo: NO, itemCode: ITEM }'),
    },
  })
  const { db } = place
  db.exec('ALTER TABLE SQ ADD COLUMN ITEM TEXT')
  const put = (no: string, item: string, at = '2026-03-02 09:00:00') =>
    db
      .prepare(
        "INSERT INTO SQ (NO, NAME, KIND, AT, ITEM, N) VALUES (?, '甲', '1', ?, ?, (SELECT coalesce(max(N), 0) + 1 FROM SQ))",
      )
      .run(no, at, item)
  const { gateway, events } = await place.start()
  const refused: string[] = []
  events.on('catalogue:refused', ({ error }) => void refused.push(error.code))
  const sendCatalogue = async (catalogue: Catalogue): Promise<void> => {
    const [sent] = await distribute(place.transport, catalogue, ['one-gateway'], realClock)
    t.match(sent, { outcome: { outcome: 'confirmed' } })
  }
  const { store } = gateway
  const untilWhole = (version: number) =>
    until(`version ${version} is whole`, () =>
      store.catalogues.versions().some((one) => one.version === version && one.wholeAt !== null),
    )
  const bodyOf = async (no: string) => {
    const id = `one:${no}:application.received:::1`
    await until(`${no} is there`, () => store.messageOf(id) !== undefined)
    return JSON.parse(String(store.messageOf(id)!.body)).data
  }
  return { ...place, store, events, refused, put, sendCatalogue, untilWhole, bodyOf }
}

t.test('a message says by which version its item was judged, and what was found', async (t) => {
  const { put, bodyOf, sendCatalogue, untilWhole, refused, config } = await open(t)
  put('A', '0100')
  t.match(await bodyOf('A'), { flags: [], catalogueVersion: undefined }, 'without a catalogue nothing is said')
  t.match(await runCommand('catalogue', '--config', config), { out: /还没有下发事项目录/, codes: [] })

  await sendCatalogue(catalogueOf(1, [itemOf('0100', { otherCodes: ['0100-1'], to: '2026-06-30' }), ...many(10_000)]))
  await untilWhole(1)
  put('B', '0100')
  put('C', '0100-1')
  put('D', '0900')
  put('E', '0100', '2026-07-01 09:00:00')
  put('F', '0100', '2019-12-31 09:00:00')
  for (const no of ['B', 'C']) t.match(await bodyOf(no), { flags: [], catalogueVersion: 1 }, no)
  const flag = (found: string) => [{ path: '/case/itemCode', code: 'unmapped', rule: 'item-in-catalogue', found }]
  t.match(await bodyOf('D'), { flags: flag('0900'), catalogueVersion: 1 })
  t.match(await bodyOf('E'), { flags: flag('0100'), catalogueVersion: 1 }, 'it is no item any more')
  t.match(await bodyOf('F'), { flags: [], catalogueVersion: undefined }, 'of that day there is no catalogue')

  await sendCatalogue(catalogueOf(2, [itemOf('0900')]))
  await untilWhole(2)
  for (const no of ['D', 'B', 'A']) {
    const explained = await runCommand('explain', `one:${no}:application.received:::1`, '--config', config, '--json')
    t.match(
      { codes: explained.codes, ...JSON.parse(explained.out) },
      { codes: [0], reproduced: true },
      `${no} is made again by its version`,
    )
  }
  await sendCatalogue(catalogueOf(2, [itemOf('0999')]))
  await until('the conflict is told', () => refused.length > 0)
  t.same(refused, ['CATALOGUE_CONFLICT'])
  t.match(await runCommand('catalogue', '--config', config), { out: /在用 in use[\s\S]*同版本不同内容/ })
  t.match(await runCommand('catalogue', '0900', '--config', config), { out: /0900 {2}事项 0900/, codes: [0] })
  t.match(await runCommand('catalogue', '0100', '--config', config), { codes: [1] })
})

t.test(
  'an item that is not in the catalogue holds back its record where that is wanted, until the catalogue has it',
  async (t) => {
    const { put, bodyOf, sendCatalogue, untilWhole, store, config } = await open(t, 'catalogue: { unknownItem: quarantine }\n')
    await sendCatalogue(catalogueOf(1, [itemOf('0100')]))
    await untilWhole(1)
    put('A', '0900')
    put('B', '0100')
    t.match(await bodyOf('B'), { catalogueVersion: 1 }, 'others go on')
    await until('it waits', () => store.openQuarantine({ limit: 9 }).length === 1)
    t.match(store.openQuarantine({ limit: 9 }), [
      { code: 'ITEM_NOT_IN_CATALOGUE', zh: /0900 在 2026-03-02 不在事项目录（版本 1）/ },
    ])
    const { recordSeq } = store.openQuarantine({ limit: 9 })[0]!
    t.match(await runCommand('explain', '--record', String(recordSeq), '--config', config), { codes: [0] })
    await sendCatalogue(catalogueOf(2, [itemOf('0100'), itemOf('0900')]))
    await untilWhole(2)
    t.match(await runCommand('quarantine', 'replay', String(recordSeq), '--config', config), { codes: [0] })
    t.match(await bodyOf('A'), { flags: [], catalogueVersion: 2 })
  },
)

t.test('lint tells of items in exchange tables that the catalogue does not have', async (t) => {
  const exchange = 'item,application.received\n0100,up\n0909,up\n*,up\n'
  const { config, sendCatalogue, untilWhole } = await open(t, '', exchange)
  t.match(await runCommand('lint', '--config', config), { codes: [0], out: /配置无误/ })
  await sendCatalogue(catalogueOf(1, [itemOf('0100'), itemOf('0999')]))
  await untilWhole(1)
  const { out, codes } = await runCommand('lint', '--config', config, '--json')
  t.same(codes, [0], 'a warning')
  t.match(JSON.parse(out).warnings, [{ code: 'ITEM_DOUBTFUL', en: /exchange\.csv:3:1 item 0909 .*Did you mean "0999"/ }])
})

const platformYaml = (folder: string, catalogue: string): string => `
transport: { kind: embedded, file: ${folder}/data/transport.sqlite, pollMs: 20 }
store: { kind: sqlite, file: ${folder}/data/platform.sqlite }
sender: { system: city, department: { code: 11150900PDY00001XA, name: 示例市, region: "150900" } }
${catalogue}`

t.test('the platform sends a catalogue to every gateway that has reported', async (t) => {
  const { folder, put, bodyOf, untilWhole, store } = await open(t)
  const platformFolder = join(folder, 'platform')
  mkdirSync(platformFolder)
  writeFileSync(join(platformFolder, 'platform.yaml'), platformYaml(folder, ''))
  const file = join(folder, 'catalogue.csv')
  writeFileSync(file, 'version,7\neffectiveFrom,2026-01-01\ncode,name\n0100,设立登记\n')
  t.match(await runCommand('platform', 'catalogue', file, '--config', platformFolder), { error: { code: 'COMMAND_USAGE' } })
  const options = { file: join(folder, 'data/transport.sqlite'), partitions: 4, window: 500, pollMs: 20 }
  const platform = openPlatform(
    {
      folder: platformFolder,
      transport: { kind: 'embedded', options },
      store: { kind: 'sqlite', options: { file: join(folder, 'data/platform.sqlite') } },
      attachments: attachmentOptionsOf(temporaryFolder(t)),
    },
    { clock: realClock, onFailed: ({ message }) => t.fail(message) },
  )
  t.teardown(() => platform.close())
  put('A', '0100')
  await bodyOf('A')
  await until('the platform has it', () => platform.store.has('one:A:application.received:::1'))
  const sent = await runCommand('platform', 'catalogue', file, '--config', platformFolder)
  t.match(sent, { codes: [0], out: '✓ one-gateway  版本 version 7  事项 items 1  消息 messages 1' })
  await untilWhole(7)
  t.match(store.catalogues.item(7, '0100'), { name: '设立登记' })
})

const problemsOf = (t: Test, name: string, text: string): string[] => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { [name]: text })
  const problems: GatewayError[] = []
  loadCatalogue(join(folder, name), name, problems)
  return problems.map(({ code, text: { en } }) => `${code} ${en}`)
}

t.test('YAML and CSV say the same, and mistakes are told at their line', async (t) => {
  const folder = temporaryFolder(t)
  const csv = `version,2
effectiveFrom,2026-01-01
code,name,otherCodes,kind,orgName,responsible,statutoryLimit,promisedLimit,review,materials,to
0100,设立登记,01；0100-1,承诺件,示例局,岭思齐,20工作日,10 working_day,3工作日 云若川,CL1 申请书*；平面图,2026-12-31
`
  const yaml = `version: 2
effectiveFrom: 2026-01-01
items:
  - code: "0100"
    name: 设立登记
    otherCodes: ["01", 0100-1]
    kind: promise
    org: { name: 示例局 }
    responsible: 岭思齐
    statutoryLimit: { amount: 20, unit: working_day }
    promisedLimit: { amount: 10, unit: working_day }
    stages: [{ stage: review, limit: { amount: 3, unit: working_day }, responsible: 云若川 }]
    materials: [{ code: CL1, name: 申请书, required: true }, { name: 平面图, required: false }]
    to: 2026-12-31
`
  writeFiles(folder, { 'a.csv': csv, 'a.yaml': yaml })
  const problems: GatewayError[] = []
  const [one, other] = ['a.csv', 'a.yaml'].map((name) => loadCatalogue(join(folder, name), name, problems))
  t.same(problems, [])
  t.same(one, other)

  const wrong = (from: string | RegExp, to: string) => problemsOf(t, 'a.csv', csv.replace(from, to))
  const catalogue = 'the item catalogue is wrong'
  t.same(wrong('20工作日', '20'), [`CATALOGUE_INVALID a.csv:4:33 ${catalogue}: write a limit as "10工作日" or "10 working_day"`])
  t.match(wrong('20工作日', '20星期'), [/^CONFIG_VALUE_INVALID a\.csv:4:33 .*must be one of working_day/])
  t.same(wrong('20工作日', '5工作日'), [
    `CATALOGUE_INVALID a.csv:4:38 ${catalogue}: the promised limit is longer than the one by law`,
  ])
  t.match(wrong('2026-12-31', '31.12.2026'), [/^CONFIG_VALUE_INVALID a\.csv:4:\d+ .*must be a day/])
  t.match(wrong('responsible', 'responsable'), [/^CONFIG_KEY_UNKNOWN a\.csv:3:\d+ .*Did you mean "responsible"/])
  t.match(wrong('version,2', 'edition,2'), [/^CONFIG_KEY_UNKNOWN a\.csv:1:1/, /^CONFIG_KEY_MISSING a\.csv:1:1 .*"version"/])
  t.match(problemsOf(t, 'a.csv', `${csv}0101,变更登记,0100\n`), [
    `CATALOGUE_INVALID a.csv:5:11 ${catalogue}: code 0100 is that of "设立登记" already`,
  ])
  t.match(
    problemsOf(t, 'a.csv', 'version,2\neffectiveFrom,2026-01-01\n0100,设立登记\n')[0],
    /^CATALOGUE_INVALID a\.csv:1:1 .*the columns code and name/,
  )
  t.match(problemsOf(t, 'a.yaml', yaml.replace('stage: review', 'stage: reviews')), [
    /^CONFIG_VALUE_INVALID a\.yaml:12:23 .*must be one of reception, acceptance/,
  ])
})

t.test('a store from before catalogues takes them', async (t) => {
  const file = join(temporaryFolder(t), 'gateway.db')
  openStore(file, 1).close()
  const db = new Database(file, { readonly: true })
  t.teardown(() => db.close())
  const names = db
    .prepare("SELECT name FROM sqlite_master WHERE name LIKE 'catalogue%' AND type = 'table' ORDER BY name")
    .pluck()
    .all()
  t.same(names, ['catalogue', 'catalogue_code', 'catalogue_item', 'catalogue_part', 'catalogue_refusal'])
})
