import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import { checkCitizenId, checkOrganisationCode, checkUscc } from '../core/canonical/index.ts'
import { toSampleRecord } from '../core/cli/sample-text.ts'
import { systemClock } from '../core/clock.ts'
import type { SourceRecord } from '../core/contract.ts'
import { createRoute } from '../core/decide.ts'
import { createEvents } from '../core/events.ts'
import { isLeaking } from '../core/mapping/leaks.ts'
import { listMappings, loadMapping } from '../core/mapping/load.ts'
import { templateOf } from '../core/mapping/mapping-template.ts'
import { numberFor } from '../core/mapping/pseudonym-numbers.ts'
import { pseudonymise } from '../core/mapping/pseudonymise.ts'
import { createPseudonyms } from '../core/mapping/pseudonyms.ts'
import { randomRecords } from '../core/mapping/random-records.ts'
import { sameShape } from '../core/mapping/same-shape.ts'
import { outcomeOfRecord, type SampleOutcome } from '../core/mapping/samples.ts'
import { traceMapping } from '../core/mapping/trace-mapping.ts'
import { packageRoot } from '../core/package-root.ts'
import { createPipeline } from '../core/pipeline.ts'
import { readRecord } from '../core/read-record.ts'
import { openStore } from '../core/store/open-store.ts'
import { readYaml } from '../core/yaml.ts'
import { gatewayYaml, writeFiles } from './contract/department-database.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

/** A department's own table: one stage, one table. */
const licence = `
codes:
  applicantKind: { "1": natural, "2": enterprise, "3": other }
  idType: { "111": citizen_id, "001": unified_social_credit_code }
  caseKind: { "1": instant, "2": promise }
  timeUnit: { "1": working_day, "2": calendar_day }
  channel: { "0": window, "1": online, "8": other }
  outcome:
    rows:
      - { code: "0", value: granted }
      - { code: "5", value: returned_no_supplement, when: { path: BJYY, matches: .*未补正.* } }
      - { code: "5", value: withdrawn, when: { path: BJYY, matches: .*(撤回|放弃).* } }
case: { sourceCaseNo: SQLSH, itemCode: SXBM, itemName: SXMC }
recordedAt: { from: GXSJ, date: yyyy-MM-dd HH:mm:ss }
events:
  - type: application.received
    when: { path: $stream, equals: YW_SQ }
    occurredAt: { from: SQSJ, date: yyyy-MM-dd HH:mm:ss }
    content:
      receivedAt: { from: SQSJ, date: yyyy-MM-dd HH:mm:ss, required: true }
      kind: { from: BJLX, codes: caseKind }
      channel: { from: SQFS, codes: channel }
      subject: XMMC
      region: XZQHDM
      receivingOrg: { code: SLBMDM, name: SLBMMC }
      promisedLimit: { amount: { from: CNSX, number: true }, unit: { from: CNSXDW, codes: timeUnit } }
      applicant:
        name: { from: SQRMC, required: true }
        kind: { from: SQRLX, codes: applicantKind }
        idType: { from: SQRZJLX, codes: idType }
        idNumber: SQRZJHM
        legalRepresentative: FDDBR
        address: LXDZ
        postcode: YZBM
      contact: { name: LXRXM, phone: LXRDH }
  - type: case.closed
    when: { path: $stream, equals: YW_BJ }
    content:
      outcome: { from: BJJG, codes: outcome, required: true }
      decidedAt: { from: BJSJ, date: yyyy-MM-dd HH:mm:ss, required: true }
      reason: BJYY
`

/** A store that has received the records through a mapping: that of `more`, or a shipped one without its samples. */
const received = async (t: Test, name: string, records: SourceRecord[], more: Record<string, string> = {}) => {
  const folder = temporaryFolder(t)
  const mappings = join(folder, 'mappings')
  const [department, file] = name.split('/') as [string, string]
  if (!(`mappings/${name}.yaml` in more) && existsSync(join(packageRoot, 'mappings', department)))
    cpSync(join(packageRoot, 'mappings', department), join(mappings, department), {
      recursive: true,
      filter: (path) => !path.endsWith('samples'),
    })
  writeFiles(folder, { 'config/gateway.yaml': gatewayYaml, 'data/.keep': '', ...more })
  const { mapping, problems } = await loadMapping(mappings, name)
  t.same(problems, [])
  const route = createRoute({
    system: department,
    adapter: 'db',
    department: { code: '11150900PDY00001XA', region: '150900' },
    mapping: mapping!,
    maxRecordBytes: 1_000_000,
    maxMessageBytes: 1_000_000,
  })
  const store = openStore(join(folder, 'data', 'gateway.db'), 0)
  store.commit(() => store.keepRoute(department, '11150900PDY00001XA', '150900'))
  createPipeline({ store, clock: systemClock, events: createEvents() }).receive(route, { records })
  store.close()
  const config = join(folder, 'config')
  const samples = join(mappings, department, 'samples', file)
  const sample = (...words: string[]) => runCommand('sample', ...words, '--config', config)
  const bytesOf = () => readdirSync(samples).map((one) => readFileSync(join(samples, one)))
  const read = (one: string) => readYaml(join(samples, one)).value as Record<string, unknown>
  const test = () => runCommand('test', '--mappings', mappings)
  return { samples, sample, bytesOf, read, test }
}

