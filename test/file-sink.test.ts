import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import adapter from '../adapters/file/index.ts'
import { readXml } from '../core/codec/xml.ts'
import { decodeText, type Operation, type OperationValues, type Sink, textsAt, toPath } from '../core/contract.ts'
import { contentOf, damagedContent } from './contract/content.ts'
import { schemaCompiler, testContext } from './contract/source-harness.ts'
import { openDown, supplementOf } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const definition = adapter.sink!
const never = new AbortController().signal

type Options = Record<string, unknown>

const reading = { folder: 'in', pattern: '*.xml' }

const xml: Options = { name: '{NO}-{digest}.xml', format: 'xml', root: 'Case', unknown: 'idempotent' }

const openSink = (
  t: Test,
  write: Options,
): { folder: string; sink: Sink; files: () => string[]; read: (name: string) => Buffer } => {
  const folder = join(temporaryFolder(t), 'out')
  mkdirSync(folder)
  const options = { writes: { SB: { folder, ...structuredClone(write) } } }
  const check = schemaCompiler().compile(definition.options)
  if (!check(options)) throw new Error(JSON.stringify(check.errors))
  const problems = definition.checkOptions!(options as never, reading as never)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  const sink = definition.open(options as never, {} as never, testContext())
  t.teardown(() => sink.close())
  const files = () => readdirSync(folder).sort()
  return { folder, sink, files, read: (name) => readFileSync(join(folder, name)) }
}

let count = 0
const operation = (values: OperationValues): Operation => ({
  id: `city:P-1:application.received:::1#${++count}`,
  write: 'SB',
  values,
})

const hostile = ' <![CDATA[a]]>&"\r\n第二行\r\t· '

t.test('each format holds what it was given, in its charset', async (t) => {
  const values = { NO: 'A1', NAME: hostile, BZ: null, CL: [{ MC: '图纸' }, { MC: '合同', SL: '2' }] }
  for (const charset of ['utf-8', 'gbk', 'gb18030']) {
    const { sink, files, read } = openSink(t, { ...xml, charset })
    t.match(await sink.deliver(operation(values), never), { verdict: 'accepted' })
    const bytes = read(files()[0]!)
    t.match(bytes.toString('latin1'), `<?xml version="1.0" encoding="${charset.toUpperCase()}"?>`)
    const { above, fault } = readXml(decodeText(bytes))
    t.equal(fault, undefined)
    t.same(textsAt(above, toPath('Case/NAME')), [hostile], charset)
    t.same(textsAt(above, toPath('Case/CL/MC')), ['图纸', '合同'])
    t.same(textsAt(above, toPath('Case/BZ')), [])
  }

  const json = openSink(t, { ...xml, name: '{id}.json', format: 'json', root: undefined })
  t.match(await json.sink.deliver(operation(values), never), { verdict: 'accepted' })
  t.same(JSON.parse(json.read(json.files()[0]!).toString()), values)

  const csv = openSink(t, {
    ...xml,
    name: '{id}.csv',
    format: 'csv',
    root: undefined,
    columns: ['NO', 'NAME', 'BZ', 'X', 'E'],
    charset: 'gb18030',
  })
  t.match(await csv.sink.deliver(operation({ NO: 'A,1', NAME: hostile, BZ: null, E: '' }), never), { verdict: 'accepted' })
  t.equal(decodeText(csv.read(csv.files()[0]!), 'gb18030'), `NO,NAME,BZ,X,E\r\n"A,1","${hostile.replaceAll('"', '""')}",,,""\r\n`)
})

t.test('the same again is the same file, and another content under its name waits for a person', async (t) => {
  const { sink, files, read } = openSink(t, { ...xml, name: '{NO}.xml', unknown: 'manual' })
  const given = operation({ NO: 'A1', NAME: '甲' })
  t.match(await sink.deliver(given, never), { verdict: 'accepted' })
  t.match(await sink.deliver(given, never), { verdict: 'duplicate' })
  t.same(files(), ['A1.xml'])
  const before = read('A1.xml')
  await t.rejects(sink.deliver(operation({ NO: 'A1', NAME: '乙' }), never), {
    code: 'DELIVERY_MISFIT',
    message: /A1\.xml.*同名文件已在，内容不同/,
  })
  t.same(read('A1.xml'), before)
  const both = await Promise.allSettled([1, 2, 3].map((n) => sink.deliver(operation({ NO: 'B', NAME: String(n) }), never)))
  t.equal(both.filter(({ status }) => status === 'fulfilled').length, 1, 'of several at once one has the name')
  t.same(files(), ['A1.xml', 'B.xml'])
})

