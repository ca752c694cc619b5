/** Attachments inside of XML and SOAP, in base64 and beside it by MTOM: posted to the gateway, and in answers to it. */
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createClientAsync } from 'soap'
import t, { type Test } from 'tap'
import soap from '../adapters/soap/index.ts'
import { checkSoapOptions } from '../adapters/soap/options.ts'
import { digestOf } from '../core/attachments/digest-of.ts'
import { decodeBase64 } from '../core/codec/base64.ts'
import { type LiftPlaces, liftBytes, liftPlaces } from '../core/codec/lift-places.ts'
import { encodeText, type Keep, parseXml, type SourceRecord } from '../core/contract.ts'
import { jsonOptions, postTo, serve } from './contract/push-place.ts'
import { envelope, include, listWsdl, mtom, mtomType, part, root } from './contract/soap-messages.ts'
import { checkedOptions, collector, runOnce, withSource } from './contract/source-contract.ts'
import { temporaryFolder } from './temporary.ts'

const keptOf = (bytes: Uint8Array) => ({
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  size: bytes.length,
})

const shownOf = (bytes: Uint8Array): string => `digest="${keptOf(bytes).digest}" size="${bytes.length}"/>`

/** In lines, as MIME software writes it. */
const inLines = (bytes: Buffer): string => bytes.toString('base64').replace(/.{76}/g, '$&\r\n')
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const lifted = async (bytes: Uint8Array, places: LiftPlaces, size: number) => {
  const taken: string[] = []
  const left: Buffer[] = []
  const lifting = liftBytes(cut(bytes, size), places, async (pieces) => {
    let text = ''
    for await (const piece of pieces) text += piece
    taken.push(text)
    return `[${taken.length}]`
  })
  for await (const piece of lifting) left.push(piece)
  return { taken, left: Buffer.concat(left) }
}

t.test('a text is lifted where it stands and nowhere else, however the bytes are cut', async (t) => {
  const document =
    '<?xml version="1.0" encoding="GBK"?><R><!-- <SB><F>no</F></SB> --><?p <SB><F>no</F></SB>?><![CDATA[<SB><F>no</F></SB>]]>' +
    '<F>no</F><SB a="/>"><x:办件 q=\'>\'><F\n k="1">  甲&#13;\n乙 </F><F/><F></F><F> </F><F><![CDATA[丙<]]></F><F><G>no</G></F></x:办件><办件><F>丁</办件></SB></R>'
  const places = liftPlaces({ records: 'R/SB', paths: ['办件/F'] })
  for (const charset of ['utf-8', 'gb18030'])
    for (const size of [1, 2, 7, 64, 1000]) {
      const { taken, left } = await lifted(encodeText(document, charset), places, size)
      const expected = document.replace('甲&#13;\n乙 ', '[1]').replace('丙<', '[2]').replace('丁', '[3]')
      const read = (text: string): string => Buffer.from(encodeText(text, charset)).toString('latin1')
      t.same(taken, ['甲&#13;\n乙 ', '丙<', '丁'].map(read), `${charset} in pieces of ${size}`)
      t.equal(left.toString('latin1'), read(expected))
    }
})

t.test('of a document that is the text of another the same is lifted, in CDATA and escaped', async (t) => {
  const document = '<R><SB a="x>y"><!-- <F>no</F> --><F>one</F><F><G/></F></SB></R>'
  const places = liftPlaces({ document: 'Envelope/Body/*/xml', records: 'R/SB', paths: ['F'] })
  const envelope = (inner: string): Buffer =>
    Buffer.from(`<s:Envelope><s:Body><submit><F>no</F><xml>\n${inner}</xml><SB><F>no</F></SB></submit></s:Body></s:Envelope>`)
  for (const wrap of [
    (text: string) => `<![CDATA[${text}]]>`,
    escaped,
    (text: string) => escaped(text).replaceAll('&lt;', '&#60;'),
  ])
    for (const size of [1, 5, 1000]) {
      const { taken, left } = await lifted(envelope(wrap(document)), places, size)
      t.same(taken, ['one'])
      t.equal(left.toString(), envelope(wrap(document.replace('one', '[1]'))).toString())
    }
})