const person = {
  name: '赛汗·其其格',
  second: '乌云毕力格',
  id: '152601197803124521',
  mobile: '15947123456',
  landline: '0474-8321765',
  address: '集宁区恩和路街道第七社区三号楼',
  post: '012399',
}

const application = {
  SQLSH: 'SC15090220260302771',
  SXBM: '11150900PDY000028A2000131000100',
  SXMC: '食品生产许可',
  BJLX: '2',
  CNSX: '20',
  CNSXDW: '1',
  SQRLX: '1',
  SQRMC: person.name,
  SQRZJLX: '111',
  SQRZJHM: person.id,
  FDDBR: '无',
  LXRXM: person.second,
  LXRDH: person.landline,
  LXDZ: person.address,
  YZBM: person.post,
  XMMC: `${person.name}食品店`,
  SQFS: '8',
  SQSJ: '2026-03-02 09:30:00',
  SLBMMC: '乌兰察布市市场监督管理局',
  SLBMDM: '11150900PDY000028A',
  XZQHDM: '150902000000',
  GXSJ: '2026-03-02 09:30:00',
  // Feeds no field at all.
  BZ: `请电${person.mobile}找${person.second}`,
  CSRQ: '1978-03-12',
  LXRZJHM: person.id,
  EMAIL: 'saihan.qqg@example.cn',
  SCAN: Buffer.from(`${person.name}${person.id}`).toString('base64'),
}

const secrets = [...Object.values(person), 'saihan', '1978-03-12', application.SCAN, application.SQLSH, `${person.name}食品店`]

const rowRecord = (value: object, stream = 'YW_SQ', key = application.SQLSH): SourceRecord => ({
  stream,
  key,
  body: JSON.stringify(value),
  contentType: 'application/json',
})

t.test('a row becomes a sample of nobody that passes, with its codes, days and equalities as they were', async (t) => {
  const { sample, bytesOf, read, test } = await received(t, 'market/licence', [rowRecord(application)], {
    'mappings/market/licence.yaml': licence,
  })
  const made = await sample('1')
  t.match(made, {
    codes: [0],
    error: undefined,
    out: /✓ mappings\/market\/samples\/licence\/application-received-1\.yaml {2}→ {2}application\.received/,
  })
  const [text] = bytesOf().map(String)
  for (const secret of secrets) t.notOk(text!.includes(secret), `nothing of ${secret}`)
  t.notOk(isLeaking(text!, secrets))
  const { stream, row, expected } = read('application-received-1.yaml') as {
    stream: string
    row: Record<string, string>
    expected: { messages: { content: { applicant: object } }[] }
  }
  t.equal(stream, 'YW_SQ')
  for (const column of [
    'SXBM',
    'SXMC',
    'BJLX',
    'CNSX',
    'CNSXDW',
    'SQRLX',
    'SQRZJLX',
    'SQFS',
    'SQSJ',
    'GXSJ',
    'XZQHDM',
    'SLBMMC',
    'FDDBR',
  ] as const)
    t.equal(row[column], application[column], column)
  for (const [column, value] of Object.entries(application)) t.equal(row[column]!.length, value.length, `length of ${column}`)
  t.equal(row['LXRZJHM'], row['SQRZJHM'])
  t.match(row['SQRZJHM'], /^1509021888/)
  t.equal(checkCitizenId(row['SQRZJHM']!), 'ok')
  t.match(row['SQRMC'], /^\p{Script=Han}{2}·\p{Script=Han}{3}$/u)
  t.match(row['SQLSH'], /^SC\d{17}$/)
  t.match(expected.messages[0], { content: { applicant: { name: row['SQRMC'], idNumber: row['SQRZJHM'], kind: 'natural' } } })
  t.match(await test(), { codes: [0], out: /✓ .*application-received-1\.yaml/ })
})

