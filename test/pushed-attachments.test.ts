/** Attachments that come with a post: parts of a form, base64 inside of a document, MTOM beside a SOAP message. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { checkHttpOptions } from '../adapters/http/check-options.ts'
import http from '../adapters/http/index.ts'
import { digestOf } from '../core/attachments/digest-of.ts'
import { GatewayError, type Keep, parseJson, type SourceRecord } from '../core/contract.ts'
import { packageRoot } from '../core/package-root.ts'
import { jsonOptions, postTo, serve } from './contract/push-place.ts'
import { checkedOptions } from './contract/source-contract.ts'
import { until } from './temporary.ts'

const keptOf = (bytes: Uint8Array) => ({
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  size: bytes.length,
})

const jsonStream = { path: '/cases', format: 'json', stream: 's', key: ['no'], attachments: { paths: ['materials/file'] } }
const xmlStream = { path: '/xml', format: 'xml', records: 'R/SB', stream: 's', key: ['NO'], attachments: { paths: ['CL/FILE'] } }

const open = async (t: Test, streams: object[], more: object = {}, keep?: Keep) => {
  const kept: string[] = []
  const keeping: Keep = async (content, options) => {
    const found = await (keep ?? digestOf)(content, options)
    kept.push(found.digest)
    return found
  }
  const place = await serve(t, await jsonOptions({ streams, ...more }), { keep: keeping })
  return { ...place, kept, records: (): SourceRecord[] => place.batches.flatMap(({ records }) => records) }
}

type Told = { code?: string; en?: string; zh?: string; kept?: boolean; receipts?: { outcome: string; error?: { en: string } }[] }

const told = async (answer: Response): Promise<[number, Told]> => [answer.status, (await answer.json()) as Told]

/** As browsers, curl and HTTP libraries write it. */
const form = (record: string | Blob, files: Record<string, [name: string | undefined, content: Uint8Array]>) => {
  const data = new FormData()
  data.append('record', record)
  for (const [part, [name, content]] of Object.entries(files))
    data.append(part, new Blob([Buffer.from(content)], { type: 'application/pdf' }), name)
  return data
}

const postForm = async (url: string, data: FormData): Promise<[number, Told]> =>
  told(await fetch(url, { method: 'POST', body: data }))

const rawForm = (...parts: [head: string, content: string][]): string =>
  `${parts.map(([head, content]) => `--b\r\n${head}\r\n\r\n${content}\r\n`).join('')}--b--\r\n`

const disposition = (more: string): string => `Content-Disposition: form-data; ${more}`
const recordPart = (record: string): [string, string] => [disposition('name="record"'), record]

const postRaw = async (url: string, body: string | Uint8Array): Promise<[number, Told]> =>
  told(await postTo(url, body, { 'content-type': 'multipart/form-data; boundary=b' }))

t.test('files of a form are kept, and the record has digest and size beside the name of each', async (t) => {
  const place = await open(t, [jsonStream, xmlStream])
  const [one, two] = [randomBytes(3_000_000), randomBytes(5)]
  const record = { no: 'A', materials: [{ file: '一.pdf' }, { file: '二.pdf' }, { file: '一.pdf' }, { file: null }] }
  const files = { x: ['一.pdf', one], y: ['二.pdf', two] } as const
  const data = form(JSON.stringify(record), files as never)
  t.match(await postForm(`${place.url}/cases`, data), [200, { receipts: [{ key: 'A', outcome: 'stored' }] }])
  const [first] = place.records()
  const referring = (name: string, bytes: Buffer) => ({ fileName: name, ...keptOf(bytes) })
  t.same(parseJson(first!.body as string), {
    no: 'A',
    materials: [
      { file: referring('一.pdf', one) },
      { file: referring('二.pdf', two) },
      { file: referring('一.pdf', one) },
      { file: null },
    ],
  })
  t.same(first!.attachments, [
    { at: 'materials/file#0', ...keptOf(one), fileName: '一.pdf', mediaType: 'application/pdf' },
    { at: 'materials/file#1', ...keptOf(two), fileName: '二.pdf', mediaType: 'application/pdf' },
  ])
  t.match(await postForm(`${place.url}/cases`, data), [200, { receipts: [{ outcome: 'duplicate' }] }], 'the same again')
  const xml = new Blob(['<R><SB><NO>B</NO><CL><FILE>一.pdf</FILE></CL></SB></R>'], { type: 'text/xml' })
  t.match(await postForm(`${place.url}/xml`, form(xml, { x: ['一.pdf', one] })), [200, { receipts: [{ key: 'B' }] }])
  t.match(place.records()[2]!.body, `<FILE digest="${keptOf(one).digest}" size="3000000">一.pdf</FILE>`)
})