t.test('what is no document goes through as it came', async (t) => {
  const places = liftPlaces({ records: 'R', paths: ['F'] })
  for (const text of [
    '',
    'no xml',
    '<',
    '<R',
    '<!DOCTYPE R [<!ENTITY a "<R><F>x</F></R>">]><R/>',
    `<R ${'a'.repeat(200_000)}`,
    '<R></R></R><R>',
  ])
    t.equal((await lifted(Buffer.from(text), places, 1000)).left.toString(), text, text.slice(0, 20))
  const { taken } = await lifted(Buffer.from('<R><F>x</F></R>', 'utf16le'), places, 3)
  t.same(taken, [])
})

t.test('base64 is decoded as it must be written, or not at all', async (t) => {
  const decode = async (...pieces: string[]): Promise<string> => {
    const bytes: Buffer[] = []
    for await (const piece of decodeBase64(pieces, 'F')) bytes.push(piece)
    return Buffer.concat(bytes).toString('hex')
  }
  t.equal(await decode('AA', 'E', 'C\r\n A&#13;w=', '='), '00010203')
  t.equal(await decode('AAE=&amp;#xD;'), '0001')
  t.equal(await decode(' '), '')
  const wrong: [pieces: string[], en: RegExp][] = [
    [['AAEC-w=='], /its character 5 is "-"/],
    [['AAEC', 'A_=='], /its character 6 is "_"/],
    [['AAECA'], /it breaks off after 5 characters/],
    [['AAE'], /it breaks off after 3 characters/],
    [['AAE=AAEC'], /its character 4 is "="/],
    [['AAE=', 'AAEC'], /its character 5 is "A"/],
    [['AAE=', 'A'], /its character 5 is "A"/],
    [['A==='], /its character 2 is "="/],
    [['AAF='], /bits too many/],
    [['AB=='], /bits too many/],
    [['甲AEC'], /its character 1 is "甲"/],
    [['<F>'], /its character 1 is "<"/],
  ]
  for (const [pieces, en] of wrong)
    await t.rejects(decode(...pieces), { code: 'ATTACHMENT_UNREADABLE', message: en }, pieces.join('|'))
})

const soapStream = (kind: 'typed' | 'xml-string', more: object = {}) => ({
  ...{ path: '/push', format: 'soap', stream: 'SB', key: ['NO'], soap: { kind }, attachments: { paths: ['CL/BODY'] } },
  records: kind === 'typed' ? 'submit/SB' : 'R/SB',
  ...more,
})

const open = async (t: Test, stream: object, more: object = {}, keep: Keep = digestOf) => {
  const place = await serve(t, await jsonOptions({ streams: [stream], ...more }), { keep })
  return { ...place, records: (): SourceRecord[] => place.batches.flatMap(({ records }) => records) }
}

const sb = (no: string, ...contents: string[]): string =>
  `<SB><NO>${no}</NO>${contents.map((content) => `<CL><BODY kind="1">${content}</BODY></CL>`).join('')}</SB>`

const post = async (url: string, body: string | Uint8Array, type = 'text/xml; charset=utf-8') => {
  const answer = await postTo(url, body, { 'content-type': type })
  return { status: answer.status, text: await answer.text() }
}

t.test('base64 in a SOAP message is kept, and the record is what it is without it', async (t) => {
  const place = await open(t, soapStream('typed'), { maxBodyBytes: 20_000 })
  const [one, two] = [randomBytes(3_000_001), randomBytes(7)]
  const message = envelope(`<submit>${sb('A', inLines(one), two.toString('base64'), ' ')}${sb('B')}</submit>`)
  t.match(await post(`${place.url}/push`, message), { status: 200, text: /<key>B<\/key><outcome>stored/ })
  const [a, b] = place.records()
  t.match(
    a!.body,
    `<CL><BODY kind="1" ${shownOf(one)}</CL><CL><BODY kind="1" ${shownOf(two)}</CL><CL><BODY kind="1"> </BODY></CL>`,
  )
  t.same(a!.value, parseXml(a!.body as string))
  t.same(a!.attachments, [
    { at: 'CL/BODY#0', ...keptOf(one) },
    { at: 'CL/BODY#1', ...keptOf(two) },
  ])
  t.notOk(b!.attachments)
  t.match((await post(`${place.url}/push`, message)).text, /<key>A<\/key><outcome>duplicate/, 'the same again')
  const zipped = await postTo(`${place.url}/push`, gzipSync(message), { 'content-type': 'text/xml', 'content-encoding': 'gzip' })
  t.match(await zipped.text(), /<key>A<\/key><outcome>duplicate/)
  const damaged = gzipSync(message).subarray(0, 1000)
  const broken = await postTo(`${place.url}/push`, damaged, { 'content-type': 'text/xml', 'content-encoding': 'gzip' })
  t.match(await broken.json(), { code: 'PUSH_REFUSED', en: /compressed body is damaged/ })
  const large = envelope(`<submit>${sb('A'.repeat(20_000))}</submit>`)
  t.match(await post(`${place.url}/push`, large), { status: 413, text: /maxBodyBytes/ })
})

