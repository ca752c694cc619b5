import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, type SecureVersion } from 'node:tls'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'
import { isIn, plainAddress, toBlockList } from '../adapters/http/addresses.ts'
import http from '../adapters/http/index.ts'
import { createIntake } from '../adapters/http/intake.ts'
import { digestOf } from '../core/attachments/attachment-files.ts'
import { type Emit, GatewayError, type Receipt, type SourceRecord } from '../core/contract.ts'
import { jsonOptions, postTo, pushed, type Sender, serve } from './contract/push-place.ts'
import {
  checkedOptions,
  collector,
  type LegacySystem,
  schemaCompiler,
  testContext,
  testDescription,
  testReading,
} from './contract/source-contract.ts'
import { temporaryFolder, until } from './temporary.ts'

const run = promisify(execFile)

testDescription(t, 'http', http)

const sender: Sender = { pending: [] }

testReading(t, 'http: JSON from a sender that sends again what was not acknowledged', {
  adapter: pushed(sender, 3),
  faults: [],
  seesChanges: true,
  secrets: [],
  openSystem: async (): Promise<LegacySystem> => {
    sender.pending = []
    return {
      options: await jsonOptions(),
      batchSize: 3,
      put: async (rows) => void sender.pending.push(...rows),
      change: async (id, name) => void sender.pending.push({ id, name }),
      breakDown: async () => undefined,
      mend: async () => undefined,
      keyOf: (id) => id,
    }
  },
})

type Told = { code?: string; zh: string; en: string; hintZh: string; hintEn: string; kept?: boolean; receipts?: Receipt[] }

const toldBy = async (answer: { json(): Promise<unknown> }): Promise<Told> => (await answer.json()) as Told

/** Statuses and codes of answers that refuse; each says in both languages what is wrong and that nothing was kept. */
const checkRefusal = async (t: Test, answer: Response, status: number, reason: RegExp): Promise<void> => {
  const told = await toldBy(answer)
  t.equal(answer.status, status, told.en)
  t.match(told, {
    code: /^PUSH_/,
    kept: false,
    zh: /\p{Script=Han}/u,
    hintZh: /\p{Script=Han}/u,
    en: reason,
    hintEn: /Nothing was kept/,
  })
  t.match(answer.headers.get('content-type'), /^application\/json; charset=utf-8/)
}

const records = ({ batches }: { batches: { records: SourceRecord[] }[] }): SourceRecord[] =>
  batches.flatMap((batch) => batch.records)

const stream = (more: object = {}) => ({ path: '/rows', format: 'json', stream: 'rows', ...more })

t.test('a record has its receipt, and the same again is a duplicate', async (t) => {
  const place = await serve(t, await jsonOptions())
  const post = async (row: object) => toldBy(await postTo(`${place.url}/rows`, JSON.stringify(row)))
  t.same(await post({ id: 'A', n: 1 }), { receipts: [{ key: 'A', outcome: 'stored', recordSeq: 1 }] })
  t.match(await post({ id: 'A', n: 1 }), { receipts: [{ key: 'A', outcome: 'duplicate' }] })
  t.match(await post({ id: 'A', n: 2 }), { receipts: [{ key: 'A', outcome: 'stored' }] })
})

t.test('a list gives one receipt each, in order and in one commit; an empty one has none', async (t) => {
  const place = await serve(
    t,
    await jsonOptions({ streams: [stream({ key: ['id'] }), stream({ path: '/data', key: ['id'], records: '/data' })] }),
  )
  const post = async (path: string, body: unknown) => toldBy(await postTo(place.url + path, JSON.stringify(body)))
  const { receipts } = await post('/rows', [{ id: 'B' }, { id: 'A' }])
  t.same(
    receipts?.map(({ key }) => key),
    ['B', 'A'],
  )
  t.match(await post('/data', { page: 1, data: [{ id: 'C' }] }), { receipts: [{ key: 'C' }] })
  t.equal(place.batches.length, 2)
  t.same(await post('/rows', []), { receipts: [] })
})

t.test('without a key a record is named by its content', async (t) => {
  const place = await serve(t, await jsonOptions({ streams: [stream()] }))
  const post = async (body: string) => (await toldBy(await postTo(`${place.url}/rows`, body))).receipts![0]!
  const first = await post('{"a":1}')
  t.match(first.key, /^[0-9a-f]{64}$/)
  t.match(await post('{"a":1}'), { key: first.key, outcome: 'duplicate' })
  t.not((await post('{"a":2}')).key, first.key)
})