t.test('a record may name parts, come behind them, and come alone', async (t) => {
  const place = await open(t, [
    { ...jsonStream, key: [], attachments: { paths: ['scan'], holds: 'partName', recordPart: 'data' } },
  ])
  const bytes = randomBytes(70_000)
  const scan = { scan: keptOf(bytes) }
  const data = new FormData()
  data.append('front', new Blob([bytes]))
  data.append('data', JSON.stringify({ scan: 'front' }))
  const [, first] = await postForm(`${place.url}/cases`, data)
  t.match(first, { receipts: [{ outcome: 'stored' }] })
  t.match(parseJson(place.records()[0]!.body as string), { scan: { fileName: 'front', ...scan.scan } })
  t.match(
    await postForm(`${place.url}/cases`, data),
    [200, { receipts: [{ outcome: 'duplicate' }] }],
    'named by all that it holds',
  )
  data.set('front', new Blob([randomBytes(70_000)]))
  t.match(
    await postForm(`${place.url}/cases`, data),
    [200, { receipts: [{ outcome: 'stored' }] }],
    'another content, another record',
  )
  t.match(await told(await postTo(`${place.url}/cases`, '{"a":1}')), [200, { receipts: [{ outcome: 'stored' }] }])
})

t.test('a file that has not come is the fault of the record that names it; its neighbour is stored', async (t) => {
  const place = await open(t, [jsonStream])
  const records = [
    { no: 'A', materials: [{ file: 'a.pdf' }, { file: 'none.pdf' }] },
    { no: 'B', materials: [{ file: 'b.pdf' }] },
  ]
  const [a, b] = [Buffer.from('a'), Buffer.from('b')]
  const [status, answer] = await postForm(
    `${place.url}/cases`,
    form(JSON.stringify(records), { x: ['a.pdf', a], y: ['b.pdf', b] }),
  )
  t.match(
    [status, answer],
    [422, { code: 'ATTACHMENT_MISSING', kept: true, en: /"none\.pdf": no part of that name came/, zh: /没有随之而来/ }],
  )
  t.same(
    answer.receipts!.map(({ outcome }) => outcome),
    ['quarantined', 'stored'],
  )
  t.equal(JSON.parse(place.records()[0]!.body as string).materials[0].file, 'a.pdf', 'a faulty record stays as it came')
  t.match(place.records()[0]!.attachments, [keptOf(a)], 'and holds what came')
  t.match(
    await told(await postTo(`${place.url}/cases`, JSON.stringify(records[1]))),
    [422, { code: 'ATTACHMENT_MISSING' }],
    'no form at all',
  )
})

t.test('what came with a record that cannot be read stays with it', async (t) => {
  const place = await open(t, [jsonStream])
  const a = Buffer.from('a')
  t.match(await postForm(`${place.url}/cases`, form('{"no":', { x: ['a.pdf', a] })), [422, { code: 'JSON_INVALID', kept: true }])
  t.match(place.records(), [{ body: '{"no":', attachments: [{ at: '#a.pdf', ...keptOf(a) }] }])
})

t.test('a form that is none is refused, with what is wrong, and nothing of it is acknowledged', async (t) => {
  const place = await open(t, [jsonStream, { ...jsonStream, path: '/few', attachments: { paths: ['file'], maxCount: 2 } }], {
    maxBodyBytes: 2000,
  })
  const record = recordPart('{"no":"A"}')
  const file = (part: string, name = part): [string, string] => [disposition(`name="${part}"; filename="${name}"`), 'x']
  const cases: [body: string, status: number, en: RegExp, zh: RegExp][] = [
    [rawForm(file('a')), 400, /no part "record"/, /没有名为“record”/],
    [rawForm(record, record), 400, /two parts are called "record"/, /两个部分都叫“record”/],
    [rawForm(record, file('a', 'x'), file('b', 'x')), 400, /two parts are called "x"/, /两个部分都叫“x”/],
    [rawForm(record, file('a')), 400, /no record names .* what came with it: a/, /没有记录.*提到：a/],
    [rawForm(record, [disposition('name="a"'), 'x']), 400, /part "a" has no filename/, /没有文件名/],
    [rawForm(record, ['Content-Type: text/plain', 'x']), 400, /a part has no name/, /没有名称/],
    [rawForm(recordPart('')), 400, /no body/, /没有内容/],
    [rawForm(record, ['', 'x']), 400, /a part has no/, /部分没有/],
    [rawForm(record, file('a')).slice(0, -9), 400, /does not end with its boundary/, /没有以分界线结束/],
    [rawForm(record, file('a')).slice(0, -40), 400, /does not end with its boundary/, /没有以分界线结束/],
    ['no form', 400, /does not end with its boundary/, /没有以分界线结束/],
    [
      rawForm([`${disposition('name="record"')}\r\nContent-Type: text/xml`, '<a/>']),
      415,
      /part "record": .*text\/xml/,
      /部分“record”/,
    ],
    [
      rawForm([`${disposition('name="record"')}\r\nContent-Transfer-Encoding: x-uu`, 'x']),
      400,
      /x-uu is not supported/,
      /x-uu 不支持/,
    ],
    [rawForm(recordPart(`{"no":"${'A'.repeat(2000)}"}`)), 413, /larger than maxBodyBytes, 2000/, /maxBodyBytes 2000/],
  ]
  for (const [body, status, en, zh] of cases)
    t.match(await postRaw(`${place.url}/cases`, body), [status, { code: 'PUSH_REFUSED', kept: false, en, zh }], body.slice(0, 60))
  const many = rawForm(file('a'), file('b'), file('c'), file('d'))
  t.match(await postRaw(`${place.url}/few`, many), [400, { en: /more than 3 parts/, zh: /多于 3 个部分/ }])
  const unbounded = await postTo(`${place.url}/cases`, 'x', { 'content-type': 'multipart/form-data' })
  t.match(await told(unbounded), [400, { en: /has no boundary/ }])
  const other = await postTo(`${place.url}/cases`, 'x', { 'content-type': 'multipart/mixed; boundary=b' })
  t.match(await told(other), [415, { en: /must be multipart\/form-data, application\/json/ }])
  t.same(place.batches, [])
})