t.test('a placeholder that an expression reads is what it was, and is flagged in the sample, too', async (t) => {
  const joined = licence
    .replace('subject: XMMC', `subject: { expression: "$text('XMMC') & $optional('BZ')" }`)
    .replace('\ncase:', '\nplaceholders: [无]\ncase:')
  const { sample, read, test } = await received(t, 'market/licence', [rowRecord({ ...application, BZ: '无' })], {
    'mappings/market/licence.yaml': joined,
  })
  t.match(await sample('1', '--name', 'joined'), { codes: [0] })
  t.match(read('joined.yaml'), {
    row: { BZ: '无' },
    expected: {
      messages: [{ flags: [{ path: '/content/applicant/legalRepresentative' }, { path: '/content/subject', found: '无' }] }],
    },
  })
  t.match(await test(), { codes: [0] })
})

t.test('a telephone that stands where a number is wanted is replaced all the same; a number there is not', async (t) => {
  const rows = [
    { ...application, CNSX: person.mobile },
    { ...application, SQLSH: 'SC15090220260302772', CNSX: '21' },
  ]
  const given = rows.map((row) => rowRecord(row, 'YW_SQ', row.SQLSH))
  const { sample, bytesOf, read } = await received(t, 'market/licence', given, { 'mappings/market/licence.yaml': licence })
  t.match(await sample('1', '--name', 'slipped'), { codes: [0] })
  t.match(await sample('2', '--name', 'right'), { codes: [0] })
  for (const text of bytesOf()) t.notOk(String(text).includes(person.mobile))
  t.match(read('slipped.yaml'), { row: { CNSX: /^1\d{10}$/ } })
  t.match(read('right.yaml'), { row: { CNSX: '21' } })
})

t.test('the same record gives the same sample, and an existing one is never written over', async (t) => {
  const { sample, bytesOf, samples } = await received(t, 'market/licence', [rowRecord(application)], {
    'mappings/market/licence.yaml': licence,
  })
  await sample('1')
  await sample('1', '--name', 'again')
  const [again, first] = bytesOf().map(String)
  t.equal(again, first)
  t.match(await sample('1'), { error: { code: 'COMMAND_USAGE', message: /已存在/ } })
  t.match(await sample('market:SC15090220260302771:application.received:::1', '--name', 'by-message', '--json'), { codes: [0] })
  t.same(readdirSync(samples).sort(), ['again.yaml', 'application-received-1.yaml', 'by-message.yaml'])
  t.match(await sample('1', '--name', '../out'), { codes: [2] })
})

const xml = (fields: Record<string, string>, more = '') =>
  `<?xml version="1.0" encoding="GBK"?>\n<!-- ${person.name} -->\n<up_pro_accept note="${person.mobile}">\n${Object.entries(
    fields,
  )
    .map(([name, text]) => `  <${name}>${text}</${name}>\n`)
    .join('')}${more}</up_pro_accept>`

const accepted = {
  row_guid: 'B7F1D2C3A4',
  project_no: 'MZ15090220260302991',
  task_code: '11150900PDY0000365000108000100',
  task_name: '社会团体成立登记',
  project_type: '2',
  apply_type: '1',
  applyer_name: person.name,
  applyer_type: '1',
  applyer_page_type: '111',
  applyer_page_code: '152601197803124522',
  contact_name: person.second,
  contact_mobile: person.mobile,
  address: ` ${person.address}𠮷 `,
  apply_date: '2026-03-02 08:40:00',
  cd_time: '2026-03-02 08:41:00',
  spare: person.address,
}