t.test('base64 in a document that a SOAP message has as a string, in GBK, is kept, too', async (t) => {
  const place = await open(t, soapStream('xml-string', { charset: 'GBK' }), { maxBodyBytes: 20_000 })
  const bytes = randomBytes(200_000)
  const inner = `<?xml version="1.0"?><R><!-- 办件 -->${sb('集宁', inLines(bytes))}</R>`
  for (const string of [`<![CDATA[${inner}]]>`, escaped(inner)]) {
    const message = encodeText(envelope(`<submit><xml>${string}</xml></submit>`), 'GBK')
    t.match(await post(`${place.url}/push`, message, 'text/xml; charset=GBK'), { status: 200 })
  }
  t.match(place.records(), [
    { key: '集宁', body: `<SB><NO>集宁</NO><CL><BODY kind="1" ${shownOf(bytes)}</CL></SB>`, attachments: [keptOf(bytes)] },
    { key: '集宁' },
  ])
  t.equal(place.records()[0]!.body, place.records()[1]!.body)
})

t.test('base64 that is none quarantines its record under where it stands; its neighbours are stored', async (t) => {
  const place = await open(t, {
    path: '/push',
    format: 'xml',
    records: 'R/SB',
    stream: 'SB',
    key: ['NO'],
    attachments: { paths: ['CL/BODY'], holds: 'base64' },
  })
  const bad = ['QUJ', 'QU!D', 'QUJD<!-- -->QUJD', 'QUJD<X/>', 'cid:none', '<X/>']
  const { status, text } = await post(
    `${place.url}/push`,
    `<R>${bad.map((content, n) => sb(`N${n}`, content)).join('')}${sb('G', 'QUJD')}</R>`,
  )
  t.equal(status, 422)
  t.match(text, /附件“CL\/BODY”读不出/)
  t.same(
    place.records().map(({ fault }) => fault && `${fault.code} ${fault.text.en}`),
    [
      'ATTACHMENT_UNREADABLE cannot read the attachment "CL/BODY": it is no base64: it breaks off after 3 characters',
      'ATTACHMENT_UNREADABLE cannot read the attachment "CL/BODY": it is no base64: its character 3 is "!"',
      'ATTACHMENT_UNREADABLE cannot read the attachment "CL/BODY": it is no base64: its character 7 is ":"',
      'ATTACHMENT_UNREADABLE cannot read the attachment "CL/BODY": other elements stand there',
      'ATTACHMENT_UNREADABLE cannot read the attachment "CL/BODY": it is no base64: its character 4 is ":"',
      'ATTACHMENT_UNREADABLE cannot read the attachment "CL/BODY": other elements stand there',
      undefined,
    ],
  )
  t.match(
    await post(`${place.url}/push`, '<R><SB><NO>H</NO><CL><BODY>QUJD'),
    { status: 422, text: /XML_INVALID/ },
    'it breaks off in the middle',
  )
})

t.test('base64 in JSON is kept, within the limit of the body', async (t) => {
  const stream = { path: '/push', format: 'json', stream: 's', attachments: { paths: ['m/body'], holds: 'base64' } }
  const place = await open(t, stream)
  const bytes = randomBytes(1000)
  const body = JSON.stringify([{ m: [{ body: bytes.toString('base64') }] }, { m: [{ body: 'x' }] }])
  t.match(await post(`${place.url}/push`, body, 'application/json'), { status: 422, text: /breaks off after 1 char/ })
  t.same(JSON.parse(place.records()[0]!.body as string), { m: [{ body: keptOf(bytes) }] })
})