t.test('a marker comes behind its file, and vouches for its bytes', async (t) => {
  for (const content of ['empty', 'json', 'xml']) {
    const { folder, sink, files, read } = openSink(t, { ...xml, name: '{id}.xml', marker: { suffix: '.ok', content } })
    const given = operation({ NO: 'A1' })
    t.match(await sink.deliver(given, never), { verdict: 'accepted' })
    const [name, marker] = files()
    t.equal(marker, `${name}.ok`)
    const bytes = read(name!)
    const told = read(marker!).toString()
    const digest = createHash('sha256').update(bytes).digest('hex')
    if (content === 'empty') t.equal(told, '')
    else for (const value of [name!, String(bytes.length), digest]) t.match(told, value)
    t.match(await sink.deliver(given, never), { verdict: 'duplicate' })
    // As an attempt leaves it that was interrupted before the marker, or while it wrote.
    renameSync(join(folder, marker!), join(folder, `${marker}.tmp`))
    t.match(await sink.deliver(given, never), { verdict: 'accepted' })
    t.same(files(), [name, marker])
    t.equal(read(marker!).toString(), told)
  }
})

t.test('attachments are files of their own, whole before the record that names them appears', async (t) => {
  const attachments = { name: '{NO}-{MC}-{sha256}.pdf' }
  const { sink, files, read, folder } = openSink(t, { ...xml, name: '{id}.xml', marker: { suffix: '.ok' }, attachments })
  const [scan, plan] = [randomBytes(5_000_001), Buffer.from('图纸')]
  let seen: string[] = []
  const watched = contentOf(plan)
  const late = {
    ...watched,
    read: () => {
      seen = files()
      return watched.read()
    },
  }
  const CL = [
    { MC: '申请书', NR: contentOf(scan) },
    { MC: '图/纸', NR: late },
    { MC: '缺', NR: null },
  ]
  const given = operation({ NO: 'A1', CL })
  t.same(await sink.deliver(given, never), { verdict: 'accepted' })
  const hex = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
  const names = [`A1-申请书-${hex(scan)}.pdf`, `A1-图%2F纸-${hex(plan)}.pdf`]
  t.same(
    seen.filter((name) => !name.endsWith('.tmp')),
    [names[0]],
    'the first is there, and nothing of the record',
  )
  const record = files().find((name) => name.endsWith('.xml'))!
  t.same(files(), [...names, record, `${record}.ok`].sort())
  t.same(textsAt(readXml(decodeText(read(record))).above, toPath('Case/CL/NR')), names)
  t.ok(read(names[0]!).equals(scan))
  t.ok(read(names[1]!).equals(plan))
  t.match(await sink.deliver(given, never), { verdict: 'duplicate' })

  const broken = operation({
    NO: 'A2',
    CL: [
      { MC: '一', NR: contentOf(scan) },
      { MC: '二', NR: damagedContent(plan) },
    ],
  })
  t.match(await sink.deliver(broken, never), { verdict: 'transient', error: { code: 'ATTACHMENT_DAMAGED' } })
  t.same(
    files().filter((name) => name.startsWith('A2')),
    [`A2-一-${hex(scan)}.pdf`],
    'no record, no marker and no half of a file',
  )
  writeFileSync(join(folder, `A3-一-${hex(plan)}.pdf`), 'other!')
  const occupied = sink.deliver(operation({ NO: 'A3', CL: [{ MC: '一', NR: contentOf(plan) }] }), never)
  await t.rejects(occupied, { code: 'DELIVERY_MISFIT', message: /同名文件已在/ })
})