t.test('a number is kept with its digits, and a record as it was written', async (t) => {
  const place = await serve(t, await jsonOptions())
  await postTo(`${place.url}/rows`, '[{"id":12345678901234567890, "x":1.10} ]')
  t.match(records(place), [{ key: '12345678901234567890', body: '{"id":12345678901234567890, "x":1.10}' }])
})

t.test('what is none of its format is kept as it came and given to the gateway under its fault', async (t) => {
  const options = await jsonOptions({
    streams: [stream({ key: ['id'] }), { path: '/xml', format: 'xml', records: 'R/*', stream: 'rows', key: ['id'] }],
  })
  const place = await serve(t, options)
  const post = (path: string, body: string | Uint8Array, type: string) => postTo(place.url + path, body, { 'content-type': type })
  await post('/rows', 'no json', 'application/json')
  await post('/rows', '[{"id":1},{"id":', 'application/json')
  await post('/rows', '{"n":1}', 'application/json')
  await post('/xml', '<R><A><id>2</id></A><B>', 'text/xml')
  await post('/xml', '<Q/>', 'text/xml')
  await post('/xml', Buffer.from([0x3c, 0xff, 0xff]), 'text/xml; charset=gbk')
  t.match(
    records(place).map(({ key, body, fault }) => [typeof body === 'string' ? body : body.byteLength, fault?.code ?? key]),
    [
      ['no json', 'JSON_INVALID'],
      ['{"id":1}', '1'],
      ['[{"id":1},{"id":', 'JSON_INVALID'],
      ['{"n":1}', 'RECORD_UNREADABLE'],
      ['<A><id>2</id></A>', '2'],
      ['<R><A><id>2</id></A><B>', 'XML_INVALID'],
      ['<Q/>', 'RECORD_UNREADABLE'],
      [3, 'CHARSET_INVALID'],
    ],
  )
})

t.test('the charset is that of the transport, then that of the document, then the configured one', async (t) => {
  const options = await jsonOptions({
    streams: [
      { path: '/xml', format: 'xml', stream: '{element}', key: ['id'], charset: 'gb18030' },
      { path: '/json', format: 'json', stream: 'rows', key: ['id'], charset: 'gbk' },
    ],
  })
  const place = await serve(t, options)
  const name = '内蒙古·集宁区㐂𠮷'
  const document = (declared: string) => `<?xml version="1.0" encoding="${declared}"?><SQ><id>${name}</id></SQ>`
  const post = async (path: string, text: string, charset: string, type: string) => {
    const answer = await postTo(place.url + path, iconv.encode(text, charset), { 'content-type': type })
    return (await toldBy(answer)).receipts?.[0]?.key
  }
  t.equal(await post('/xml', document('gbk'), 'gb18030', 'text/xml'), name, 'gbk is read as GB 18030')
  t.equal(await post('/xml', document('gb2312'), 'utf-8', 'text/xml; charset="utf-8"'), name, 'the declaration is past')
  t.equal(await post('/xml', document('utf-8'), 'gb18030', 'application/xml;charset=GB18030'), name)
  t.equal(await post('/xml', `<SQ><id>${name}</id></SQ>`, 'gb18030', 'application/xml'), name, 'as configured')
  t.equal(await post('/json', '{"id":"集宁"}', 'gbk', 'application/json'), '集宁')
  t.equal(await post('/json', '{"id":"集宁"}', 'utf-8', 'application/json; charset=utf-8'), '集宁')
})

