/** Files that records name: kept when they are there and inside, and the record is quarantined when they are not. */
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import file from '../adapters/file/index.ts'
import { checkFileOptions } from '../adapters/file/options.ts'
import { digestOf } from '../core/attachments/attachment-files.ts'
import { parseJson, parseXml, type RunContext, type SourceRecord } from '../core/contract.ts'
import { checkedOptions, collector, runOnce, withSource } from './contract/source-contract.ts'
import { temporaryFolder } from './temporary.ts'

const keptOf = (bytes: Buffer) => ({
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  size: bytes.length,
})

const place = (t: Test, files: Record<string, string | Buffer>) => {
  const inbox = join(temporaryFolder(t), 'in')
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(inbox, name)), { recursive: true })
    writeFileSync(join(inbox, name), content)
  }
  return inbox
}

const read = async (folder: string, options: object, kept = collector(), keep: RunContext['keep'] = digestOf) => {
  const before = kept.batches.length
  await withSource(file as never, { folder, ...options }, (source) => runOnce(source, kept, kept.emit, undefined, keep))
  return kept.batches.slice(before).flatMap(({ records }) => records)
}

const xml = {
  ...{ pattern: '*.xml', format: 'xml', records: 'R/SB', stream: 'SB', key: ['NO'] },
  attachments: { paths: ['CL/FILE'], folder: 'scan' },
}
const sb = (no: string, ...names: string[]) =>
  `<SB><NO>${no}</NO>${names.map((name) => `<CL><!-- a scan --><FILE kind="1">${name}</FILE></CL>`).join('')}</SB>`

t.test('an XML record has digest and size as attributes beside the name of each file', async (t) => {
  const [one, two] = [randomBytes(3_000_000), randomBytes(5)]
  const folder = place(t, {
    'a.xml': `<R>${sb('A', ' 一.pdf ', 'sub\\二.pdf', '一.pdf', '')}${sb('B')}</R>`,
    'scan/一.pdf': one,
    'scan/sub/二.pdf': two,
  })
  const [a, b] = await read(folder, xml)
  const { digest, size } = keptOf(one)
  t.match(a!.body, `<FILE kind="1" digest="${digest}" size="${size}"> 一.pdf </FILE>`)
  t.same(a!.attachments, [
    { at: 'CL/FILE#0', ...keptOf(one), fileName: '一.pdf' },
    { at: 'CL/FILE#1', ...keptOf(two), fileName: '二.pdf' },
  ])
  t.same(a!.value, parseXml(a!.body as string), 'the value is what parsing the body gives')
  t.equal((a!.body as string).split('digest=').length, 4, 'the empty name refers to nothing')
  t.notOk(b!.attachments)
  t.ok(existsSync(join(folder, 'done/a.xml')))
  t.ok(existsSync(join(folder, 'scan/一.pdf')), 'files of attachments stay where they are')
})

t.test('JSON and CSV records have name, digest and size in place of the name', async (t) => {
  const scan = randomBytes(100)
  const folder = place(t, {
    'a.json': '[{"no":"1","materials":[{"file":"s.pdf"},{"file":null},{}]}]',
    'b.csv': 'NO,FILE\n2,s.pdf\n3,\n',
    's.pdf': scan,
  })
  const common = { stream: 's', attachments: { paths: ['materials/file', 'FILE'] } }
  const referring = { fileName: 's.pdf', ...keptOf(scan) }
  const records = [
    ...(await read(folder, { ...common, pattern: '*.json', format: 'json' })),
    ...(await read(folder, { ...common, pattern: '*.csv', format: 'csv' })),
  ]
  t.same(
    records.map(({ body }) => parseJson(body as string)),
    [
      { no: '1', materials: [{ file: referring }, { file: null }, {}] },
      { NO: '2', FILE: referring },
      { NO: '3', FILE: '' },
    ],
  )
})