t.test('where attachments cannot go, or would have one name, a person is asked', async (t) => {
  const values = { NO: 'A1', CL: [{ NR: contentOf(Buffer.from('a')) }, { NR: contentOf(Buffer.from('b')) }] }
  const nowhere = openSink(t, { ...xml, name: '{id}.xml' })
  await t.rejects(nowhere.sink.deliver(operation(values), never), { code: 'DELIVERY_MISFIT', message: /attachments/ })
  const one = openSink(t, { ...xml, name: '{id}.xml', attachments: { name: '{id}.pdf' } })
  await t.rejects(one.sink.deliver(operation(values), never), { code: 'DELIVERY_MISFIT', message: /文件名相同/ })
  const same = openSink(t, { ...xml, name: '{id}.xml', attachments: { name: '{id}.xml' } })
  const single = operation({ NO: 'A1', NR: contentOf(Buffer.from('a')) })
  await t.rejects(same.sink.deliver(single, never), { code: 'DELIVERY_MISFIT', message: /附件与记录同名/ })
  t.same([nowhere.files(), one.files(), same.files()], [[], [], []])
  t.throws(() => openSink(t, { ...xml, attachments: { name: '{NO}.pdf' } }), /attachments\/name/)
  t.throws(() => openSink(t, { ...xml, attachments: { name: '../{sha256}.pdf' } }), /attachments\/name/)
})

t.test('what the reader has taken is not written again, and is told when it is asked about', async (t) => {
  const taken = temporaryFolder(t)
  const { folder, sink, files } = openSink(t, { ...xml, name: '{id}.xml', taken: [taken], unknown: 'confirm' })
  const given = operation({ NO: 'A1' })
  t.match(await sink.confirm(given, never), { confirmed: 'absent' })
  await sink.deliver(given, never)
  t.match(await sink.confirm(given, never), { confirmed: 'applied' })
  const [name] = files()
  renameSync(join(folder, name!), join(taken, name!))
  t.match(await sink.confirm(given, never), { confirmed: 'applied' })
  t.match(await sink.deliver(given, never), { verdict: 'duplicate' })
  t.same(files(), [])
  writeFileSync(join(folder, name!), 'other')
  renameSync(taken, `${taken}-gone`)
  t.teardown(() => renameSync(`${taken}-gone`, taken))
  t.match(await sink.confirm(given, never), { confirmed: 'unknown', error: { code: 'SOURCE_UNREACHABLE' } })
})

t.test('a name never leads out of the folder, and what cannot be one is refused', async (t) => {
  const { folder, sink, files } = openSink(t, { ...xml, name: 'X{NO}.xml', unknown: 'manual' })
  const good: [string, string][] = [
    ['/../../etc/passwd', 'X%2F..%2F..%2Fetc%2Fpasswd.xml'],
    ['\\..\\a:b*?"<>|', 'X%5C..%5Ca%3Ab%2A%3F%22%3C%3E%7C.xml'],
    ['京建〔2026〕1号', 'X京建〔2026〕1号.xml'],
    ['100%', 'X100%25.xml'],
    ['a\u0000b\u202e', 'Xa%00b%E2%80%AE.xml'],
  ]
  for (const [no, name] of good) {
    const values = no.includes('\u0000') ? null : no
    if (values === null) await t.rejects(sink.deliver(operation({ NO: no }), never), { message: /U\+0000 不能写入 XML/ })
    else {
      t.match(await sink.deliver(operation({ NO: no }), never), { verdict: 'accepted' })
      t.ok(files().includes(name), name)
    }
  }
  t.same(readdirSync(join(folder, '..')), ['out'])
  const refused: [string, OperationValues, RegExp][] = [
    ['{NO}', { NO: '..' }, /首尾不得是点/],
    ['{NO}', { NO: 'CON' }, /Windows 保留/],
    ['{NO}.x', { NO: 'lpt1' }, /Windows 保留/],
    ['{NO}.x', { NO: '.hidden' }, /首尾不得是点/],
    ['{NO}.x', { NO: '字'.repeat(70) }, /212 字节，至多 200/],
    ['{NO}.x', { NO: null }, /没有值/],
    ['{NO}.x', { NO: ' ' }, /没有值/],
    ['{NO}.x', { NO: [{ A: 'x' }] }, /没有值/],
    ['{XX}.x', { NO: 'A' }, /没有值/],
  ]
  for (const [name, values, reason] of refused) {
    const other = openSink(t, { ...xml, name, unknown: 'manual' })
    await t.rejects(other.sink.deliver(operation(values), never), { code: 'DELIVERY_MISFIT', message: reason }, name)
    t.same(other.files(), [])
  }
})