t.test('hostile XML and JSON is refused by the readers, and nothing of it is expanded or believed', async (t) => {
  const options = await jsonOptions({
    streams: [stream({ key: ['id'] }), { path: '/xml', format: 'xml', stream: 'rows', key: ['id'] }],
  })
  const place = await serve(t, options)
  const bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><r><id>&b;</id></r>'
  const outside = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r><id>&x;</id></r>'
  const deep = (length: number, open: string, close: string) => open.repeat(length) + close.repeat(length)
  for (const xml of [bomb, outside, deep(20_000, '<a>', '</a>'), '<r><id>&y;</id></r>'])
    await postTo(`${place.url}/xml`, xml, { 'content-type': 'application/xml' })
  for (const json of [deep(20_000, '[', ']'), `{"id":${deep(200, '[', ']')}}`, '{"id":1,"id":2}'])
    await postTo(`${place.url}/rows`, json)
  t.same(
    records(place).map(({ fault }) => fault?.code),
    [...Array(4).fill('XML_INVALID'), ...Array(3).fill('JSON_INVALID')],
  )
  await postTo(`${place.url}/rows`, '{"id":"P","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
  t.equal(records(place).at(-1)?.key, 'P')
  t.equal(({} as { polluted?: number }).polluted, undefined)
})

t.test('what is wrong with the head of a request is told before its body is read', async (t) => {
  const place = await serve(t, await jsonOptions({ maxBodyBytes: 2000, maxHeldBytes: 4000 }))
  const post = (path: string, headers: Record<string, string> = {}, body: string | Uint8Array = '{"id":1}') =>
    postTo(place.url + path, body, headers)
  await checkRefusal(t, await post('/else'), 404, /"POST \/else" cannot be taken: there is no such path/)
  const got = await fetch(`${place.url}/rows?x=1`)
  t.equal(got.headers.get('allow'), 'POST')
  await checkRefusal(t, got, 405, /only POST/)
  await checkRefusal(t, await fetch(`${place.url}/rows`, { method: 'PUT', body: '{}' }), 405, /only POST/)
  await checkRefusal(
    t,
    await post('/rows', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    /must be application\/json/,
  )
  await checkRefusal(t, await post('/rows', { 'content-type': 'application/json; charset=klingon' }), 415, /"klingon" is unknown/)
  await checkRefusal(t, await post('/rows', { 'content-encoding': 'br' }), 415, /gzip or deflate/)
  await checkRefusal(t, await post('/rows', {}, ''), 400, /no body/)
  await checkRefusal(t, await post('/rows', {}, ' '.repeat(2001)), 413, /2000 bytes/)
  await checkRefusal(t, await post('/rows', { 'content-encoding': 'gzip' }, gzipSync(' '.repeat(500_000))), 413, /2000 bytes/)
  await checkRefusal(t, await post('/rows', { 'content-encoding': 'gzip' }, 'no gzip'), 400, /damaged/)
  t.equal(place.batches.length, 0)
  for (const [encoding, body] of [
    ['gzip', gzipSync('{"id":1}')],
    ['identity', '{"id":1}'],
  ] as const)
    t.equal((await post('/rows', { 'content-encoding': encoding }, body)).status, 200, encoding)
})

t.test('a post of more records than may be is refused before the rest is read, and nothing of it is taken', async (t) => {
  const streams = [stream({ key: ['id'] }), { path: '/xml', format: 'xml', records: 'R/*', stream: 'rows' }]
  const soap = { path: '/soap', format: 'soap', records: 'R/*', stream: 'rows', soap: { kind: 'typed' } }
  const place = await serve(t, await jsonOptions({ maxRecords: 3, streams: [...streams, soap] }))
  const row = (n: number) => ({ id: n })
  t.equal((await postTo(`${place.url}/rows`, JSON.stringify([1, 2, 3].map(row)))).status, 200)
  await checkRefusal(t, await postTo(`${place.url}/rows`, JSON.stringify([4, 5, 6, 7].map(row))), 413, /more than maxRecords, 3/)
  const list = `<R>${'<a/>'.repeat(1_000_000)}</R>`
  await checkRefusal(t, await postTo(`${place.url}/xml`, list, { 'content-type': 'text/xml' }), 413, /more than maxRecords/)
  const few = `<R>${'<a/>'.repeat(4)}</R>`
  const envelope = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${few}</e:Body></e:Envelope>`
  await checkRefusal(t, await postTo(`${place.url}/soap`, envelope, { 'content-type': 'text/xml' }), 413, /more than maxRecords/)
  t.equal(place.batches.length, 1)
})

t.test('what is sent to no path is not read', async (t) => {
  const place = await serve(t, await jsonOptions())
  const socket = await openSocket(t, place.url)
  socket.write(head(1_000_000).replace('/rows', '/else'))
  await until('it is answered before its body comes', () => /404 .*PUSH_REFUSED/s.test(socket.said()))
})

/** `hasClosed` is listened for from the beginning: whoever waits for it later waits in vain for what has been. */
const openSocket = async (t: Test, url: string): Promise<Socket & { said(): string; hasClosed: Promise<void> }> => {
  const socket = connectTcp(Number(new URL(url).port), '127.0.0.1')
  let said = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  const hasClosed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve())
  })
  await once(socket, 'connect')
  return Object.assign(socket, { said: () => said, hasClosed })
}

const head = (length: number) =>
  `POST /rows HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

t.test('a sender that is too slow, or speaks no HTTP, is told so and cut off', async (t) => {
  const place = await serve(t, await jsonOptions({ timeoutMs: 300 }))
  const [slow, silent, other] = await Promise.all([openSocket(t, place.url), openSocket(t, place.url), openSocket(t, place.url)])
  slow.write(`${head(100)}{"id":`)
  silent.write('POST /rows HTTP/1.1\r\nhost: x\r\n')
  other.write('EHLO department\r\n\r\n')
  await Promise.all([slow, silent, other].map(({ hasClosed }) => hasClosed))
  for (const socket of [slow, silent]) t.match(socket.said(), /^HTTP\/1.1 408 .*"code":"PUSH_REFUSED".*timeoutMs/s)
  t.match(other.said(), /^HTTP\/1.1 400 .*"code":"PUSH_REFUSED"/s)
  t.equal(place.batches.length, 0)
})

t.test('of a request whose sender goes away in the middle nothing is stored', async (t) => {
  const place = await serve(t, await jsonOptions({ maxRequests: 1 }))
  const socket = await openSocket(t, place.url)
  socket.write(`${head(100)}[{"id":1},`)
  await until('its place is taken', async () => (await postTo(`${place.url}/rows`, '[]')).status === 503)
  socket.destroy()
  await until('its place is free again', async () => (await postTo(`${place.url}/rows`, '{"id":2}')).status === 200)
  t.same(place.keys(), ['2'])
})

/** An `emit` that holds each batch until it is let go. */
const holding = () => {
  const gateway = collector()
  const held: (() => void)[] = []
  const emit: Emit = async (batch) => {
    await new Promise<void>((resolve) => held.push(resolve))
    return gateway.emit(batch)
  }
  return { gateway, held, emit }
}

t.test('what is under way is bounded in number and in bytes: more is asked to come again', async (t) => {
  const { held, emit } = holding()
  const place = await serve(t, await jsonOptions({ maxRequests: 2, maxBodyBytes: 2000, maxHeldBytes: 3000 }), { emit })
  const post = (body: string) => postTo(`${place.url}/rows`, body)
  const first = post(JSON.stringify({ id: 'A', x: 'x'.repeat(1600) }))
  await until('it is being stored', () => held.length === 1)
  const tooMuch = await post(JSON.stringify({ id: 'B', x: 'x'.repeat(1600) }))
  t.equal(tooMuch.headers.get('retry-after'), '10')
  await checkRefusal(t, tooMuch, 503, /as many posts as may be/)
  const second = post('{"id":"C"}')
  await until('no third has a place', async () => (await post('{"id":"D"}')).status === 503)
  held[0]!()
  t.equal((await first).status, 200)
  await until('the next is being stored', () => held.length === 2)
  held[1]!()
  t.equal((await second).status, 200)
})

t.test('posts that come while one is stored share the next commit, each with its own receipts', async (t) => {
  const gateway = collector()
  const store = createIntake(gateway.emit)
  const post = (...keys: string[]) =>
    store(keys.map((key) => ({ stream: 'rows', key, body: '{}', contentType: 'application/json' })))
  const receipts = await Promise.all([post('A'), post('B', 'C'), post('D')])
  t.match(receipts, [[{ key: 'A' }], [{ key: 'B' }, { key: 'C' }], [{ key: 'D' }]])
  t.equal(gateway.batches.length, 2)
})

t.test('while the gateway takes nothing, a sender is asked to come again and nothing is acknowledged', async (t) => {
  const gateway = collector()
  let isClosed = true
  const emit: Emit = async (batch, options) => {
    t.same(options, { wait: false })
    if (isClosed) throw GatewayError.of('STORE_DISK_LOW', { file: '/secret/place', reserveBytes: 1 })
    return gateway.emit(batch)
  }
  const place = await serve(t, await jsonOptions(), { emit })
  const refused = await postTo(`${place.url}/rows`, '{"id":1}')
  t.equal(refused.headers.get('retry-after'), '10')
  await checkRefusal(t, refused, 503, /STORE_DISK_LOW/)
  isClosed = false
  t.match(await toldBy(await postTo(`${place.url}/rows`, '{"id":1}')), { receipts: [{ outcome: 'stored' }] })
})

t.test('a failure of our own is no acknowledgement: the sender is told nothing of it, the operator all', async (t) => {
  const warnings: GatewayError[] = []
  const emit: Emit = () => Promise.reject(new Error('a bug at /secret/place'))
  const place = await serve(t, await jsonOptions(), { emit, warnings })
  const answer = await postTo(`${place.url}/rows`, '{"id":1}')
  t.equal(answer.headers.get('retry-after'), '10')
  await checkRefusal(t, answer, 500, /see its log/)
  t.match(warnings, [{ code: 'UNEXPECTED', values: { reason: 'a bug at /secret/place' } }])
})

t.test('when it stops, those under way get their answer, and no other is taken', async (t) => {
  const { held, emit } = holding()
  const place = await serve(t, await jsonOptions({ maxRequests: 2 }), { emit })
  const idle = await openSocket(t, place.url)
  const kept = await openSocket(t, place.url)
  const under = postTo(`${place.url}/rows`, '{"id":"A"}')
  await until('it is being stored', () => held.length === 1)
  kept.write(`${head(8)}{"id"`)
  await until('both have their place', async () => (await postTo(`${place.url}/rows`, '[]')).status === 503)
  const stopped = place.stop()
  await t.rejects(postTo(`${place.url}/rows`, '{"id":"B"}'))
  kept.write(':2}')
  held[0]!()
  t.match(await toldBy(await under), { receipts: [{ key: 'A', outcome: 'stored' }] })
  await until('what came to its end is being stored, too', () => held.length === 2)
  held[1]!()
  await Promise.all([kept.hasClosed, idle.hasClosed])
  t.match(kept.said(), /HTTP\/1.1 200 .*"key":"2"/s)
  await stopped
})

t.test('a token is good as Bearer, as password of HTTP Basic or in a header of its own, and any of several', async (t) => {
  const tokens = [{ value: 'token-of-last-year' }, { value: 'token-of-this-year' }]
  const place = await serve(t, await jsonOptions({ tokens }))
  const post = (headers: Record<string, string>) => postTo(`${place.url}/rows`, '{"id":1}', headers)
  const basic = (token: string) => `Basic ${Buffer.from(`gateway:${token}`).toString('base64')}`
  for (const { value } of tokens) {
    t.equal((await post({ authorization: `Bearer ${value}` })).status, 200)
    t.equal((await post({ authorization: basic(value) })).status, 200)
  }
  const missing = await post({})
  t.equal(missing.headers.get('www-authenticate'), 'Bearer')
  await checkRefusal(t, missing, 401, /there is no token/)
  for (const authorization of ['Bearer token-of-next-year', basic(''), 'Bearer ', 'token-of-this-year', 'Digest x'])
    await checkRefusal(t, await post({ authorization }), 401, /the token is wrong/)
  await checkRefusal(t, await fetch(`${place.url}/else`), 401, /there is no token/)

  const other = await serve(t, await jsonOptions({ tokens, tokenHeader: 'X-Token' }))
  t.equal((await postTo(`${other.url}/rows`, '{"id":1}', { 'x-token': 'token-of-this-year' })).status, 200)
  await checkRefusal(
    t,
    await postTo(`${other.url}/rows`, '{"id":1}', { authorization: 'Bearer token-of-this-year' }),
    401,
    /X-Token/,
  )
})

t.test('only listed addresses and networks may push', async (t) => {
  for (const [addresses, status] of [
    [['10.0.0.1', '127.0.0.0/8'], 200],
    [['127.0.0.1'], 200],
    [['10.0.0.0/8', '::1', '127.0.0.2'], 403],
  ] as const) {
    const place = await serve(t, await jsonOptions({ addresses }))
    t.equal((await postTo(`${place.url}/rows`, '{"id":1}')).status, status, addresses.join())
  }
  const list = toBlockList(['10.15.0.0/16', 'fd00::/8'])!
  t.ok(isIn(list, plainAddress('::ffff:10.15.1.2')), 'IPv4 through a socket of IPv6')
  t.ok(isIn(list, 'fd12::1'))
  t.notOk(isIn(list, plainAddress('::ffff:10.16.1.2')))
})

t.test('the operator hears of denied senders, once in a while', async (t) => {
  const warnings: GatewayError[] = []
  const place = await serve(t, await jsonOptions({ addresses: ['10.0.0.1'] }), { warnings })
  for (let n = 0; n < 3; n++) await postTo(`${place.url}/rows`, '{"id":1}')
  t.match(warnings, [{ code: 'PUSH_DENIED' }])
  t.equal(warnings.length, 1)
})

/** A CA, a server, two clients of that CA and one of another. */
const certificates = async (t: Test) => {
  const folder = temporaryFolder(t)
  const openssl = (...words: string[]) => run('openssl', words, { cwd: folder })
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', '2', '-nodes']
  const make = (name: string, subject: string, ...more: string[]) =>
    openssl('req', '-x509', ...ec, ...more, '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.pem`)
  const signedBy = (ca: string) => ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`]
  await Promise.all([make('ca', '/CN=test ca'), make('other', '/CN=other ca')])
  await Promise.all([
    make('server', '/CN=gateway', ...signedBy('ca'), '-addext', 'subjectAltName=IP:127.0.0.1'),
    make('housing', '/O=department/CN=housing', ...signedBy('ca')),
    make('market', '/O=department/CN=market', ...signedBy('ca')),
    make('forged', '/O=department/CN=housing', ...signedBy('other')),
  ])
  return {
    file: (name: string) => join(folder, name),
    client: (name?: string) => ({
      ca: readFileSync(join(folder, 'ca.pem')),
      ...(name && { cert: readFileSync(join(folder, `${name}.pem`)), key: readFileSync(join(folder, `${name}.key`)) }),
    }),
  }
}

t.test('with TLS a sender proves by its certificate who it is, and is told what is wrong with it', async (t) => {
  const { file, client } = await certificates(t)
  const tls = { cert: file('server.pem'), key: file('server.key'), clientCa: file('ca.pem'), clientNames: ['housing'] }
  const place = await serve(t, await jsonOptions({ tls }))
  const post = async (name?: string) => {
    const dispatcher = new Agent({ connect: client(name) })
    t.teardown(() => dispatcher.destroy())
    const { statusCode, body } = await request(`${place.url}/rows`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"id":1}',
    })
    return [statusCode, await toldBy(body)]
  }
  t.match(await post('housing'), [200, { receipts: [{ key: '1' }] }])
  t.match(await post(), [403, { code: 'PUSH_DENIED', en: /no client certificate/ }])
  t.match(await post('market'), [403, { code: 'PUSH_DENIED', en: /"market" of the certificate/ }])
  t.match(await post('forged'), [403, { code: 'PUSH_DENIED', en: /is not trusted/ }])
  t.equal(place.batches.length, 1)
})

t.test('a session that began without a certificate cannot be resumed as one that had it', async (t) => {
  const { file, client } = await certificates(t)
  const tls = { cert: file('server.pem'), key: file('server.key'), clientCa: file('ca.pem') }
  const place = await serve(t, await jsonOptions({ tls }))
  const { port } = new URL(place.url)
  const open = async (maxVersion: SecureVersion, session?: Buffer) => {
    const socket = connectTls({ host: '127.0.0.1', port: Number(port), ...client(), maxVersion, ...(session && { session }) })
    t.teardown(() => socket.destroy())
    let said = ''
    let ticket: Buffer | undefined
    socket.on('session', (given: Buffer) => {
      ticket = given
    })
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await once(socket, 'secureConnect')
    socket.write(`${head(8)}{"id":1}`)
    await until('it is answered', () => said.includes('receipts') || said.includes('PUSH_'))
    return { said, session: ticket ?? socket.getSession(), isReused: socket.isSessionReused() }
  }
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = await open(version)
    const second = await open(version, first.session)
    t.match(
      [first.said, second.said],
      [/no client certificate/, /no client certificate/],
      `${version}, reused: ${second.isReused}`,
    )
  }
  t.equal(place.batches.length, 0)
})

t.test('a port, an address or a certificate that cannot be used is told with its reason', async (t) => {
  const { file } = await certificates(t)
  const failing = async (options: Awaited<ReturnType<typeof jsonOptions>>) => {
    const source = http.openSource(checkedOptions(http, options) as never, testContext())
    const signal = new AbortController().signal
    const [error, steps] = [
      await source
        .run(collector().emit, { checkpoint: undefined, signal, keep: digestOf, describe: () => undefined })
        .catch((thrown: unknown) => thrown as GatewayError),
      await source.probe(signal),
    ]
    await source.close()
    const failed = steps.find(({ ok }) => !ok)
    t.equal(failed?.error?.code, (error as GatewayError).code)
    return error as GatewayError
  }
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  t.match(await failing(await jsonOptions({ listen: { port } })), {
    code: 'SOURCE_PORT_UNUSABLE',
    message: /another program uses the port/,
  })
  const away = { host: '192.0.2.1', openToEveryone: true, allowPlaintext: true }
  t.match(await failing(await jsonOptions({ listen: away })), {
    code: 'SOURCE_PORT_UNUSABLE',
    message: /does not have the address/,
  })
  const [cert, key] = [file('server.pem'), file('server.key')]
  t.match(await failing(await jsonOptions({ tls: { cert: file('none.pem'), key } })), { code: 'CONFIG_UNREADABLE' })
  t.match(await failing(await jsonOptions({ tls: { cert, key: file('market.key') } })), { code: 'SOURCE_OPTIONS_INVALID' })

  const served = await jsonOptions({ tls: { cert, key, clientCa: file('ca.pem') } })
  await serve(t, served)
  const source = http.openSource(checkedOptions(http, served) as never, testContext())
  t.match(await source.probe(new AbortController().signal), [
    { ok: true, detail: /CN=gateway, until/ },
    { ok: true, detail: /in use by a gateway/ },
  ])
  const inThreeDays = { ...testContext(), now: () => Date.now() + 3 * 86_400_000 }
  const old = http.openSource(checkedOptions(http, served) as never, inThreeDays)
  t.match(await old.probe(new AbortController().signal), [
    { ok: false, error: { message: /已于 .* 过期.*ran out/ } },
    { ok: true },
  ])
})

t.test('what would open the gateway by accident, or cannot work, does not lint', async (t) => {
  const base = { listen: { port: 8480 }, streams: [stream()] }
  const problems = (changes: object) => {
    const options = structuredClone({ ...base, ...changes })
    t.ok(schemaCompiler().compile(http.options)(options))
    return (http.checkOptions?.(options as never) ?? []).map(({ path }) => path)
  }
  const tls = { cert: 'a', key: 'b' }
  const tokens = [{ value: 'x'.repeat(16) }]
  const all = { port: 8480, host: '0.0.0.0' }
  t.same(problems({}), [])
  t.same(problems({ listen: { port: 8480, host: '127.3.2.1' } }), [])
  t.same(problems({ listen: { port: 8480, host: '::1' } }), [])
  t.same(problems({ listen: { port: 8480, host: 'localhost' } }), ['/listen/host'])
  t.same(problems({ listen: all }), ['/tls', '/tokens'])
  t.same(problems({ listen: all, tls }), ['/tokens'])
  t.same(problems({ listen: all, tokens }), ['/tls'])
  t.same(problems({ listen: all, tls, tokens }), [])
  t.same(problems({ listen: all, tls, addresses: ['10.0.0.0/8'] }), [])
  t.same(problems({ listen: all, tls: { ...tls, clientCa: 'c' } }), [])
  t.same(problems({ listen: { ...all, allowPlaintext: true, openToEveryone: true } }), [])
  t.same(problems({ tls: { ...tls, clientNames: ['x'] } }), ['/tls/clientCa'])
  t.same(problems({ addresses: ['10.0.0.1', '10.0.0.0/33', 'host', '::/0'] }), ['/addresses/1', '/addresses/2'])
  t.same(problems({ maxHeldBytes: 2000 }), ['/maxHeldBytes'])
  const streams = (...more: object[]) => problems({ streams: more.map((each) => stream(each)) })
  t.same(streams({}, { path: '/b' }, {}), ['/streams/2/path'])
  t.same(streams({ records: 'data' }), ['/streams/0/records'])
  t.same(streams({ format: 'xml', records: '/data' }), ['/streams/0/records'])
  t.same(streams({ stream: '{element}' }), ['/streams/0/stream'])
  t.same(streams({ charset: 'klingon' }), ['/streams/0/charset'])
  t.same(streams({ key: ['a['] }), ['/streams/0/key/0'])
  t.same(streams({ format: 'soap' }), ['/streams/0/soap'])
  t.same(streams({ soap: { kind: 'typed' } }), ['/streams/0/soap'])
  t.same(streams({ format: 'soap', soap: { kind: 'typed', reply: { failed: 'x' } } }), ['/streams/0/soap/reply/failed'])
  t.same(streams({ format: 'soap', soap: { kind: 'xml-string', part: '[' } }), ['/streams/0/soap/part'])
})