t.test('MTOM: what is beside the message is kept, and is the same as if it stood in it', async (t) => {
  const place = await open(t, soapStream('typed', { key: [] }))
  const [one, two] = [randomBytes(500_000), randomBytes(9)]
  const body = (a: string, b: string): string => `<submit>${sb('A', include(a), ` ${include(b)} `)}</submit>`
  const first = mtom([
    root(body('1%40x', '二')),
    [part('1@x'), one],
    [part('二', '\r\nContent-Transfer-Encoding: base64'), inLines(two)],
  ])
  t.match(await post(`${place.url}/push`, first, mtomType), { status: 200, text: /<outcome>stored/ })
  t.match(place.records()[0], {
    body: `<NO>A</NO><CL><BODY kind="1" ${shownOf(one)}</CL><CL><BODY kind="1" ${shownOf(two)}</CL></SB>`,
    attachments: [
      { at: 'CL/BODY#0', ...keptOf(one), mediaType: 'application/pdf' },
      { at: 'CL/BODY#1', ...keptOf(two), mediaType: 'application/pdf' },
    ],
  })
  const behind = mtom([[part('9'), one], root(body('9', '8')), [part('8'), two]])
  t.match(
    await post(`${place.url}/push`, behind, mtomType),
    { text: /<outcome>duplicate/ },
    'under other names, the message behind',
  )
  const inside = envelope(`<submit>${sb('A', inLines(one), two.toString('base64'))}</submit>`)
  t.match(await post(`${place.url}/push`, inside), { text: /<outcome>duplicate/ }, 'and without MTOM')
})

t.test('MTOM as node-soap sends it is taken', async (t) => {
  const place = await open(t, soapStream('typed', { soap: { kind: 'typed', operation: 'submit' } }))
  const client = await createClientAsync(`${place.url}/push?wsdl`, { disableCache: true })
  const bytes = randomBytes(100_000)
  const attachments = [{ mimetype: 'application/pdf', contentId: 'scan-1', name: 'scan.pdf', body: bytes }]
  const message = { SB: { NO: 'A', CL: { BODY: { $xml: include('scan-1') } } } }
  const [result] = await (
    client as unknown as { submitAsync(m: object, o: object): Promise<[{ receipt: object[] }]> }
  ).submitAsync(message, { attachments, forceMTOM: true })
  t.match(result.receipt, [{ key: 'A', outcome: 'stored' }])
  t.match(place.records(), [{ attachments: [keptOf(bytes)] }])
})

t.test('MTOM: a part that is missing is the fault of its record; one too many, or no such body, is refused', async (t) => {
  const place = await open(t, soapStream('typed'))
  const missing = mtom([root(`<submit>${sb('A', include('1'), include('none'))}</submit>`), [part('1'), 'x']])
  t.match(await post(`${place.url}/push`, missing, mtomType), { status: 500, text: /ATTACHMENT_MISSING.*cid:none/s })
  t.match(place.records(), [{ key: 'A', fault: { code: 'ATTACHMENT_MISSING' }, attachments: [{ at: 'CL/BODY#0', size: 1 }] }])
  const good = root(`<submit>${sb('A', include('1'))}</submit>`)
  const wrong: [body: Buffer, status: number, en: RegExp, type?: string][] = [
    [mtom([good, [part('1'), 'x'], [part('2'), 'x']]), 400, /no record names .* what came with it: cid:2/],
    [mtom([good, [part('1'), 'x'], [part('1'), 'x']]), 400, /two parts have the Content-ID "1"/],
    [mtom([good, good]), 400, /two root parts/],
    [mtom([[part('1'), 'x']]), 400, /no root part/],
    [mtom([good, ['Content-Type: application/pdf', 'x']]), 400, /a part has no Content-ID/],
    [mtom([[part('root'), 'x']]), 400, /must be application\/xop\+xml/],
    [mtom([good, [part('1'), 'x']], ''), 400, /does not end with its boundary/],
    [mtom([good]), 415, /must be multipart\/related, text\/xml/, 'multipart/form-data; boundary=m'],
  ]
  for (const [body, status, en, type = mtomType] of wrong) {
    const answer = await postTo(`${place.url}/push`, body, { 'content-type': type })
    t.match(
      [answer.status, await answer.json()],
      [status, { code: 'PUSH_REFUSED', kept: false, en, zh: /\p{Script=Han}/u }],
      String(en),
    )
  }
  t.equal(place.records().length, 1)
})

interface Served {
  body: Uint8Array | string
  type?: string
  headers?: Record<string, string>
  /** The connection breaks behind so many bytes. */
  breakAt?: number
}