t.test('what a file cannot hold is refused before anything is written', async (t) => {
  const gbk = openSink(t, { ...xml, charset: 'gbk' })
  const csv = openSink(t, { ...xml, format: 'csv', root: undefined, columns: ['NO'], unknown: 'idempotent' })
  const refused: [typeof gbk, OperationValues, RegExp][] = [
    [gbk, { NO: 'A', NAME: '𠮷' }, /NAME”：字符 U\+20BB7 不能用 gbk 表示/],
    [gbk, { NO: 'A', CL: [{ MC: '䶮' }] }, /CL\[1\]\/MC.*U\+4DAE/],
    [gbk, { NO: 'A', NAME: '\u0007' }, /U\+0007 不能写入 XML/],
    [gbk, { NO: 'A', 'N A': 'x' }, /不是可用的元素名/],
    [gbk, { NO: 'A', '1A': 'x' }, /不是可用的元素名/],
    [gbk, { NO: 'A', 'A\u3000B': 'x' }, /不是可用的元素名/],
    [gbk, { NO: 'A', 'a:b': 'x' }, /不是可用的元素名/],
    [csv, { NO: 'A', NAME: 'x' }, /columns 里没有这一列/],
    [csv, { NO: 'A\ud800' }, /U\+D800/],
  ]
  for (const [{ sink, files }, values, reason] of refused) {
    await t.rejects(sink.deliver(operation(values), never), { code: 'DELIVERY_MISFIT', message: reason }, String(reason))
    t.same(files(), [])
  }
  const listed = openSink(t, { ...xml, format: 'csv', root: undefined, columns: ['NO', 'CL'] })
  await t.rejects(listed.sink.deliver(operation({ NO: 'A', CL: [{ MC: 'x' }] }), never), { message: /是列表/ })
})

t.test('a folder that is missing, is none, or is full is transient, and says which and why', async (t) => {
  const { folder, sink } = openSink(t, xml)
  const given = operation({ NO: 'A1' })
  renameSync(folder, `${folder}-gone`)
  t.match(await sink.deliver(given, never), {
    verdict: 'transient',
    error: { code: 'SOURCE_UNREACHABLE', message: new RegExp(`ENOENT ${folder}（不存在）`) },
  })
  t.match(await sink.probe(never), [{ ok: false, error: { code: 'SOURCE_UNREACHABLE' } }])
  writeFileSync(folder, '')
  t.match(await sink.deliver(given, never), { verdict: 'transient', error: { message: /ENOTDIR/ } })
  t.match(await sink.probe(never), [{ ok: false, error: { message: /不是文件夹/ } }])
  const full = temporaryFolder(t)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', full]).status !== 0)
    return void t.comment('not tried: a full disk, without the right to mount one')
  t.teardown(() => void spawnSync('umount', [full]))
  const small = openSink(t, { ...xml, folder: full })
  t.match(await small.sink.deliver(operation({ NO: 'A1', NAME: 'x'.repeat(20_000) }), never), {
    verdict: 'transient',
    error: { code: 'SOURCE_UNREACHABLE', message: /ENOSPC.*磁盘已满/ },
  })
  t.same(readdirSync(full), [], 'nothing of it stays')
  t.match(await small.sink.deliver(operation({ NO: 'A2' }), never), { verdict: 'accepted' })
})

t.test('a link that stands where a file is to go is neither followed nor replaced', async (t) => {
  const { folder, sink, files } = openSink(t, { ...xml, name: '{NO}.xml', unknown: 'manual' })
  const elsewhere = join(folder, '../elsewhere')
  symlinkSync(elsewhere, join(folder, 'A1.xml'))
  await t.rejects(sink.deliver(operation({ NO: 'A1' }), never), { code: 'DELIVERY_MISFIT' })
  symlinkSync(elsewhere, join(folder, 'A2.xml.tmp'))
  t.match(await sink.deliver(operation({ NO: 'A2' }), never), { verdict: 'accepted' })
  t.notOk(existsSync(elsewhere))
  t.same(files(), ['A1.xml', 'A2.xml'])
})