t.test('bytes of GB 18030 stay such bytes, and what is no part of the document does not come along', async (t) => {
  const body = iconv.encode(xml(accepted), 'gb18030')
  const { sample, bytesOf, read, test, samples } = await received(t, 'civil/exchange', [
    { stream: 'up_pro_accept', key: 'a|b', body, contentType: 'application/xml', charset: 'gb18030' },
  ])
  t.match(await sample('1', '--name', 'bytes'), { codes: [0] })
  t.same(readdirSync(samples).sort(), ['bytes.xml', 'bytes.yaml'])
  t.match(read('bytes.yaml'), { stream: 'up_pro_accept', bodyFile: 'bytes.xml', charset: 'gb18030' })
  const text = iconv.decode(readFileSync(join(samples, 'bytes.xml')), 'gb18030')
  t.match(text, /^<\?xml version="1\.0" encoding="GBK"\?>\n<up_pro_accept note="150{7}\d\d">\n {2}<row_guid>/)
  for (const secret of [...secrets, accepted.applyer_page_code, accepted.row_guid, accepted.project_no]) {
    const forms = [Buffer.from(secret), iconv.encode(secret, 'gb18030')]
    for (const bytes of bytesOf())
      t.notOk(
        forms.some((form) => bytes.includes(form)),
        `nothing of ${secret}`,
      )
  }
  const number = /<applyer_page_code>(.*)<\/applyer_page_code>/.exec(text)?.[1] ?? ''
  t.match(number, /^1509021888\d{8}$/)
  t.equal(checkCitizenId(number), 'bad', 'a check digit that was wrong is wrong')
  t.match(
    text,
    /<address> \p{Script=Han}+[\u{20000}-\u{2000f}] <\/address>/u,
    'white space and characters of four bytes stay such',
  )
  t.match(await test(), { codes: [0] })
})

t.test('a record in quarantine is replaced as far as its mapping reads, although the mapping stops before', async (t) => {
  const { sample, bytesOf, read, test } = await received(
    t,
    'market/licence',
    [
      rowRecord({ ...application, SQRLX: '97', SQSJ: '2026-02-30 09:30:00' }),
      rowRecord({ ...application, SQRLX: person.second }, 'YW_SQ', 'slipped'),
      rowRecord(application, 'YW_NEW', 'unmapped'),
      rowRecord(
        { SQLSH: 'SC1', BJJG: '5', BJYY: `${person.second}材料未补正`, BJSJ: '2021-03-02 09:30:00', GXSJ: '2021-03-02 09:30:00' },
        'YW_BJ',
        'closed',
      ),
    ],
    { 'mappings/market/licence.yaml': licence },
  )
  for (const seq of ['1', '2', '3', '4']) t.match(await sample(seq, '--name', `q${seq}`), { codes: [0] }, seq)
  for (const text of bytesOf().map(String)) for (const secret of secrets) t.notOk(text.includes(secret), `nothing of ${secret}`)
  t.match(read('q1.yaml'), {
    row: { SQRLX: '97', SQSJ: '2026-02-30 09:30:00', CNSXDW: '1' },
    expected: { quarantined: /CODE_UNKNOWN|DATE_INVALID/ },
  })
  t.match(read('q2.yaml'), { expected: { quarantined: 'CODE_UNKNOWN' } }, 'a name in the column of a code is a name')
  t.match(read('q3.yaml'), { stream: 'YW_NEW', expected: { quarantined: 'EVENT_UNMAPPED' } })
  t.match(
    read('q4.yaml'),
    { row: { BJYY: /^\p{Script=Han}{7}未补正$/u }, expected: { messages: [{ content: { outcome: 'returned_no_supplement' } }] } },
    'what a condition looks for stays',
  )
  t.match(await test(), { codes: [0] })
})

t.test('a record that cannot be read is refused: nobody knows what of it is personal', async (t) => {
  const { sample, samples } = await received(t, 'market/licence', [
    { ...rowRecord(application), body: `{"SQRMC": "${person.name}"` },
    rowRecord(application, 'YW_SQ', 'whole'),
  ])
  t.match(await sample('1'), { error: { code: 'SAMPLE_REFUSED' } })
  t.match(await sample('99'), { error: { code: 'RECORD_UNKNOWN' } })
  t.match(await sample('nobody'), { error: { code: 'COMMAND_USAGE' } })
  t.match(await sample('market:Z:application.received:::1'), { error: { code: 'MESSAGE_UNKNOWN' } })
  t.notOk(existsSync(samples), 'nothing was written')
})

t.test('text that stays loses what is somebody’s: a name that no rule reads, a number, a value of another column', async (t) => {
  const row = {
    ...application,
    SXMC: `食品生产许可（${person.second}，${person.mobile}，${person.id}）`,
    SLBMMC: '敖　特 根代办处',
    LXR2: '敖特根',
    JBBM: '000131000100',
  }
  const { sample, bytesOf, read } = await received(t, 'market/licence', [rowRecord(row)], {
    'mappings/market/licence.yaml': licence,
  })
  t.match(await sample('1', '--name', 'inside'), { codes: [0] })
  for (const secret of [...secrets, '敖特根', '敖　特 根']) t.notOk(String(bytesOf()[0]).includes(secret), `nothing of ${secret}`)
  t.match(read('inside.yaml')['row'], {
    SXMC: /^食品生产许可（\p{Script=Han}{5}，15\d{9}，1509021888\d{8}）$/u,
    SLBMMC: /^\p{Script=Han}{3}代办处$/u,
    SXBM: row.SXBM,
  })
})