/** A service that answers what it is told to. */
const openService = async (t: Test) => {
  let next: Served = { body: '' }
  const server = createServer((request, response) => {
    request.resume()
    const { body, type = 'text/xml; charset=utf-8', headers, breakAt } = next
    const bytes = Buffer.from(body)
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length, ...headers })
    if (breakAt === undefined) response.end(bytes)
    else response.write(bytes.subarray(0, breakAt), () => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'list.wsdl'), listWsdl)
  const read = async (served: Served, more: object = {}, keep: Keep = digestOf): Promise<SourceRecord[]> => {
    next = served
    const kept = collector()
    const options = {
      wsdl: join(folder, 'list.wsdl'),
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      ...{ operation: 'list', answer: { kind: 'typed', records: 'listResponse/SB' }, stream: 'SB', key: ['NO'], timeoutMs: 5000 },
      attachments: { paths: ['CL/BODY'] },
      ...more,
    }
    await withSource(soap as never, options, (source) => runOnce(source, kept, kept.emit, undefined, keep))
    return kept.batches.flatMap(({ records }) => records)
  }
  return read
}

const listed = (...records: string[]): string => envelope(`<listResponse>${records.join('')}</listResponse>`)

t.test('a service answers base64: it is kept while it comes, beyond the limit of the answer', async (t) => {
  const read = await openService(t)
  const bytes = randomBytes(2_000_000)
  const answer = listed(sb('A', inLines(bytes)), sb('B', 'QU!D'), sb('C'))
  const [a, b, c] = await read({ body: answer }, { maxAnswerBytes: 10_000 })
  t.match(a, { key: 'A', body: `<NO>A</NO><CL><BODY kind="1" ${shownOf(bytes)}</CL></SB>`, attachments: [keptOf(bytes)] })
  t.match(b, { key: 'B', fault: { code: 'ATTACHMENT_UNREADABLE' } })
  t.match(c, { key: 'C', body: '<NO>C</NO></SB>' })
  const zipped = await read({
    body: gzipSync(answer),
    headers: { 'content-encoding': 'gzip', 'content-length': String(gzipSync(answer).length) },
  })
  t.equal(zipped[0]!.body, a!.body)
  await t.rejects(read({ body: answer }, { attachments: { paths: ['NONE'] }, maxAnswerBytes: 10_000 }), {
    code: 'SOURCE_ANSWER_INVALID',
    message: /without its attachments it is larger than maxAnswerBytes, 10000/,
  })
  await t.rejects(read({ body: answer, breakAt: 100_000 }), { code: 'SOURCE_ANSWER_INVALID', message: /broke off in the middle/ })
  const inner = `<R>${sb('A', inLines(bytes))}</R>`
  const string = { answer: { kind: 'xml-string', part: 'listResponse/return', records: 'R/SB' }, maxAnswerBytes: 10_000 }
  for (const written of [`<![CDATA[${inner}]]>`, escaped(inner)])
    t.match((await read({ body: listed(`<return>${written}</return>`) }, string))[0], {
      body: `<SB><NO>A</NO><CL><BODY kind="1" ${shownOf(bytes)}`,
    })
})

t.test('a service answers MTOM: parts are kept; one that nobody refers to, or a broken body, is no answer', async (t) => {
  const read = await openService(t)
  const bytes = randomBytes(700_000)
  const answer = root(`<listResponse>${sb('A', include('1'))}</listResponse>`)
  const [a] = await read({ body: mtom([answer, [part('1'), bytes]]), type: mtomType })
  t.match(a, { key: 'A', body: `<NO>A</NO><CL><BODY kind="1" ${shownOf(bytes)}</CL></SB>`, attachments: [keptOf(bytes)] })
  const [missing] = await read({ body: mtom([answer]), type: mtomType })
  t.match(missing, { key: 'A', fault: { code: 'ATTACHMENT_MISSING' } })
  const wrong: [body: Buffer, reason: RegExp][] = [
    [mtom([answer, [part('1'), 'x'], [part('2'), 'x']]), /no record refers .*cid:2/],
    [mtom([answer, [part('1'), 'x']], ''), /multipart\/related: it does not end with its boundary/],
    [mtom([[part('1'), 'x']]), /no root part/],
  ]
  for (const [body, message] of wrong) await t.rejects(read({ body, type: mtomType }), { code: 'SOURCE_ANSWER_INVALID', message })
})

t.test('what a gateway cannot keep now ends the run of a source, and takes nothing', async (t) => {
  const read = await openService(t)
  const keep: Keep = async () => {
    throw new Error('the disk')
  }
  await t.rejects(read({ body: listed(sb('A', 'QUJD')) }, {}, keep))
  const problems = checkSoapOptions(
    checkedOptions(soap as never, {
      ...{ wsdl: 'x', operation: 'list', key: ['NO'], attachments: { paths: ['A'] } },
      answer: { kind: 'xml-string', part: '*/*', records: 'R/SB' },
    }) as never,
  )
  t.same(problems, [])
})