t.test('a form whose sender goes away is not taken, and its sender is free to send it again', async (t) => {
  const place = await open(t, [jsonStream])
  const socket = connect(Number(new URL(place.url).port), '127.0.0.1')
  const body = rawForm(recordPart('{"no":"A","materials":[{"file":"a"}]}'), [
    disposition('name="a"; filename="a"'),
    'x'.repeat(200_000),
  ])
  socket.write(
    `POST /cases HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 100_000)}`,
  )
  await until('it is taken', () => socket.bytesWritten > 100_000)
  socket.destroy()
  t.match(await postRaw(`${place.url}/cases`, body), [200, {}])
  t.equal(place.records().length, 1)
  t.same(place.kept, [keptOf(Buffer.from('x'.repeat(200_000))).digest], 'nothing of what broke off was kept')
})

t.test(
  'a content above the limit quarantines its record, however large the rest; a store that pauses takes nothing',
  async (t) => {
    let pauses = false
    const keep: Keep = async (content, options) => {
      if (pauses) {
        t.same(options, { wait: false }, 'it never waits while a sender waits')
        throw GatewayError.of('STORE_DISK_LOW', { file: 'x', reserveBytes: 1 })
      }
      let size = 0
      async function* limited(): AsyncGenerator<Uint8Array> {
        for await (const piece of content) {
          size += piece.length
          if (size > 100_000) throw GatewayError.of('ATTACHMENT_TOO_LARGE', { limit: 100_000 })
          yield piece
        }
      }
      return digestOf(limited())
    }
    const place = await open(t, [jsonStream], {}, keep)
    const data = (size: number, no: string) =>
      form(JSON.stringify({ no, materials: [{ file: 'a' }, { file: 'b' }] }), {
        a: ['a', Buffer.alloc(size)],
        b: ['b', Buffer.from('b')],
      })
    t.match(await postForm(`${place.url}/cases`, data(3_000_000, 'A')), [422, { code: 'ATTACHMENT_TOO_LARGE', kept: true }])
    t.match(place.records(), [{ key: 'A', fault: { code: 'ATTACHMENT_TOO_LARGE' }, attachments: [{ at: '#b' }] }])
    pauses = true
    t.match(await postForm(`${place.url}/cases`, data(3_000_000, 'B')), [503, { code: 'PUSH_UNAVAILABLE', kept: false }])
    t.equal(place.records().length, 1)
  },
)

t.test('the options that docs/attachments.md shows are options', (t) => {
  const page = readFileSync(join(packageRoot, 'docs/attachments.md'), 'utf8')
  const shown = [...page.matchAll(/```yaml\n(options:\n.*?)```/gs)].map(([, text]) => parse(text!).options)
  const pushed = shown.filter(({ listen }) => listen)
  t.equal(pushed.length, 1)
  t.ok(checkedOptions(http as never, pushed[0]))
  t.end()
})

t.test('a large post may be given an hour', async (t) => {
  const place = await open(t, [jsonStream], { timeoutMs: 3_600_000 })
  t.match(await told(await postTo(`${place.url}/cases`, '{"no":"A"}')), [200, {}])
})

t.test('what the options cannot mean is told', (t) => {
  const problemsWith = (stream: object) =>
    checkHttpOptions(checkedOptions(http as never, { listen: { port: 1 }, streams: [jsonStream] }) as never).concat(
      checkHttpOptions({
        ...checkedOptions(http as never, { listen: { port: 1 }, streams: [jsonStream] }),
        streams: [stream],
      } as never),
    )
  const soap = { path: '/s', format: 'soap', stream: 's', key: [], charset: 'utf-8' }
  const xmlString = { kind: 'xml-string', part: "submit/x[@a='b']", reply: {} }
  t.same(
    problemsWith({
      ...soap,
      soap: { kind: 'typed', part: '*/*', reply: {} },
      attachments: { paths: ['A', '/B'], holds: 'fileName' },
    }).map(({ path }) => path),
    ['/streams/0/attachments/paths/1', '/streams/0/attachments/holds'],
  )
  t.same(
    problemsWith({ ...soap, soap: xmlString, attachments: { paths: ['A'] } }).map(({ path }) => path),
    ['/streams/0/soap/part'],
  )
  t.end()
})