t.test(
  'names of members that may be values are replaced: of a file without its header line, and others that nobody knows',
  async (t) => {
    const headless = { [person.name]: person.second, [person.id]: person.post, [person.mobile]: '2', Saihan: 'x' }
    const { sample, bytesOf, read } = await received(
      t,
      'market/licence',
      [rowRecord(headless), rowRecord({ ...application, [person.second]: '1', XB: '1' })],
      { 'mappings/market/licence.yaml': licence },
    )
    for (const seq of ['1', '2']) t.match(await sample(seq, '--name', `of-${seq}`), { error: undefined })
    for (const bytes of bytesOf()) for (const secret of [...secrets, 'Saihan']) t.notMatch(bytes.toString(), secret)
    const { XB } = read('of-2.yaml')['row'] as Record<string, string>
    t.ok(XB, 'a name that looks like one stays beside the columns of the mapping')
  },
)

t.test('a personal value that stands inside a code is told of, and nothing is written', async (t) => {
  const mapping = `
codes: { kind: { "${person.id}x": natural } }
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd }
      applicant: { name: NAME, idNumber: ID, kind: { from: KIND, codes: kind } }
`
  const value = { NO: '1', AT: '2026-03-02', NAME: person.name, ID: person.id, KIND: `${person.id}x` }
  const { sample, samples } = await received(t, 'dept/one', [rowRecord(value)], { 'mappings/dept/one.yaml': mapping })
  t.match(await sample('1'), { error: { code: 'SAMPLE_REFUSED', message: /换名之后仍有/ } })
  t.notOk(existsSync(samples))
})

t.test('a number keeps its length, its kinds of characters and its check: right, or wrong in the same way', (t) => {
  const like = (original: string) => {
    const made = Array.from({ length: 60 }, (_, number) => numberFor(original, number + 1)!)
    t.ok(new Set(made).size > 10, `${original}: they differ`)
    const shape = (text: string) => text.replaceAll(/[A-Z]/g, 'A').replaceAll(/[a-z]/g, 'a').replaceAll(/\d/g, '0')
    return { made, lastKinds: new Set(made.map((one) => shape(one.at(-1)!))), lengths: new Set(made.map(({ length }) => length)) }
  }
  for (const original of [
    '152601197803124521',
    '15260119780312446X',
    '15260119780312446x',
    '152601197803124522',
    '992601197803124522',
    '152601197802304520',
  ]) {
    const { made, lastKinds, lengths } = like(original)
    t.same([...new Set(made.map(checkCitizenId))], [checkCitizenId(original)], original)
    t.same([...lengths], [18])
    t.equal(lastKinds.size, 1)
    t.ok(made.every((one) => one.slice(6, 10) === '1888'))
  }
  t.same([...new Set(like('152601780312452').made.map(checkCitizenId))], ['not-checkable'], 'the form of fifteen digits')
  for (const original of ['91350100M000100Y43', '91350100M000100Y44', '91350100M000100Y4O']) {
    const { made, lengths } = like(original)
    t.same([...new Set(made.map(checkUscc))], [checkUscc(original)], original)
    t.same([...lengths], [18])
    t.ok(made.every((one) => one.slice(8, 11) === 'PDY'))
  }
  for (const original of ['M000100Y-4', 'M000100Y4', 'M000100Y-5']) {
    if (checkOrganisationCode(original) === 'bad' && !original.includes('-')) continue
    t.same([...new Set(like(original).made.map(checkOrganisationCode))], [checkOrganisationCode(original)], original)
  }
  t.end()
})

t.test('other text keeps its shape, gives nothing back, and is different for every value', (t) => {
  const original = 'ABc-9９Ｂ 甲𠮷·ᠮ\ue5e5锟斤拷&amp;'
  t.match(
    sameShape(original, 3),
    /^[A-Z]{2}[a-z]-\d[０-９][Ａ-Ｚ] \p{Script=Han}[\u{20000}-\u{2000f}]·\p{Script=Mongolian}\p{Co}锟斤拷&amp;$/u,
  )
  const pseudonymOf = createPseudonyms(['乙丙'], [])
  const given = Array.from({ length: 100 }, (_, number) =>
    pseudonymOf(
      `名${number}字`.replaceAll(/\d/g, (digit) => '一二三四五六七八九十'[Number(digit)]!),
      'name',
    ),
  )
  t.equal(new Set(given).size, 100)
  t.ok(given.every((one) => !one.includes('乙丙')))
  t.equal(pseudonymOf('名一字', 'name'), pseudonymOf('名一字', 'name'))
  t.end()
})