t.test('another content under the same name is a new version of the record, the same is a duplicate', async (t) => {
  const folder = place(t, { 'a.xml': `<R>${sb('A', 's.pdf')}</R>`, 'scan/s.pdf': 'first' })
  const kept = collector()
  const [first] = await read(folder, xml, kept)
  writeFileSync(join(folder, 'a.xml'), `<R>${sb('A', 's.pdf')}</R>`)
  const [same] = await read(folder, xml, kept)
  t.equal(same!.body, first!.body)
  writeFileSync(join(folder, 'scan/s.pdf'), 'second')
  writeFileSync(join(folder, 'a.xml'), `<R>${sb('A', 's.pdf')}</R>`)
  const [second] = await read(folder, xml, kept)
  t.equal(second!.key, first!.key)
  t.not(second!.body, first!.body)
})

const told = ({ fault }: SourceRecord) =>
  fault && `${fault.code} ${fault.values.name} ${(fault.values.reason as { en: string }).en}`

t.test('a file that is not there, or not inside, makes its record faulty, and leaves its neighbours', async (t) => {
  const folder = place(t, {
    'secret.txt': 'secret',
    'scan/good.pdf': 'good',
    'scan/sub/x': 'x',
    'a.xml': `<R>${[
      ...[
        'good.pdf',
        'none.pdf',
        '../secret.txt',
        'sub/../../secret.txt',
        '/etc/passwd',
        'C:\\x',
        'out/secret.txt',
        'link.txt',
        'sub',
        '.',
      ],
      ...['dangling', '..\\secret.txt'],
    ]
      .map((name, index) => sb(`N${index}`, name))
      .join('')}</R>`,
  })
  symlinkSync('..', join(folder, 'scan/out'))
  symlinkSync('../secret.txt', join(folder, 'scan/link.txt'))
  symlinkSync('nowhere', join(folder, 'scan/dangling'))
  const records = await read(folder, xml)
  const relative = 'it must be a relative path below the folder of attachments'
  const link = 'a link leads out of the folder of attachments'
  t.same(records.map(told), [
    undefined,
    'ATTACHMENT_MISSING none.pdf there is no such file',
    `ATTACHMENT_MISSING ../secret.txt ${relative}`,
    `ATTACHMENT_MISSING sub/../../secret.txt ${relative}`,
    `ATTACHMENT_MISSING /etc/passwd ${relative}`,
    `ATTACHMENT_MISSING C:\\x ${relative}`,
    `ATTACHMENT_MISSING out/secret.txt ${link}`,
    `ATTACHMENT_MISSING link.txt ${link}`,
    'ATTACHMENT_MISSING sub it is no file',
    `ATTACHMENT_MISSING . ${link}`,
    'ATTACHMENT_MISSING dangling there is no such file',
    `ATTACHMENT_MISSING ..\\secret.txt ${relative}`,
  ])
  t.ok(
    records.slice(1).every(({ value, attachments }) => value !== undefined && attachments === undefined),
    'the case of each is known, and nothing of it is kept',
  )
  t.ok(existsSync(join(folder, 'error/a.xml')))
})

t.test('a file that is still being written is not taken for whole', async (t) => {
  const folder = place(t, { 'a.xml': `<R>${sb('A', 's.pdf')}</R>`, 'scan/s.pdf': randomBytes(2_000_000) })
  let grown = false
  const keep: RunContext['keep'] = async (content) => {
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const piece of content) {
        if (!grown) appendFileSync(join(folder, 'scan/s.pdf'), 'more')
        grown = true
        yield piece
      }
    }
    return digestOf(watched())
  }
  const [record] = await read(folder, xml, collector(), keep)
  t.equal(told(record!), 'ATTACHMENT_MISSING s.pdf it changed while it was read')
})

t.test('paths of attachments are plain names', (t) => {
  const options = checkedOptions(file as never, { folder: 'in', ...xml })
  const problemsWith = (paths: string[]) =>
    checkFileOptions({ ...options, attachments: { paths, folder: '.' } } as never).map(({ path }) => path)
  t.same(problemsWith(['A/B', '办件/附件']), [])
  const wrong = ["A[@x='1']", '/A', '*', '@a', 'a//b']
  t.same(
    problemsWith(wrong),
    wrong.map((_, index) => `/attachments/paths/${index}`),
  )
  t.end()
})