t.test('of files: a write must say what is done when the outcome is unknown, and be able to', (t) => {
  const problemsOf = (more: Options) => {
    const options = { writes: { A: structuredClone({ folder: 'out', ...xml, ...more }) } }
    if (!schemaCompiler().compile(definition.options)(options)) return ['schema']
    return definition.checkOptions!(options as never, reading as never).map(({ path }) => path.replace('/writes/A', ''))
  }
  const cases: [Options, string[]][] = [
    [{}, []],
    [{ unknown: undefined }, ['schema']],
    [{ name: '{NO}.xml' }, ['/unknown']],
    [{ name: '{NO}.xml', taken: ['done'] }, ['/unknown', '/taken']],
    [{ name: '{NO}.xml', unknown: 'manual' }, []],
    [{ unknown: 'confirm' }, ['/unknown']],
    [{ unknown: 'confirm', taken: ['done'] }, ['/taken']],
    [{ name: '{NO}-{id}.xml', unknown: 'confirm', taken: ['done'] }, []],
    [{ name: 'fixed.xml', unknown: 'manual' }, ['/name']],
    [{ name: '../{id}.xml' }, ['/name']],
    [{ name: 'a\\{id}.xml' }, ['/name']],
    [{ name: '{id}.{xml' }, ['/name']],
    [{ name: '.{id}' }, ['/name']],
    [{ name: 'con.{id}' }, ['/name']],
    [{ name: '{id}.TMP' }, ['/name']],
    [{ root: undefined }, ['/root']],
    [{ root: 'a b' }, ['/root']],
    [{ root: '䶮', charset: 'gbk' }, ['/charset']],
    [{ format: 'json', root: undefined, charset: 'gbk' }, ['/charset']],
    [{ format: 'csv', root: undefined }, ['/columns']],
    [{ columns: ['A'] }, ['/columns']],
    [{ delimiter: ';' }, ['/delimiter']],
    [{ marker: { suffix: '.tmp' } }, ['/marker/suffix']],
    [{ marker: { suffix: '.ok.part' } }, ['/marker/suffix']],
    [{ folder: './in/' }, ['/folder']],
    [{ folder: 'in', name: '{id}.txt' }, []],
  ]
  for (const [more, problems] of cases) t.same(problemsOf(more), problems, JSON.stringify(more))
  for (const { options } of definition.examples) {
    t.ok(schemaCompiler().compile(definition.options)(structuredClone(options)))
    t.same(definition.checkOptions!(options as never, reading as never), [])
  }
  t.end()
})

const system = `
department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: file
mapping: dept/one
schedule: { every: 1h }
options: { folder: ../in, format: xml, records: A/B, stream: x }
`

const writes = ` ${JSON.stringify({
  writes: {
    SB: {
      folder: '../out',
      name: '{NO}_{digest}.xml',
      format: 'xml',
      root: 'Case',
      charset: 'gbk',
      marker: {},
      unknown: 'idempotent',
    },
    LOG: {
      folder: '../out',
      name: '{NO}_{id}.csv',
      format: 'csv',
      columns: ['NO', 'WHAT'],
      taken: ['../out/done'],
      unknown: 'confirm',
    },
  },
})}\n`

t.test('the whole way down into a folder: files appear whole, once, and go on behind the part that is there', async (t) => {
  const place = await openDown(t, { options: writes, system, made: 'SELECT 1' })
  mkdirSync(join(place.folder, 'in'))
  const { gateway } = await place.start()
  const out = join(place.folder, 'out')
  await place.send(place.draftOf('P-1'), supplementOf('P-1', '1'), place.draftOf('P-2', '𠮷'))
  await until('it has been tried', () =>
    gateway.store.inbox.list({ states: ['ready'], limit: 9 }).some(({ attempt }) => attempt > 0),
  )
  mkdirSync(join(out, 'done'), { recursive: true })
  await until('two are written', () => gateway.store.inbox.list({ states: ['delivered'], limit: 9 }).length === 2)
  await until('one cannot be', () => gateway.store.inbox.list({ states: ['quarantined'], limit: 9 }).length === 1)
  const names = readdirSync(out).filter((name) => name !== 'done')
  t.same(
    names.map((name) => name.replace(/_.*\.(csv|xml)/, '.$1')).sort(),
    ['P-1.csv', 'P-1.csv', 'P-1.xml', 'P-1.xml.ok'],
    'the application, its note, its supplement',
  )
  t.match(decodeText(readFileSync(join(out, names.find((name) => name.endsWith('.xml'))!))), '巴特尔·额尔敦')
  const [held] = gateway.store.inbox.list({ states: ['quarantined'], limit: 9 })
  t.match(held, { detail: { code: 'DELIVERY_MISFIT', zh: /U\+20BB7/ } })
  t.ok(gateway.store.inbox.books().every(({ balanced }) => balanced))
  t.match((await runCommand('lint', '--probe', '--config', place.config)).out, /✓ one: 写入 SB/)
})