t.test('a value is found in disguise: escaped, percent-encoded, in hexadecimal, in Base64 at any place', (t) => {
  const name = '赛汗其其格'
  const gb = iconv.encode(name, 'gb18030')
  const disguises = [
    JSON.stringify(name).replaceAll(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`),
    [...name].map((one) => `&#${one.codePointAt(0)};`).join(''),
    encodeURIComponent(name),
    gb.toString('hex').toUpperCase(),
    ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${name}后`).toString('base64')),
    Buffer.concat([Buffer.from('a'), gb]).toString('base64'),
  ]
  for (const disguise of disguises) t.ok(isLeaking(`<a>${disguise}</a>`, [name]), disguise)
  t.ok(isLeaking('赛汗　其 其·格', [name]), 'spaced out')
  t.notOk(isLeaking('赛汗其其', [name]))
  t.end()
})

t.test('every shipped sample comes to the same under pseudonyms: the same messages, reason or error', async (t) => {
  for (const name of listMappings(join(packageRoot, 'mappings'))) {
    const [department, file] = name.split('/') as [string, string]
    const folder = join(packageRoot, 'mappings', department, 'samples', file)
    const shipped = readdirSync(folder).filter((one) => one.endsWith('.yaml'))
    const given = shipped.map(
      (one) =>
        readYaml(join(folder, one)).value as { stream: string; body?: string; row?: object; expected: Record<string, unknown> },
    )
    const records = given.map(({ stream, body, row }, index): SourceRecord => {
      const contentType = row ? 'application/json' : 'application/xml'
      return { stream, key: shipped[index]!, body: row ? JSON.stringify(row) : body!, contentType }
    })
    const { sample, read, test } = await received(t, name, records)
    const come = ({ messages, quarantined, field, ignored }: Record<string, unknown>) =>
      messages
        ? (messages as { type: string; flags: { path: string; code: string }[] }[]).map(({ type, flags }) => [
            type,
            flags.map(({ path, code }) => [path, code]),
          ])
        : [quarantined, field, ignored]
    for (const [index, { expected }] of given.entries()) {
      t.match(await sample(String(index + 1), '--name', `s${index}`), { codes: [0], error: undefined }, shipped[index]!)
      t.same(come(read(`s${index}.yaml`)['expected'] as Record<string, unknown>), come(expected), shipped[index]!)
    }
    t.match(await test(), { codes: [0] })
  }
})

t.test('records at random lose everything personal, the same way each time, and come to the same', async (t) => {
  for (const name of listMappings(join(packageRoot, 'mappings'))) {
    const { mapping } = await loadMapping(join(packageRoot, 'mappings'), name)
    const traced = await traceMapping(mapping!)
    const records = fc.sample(randomRecords(templateOf(mapping!)), { numRuns: 25, seed: 11 })
    let [kept, same] = [0, 0]
    for (const record of records) {
      const given = { stream: record.stream, key: record.key, tree: readRecord(record) }
      const { tree, key, personal } = pseudonymise(traced, given)
      t.same(pseudonymise(traced, given).tree, tree)
      const sample = toSampleRecord(record, { tree, key, name: 'x', isKeyUsed: false })
      // The name of a form's field stays, as paths look for it, and so does what is nobody's, such as a region: where it is also somebody's, a postcode,
      // the command refuses the sample.
      if (isLeaking(sample.text, personal)) {
        const leaks = personal.filter((secret) => isLeaking(sample.text, [secret]))
        t.ok(
          leaks.every((secret) => sample.text.includes(`FieldName="${secret}"`) || String(record.body).split(secret).length > 2),
          `${name}: ${leaks.length} values`,
        )
        continue
      }
      const come = (outcome: SampleOutcome) =>
        JSON.stringify('messages' in outcome ? outcome.messages.map((message) => (message as { type: string }).type) : outcome)
      kept += 1
      if (come(await outcomeOfRecord(mapping!, record)) === come(await outcomeOfRecord(mapping!, sample.record))) same += 1
    }
    t.equal(same, kept, name)
  }
})
