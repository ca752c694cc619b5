import iconv from 'iconv-lite'
import { createClientAsync } from 'soap'
import t, { type Test } from 'tap'
import { createSoapAnswers } from '../adapters/http/soap-answer.ts'
import { parseXml, readEnvelope, type SourceRecord, textsAt, toPath } from '../core/contract.ts'
import { jsonOptions, serve } from './contract/push-place.ts'

const soapStream = (soap: object, more: object = {}) => ({
  path: '/push',
  format: 'soap',
  stream: '{element}',
  key: ['id'],
  soap,
  ...more,
})

const open = async (t: Test, soap: object, more: object = {}) => {
  const place = await serve(t, await jsonOptions({ streams: [soapStream(soap, more)] }))
  const url = `${place.url}/push`
  return {
    ...place,
    url,
    records: () => place.batches.flatMap(({ records }: { records: SourceRecord[] }) => records),
    client: (options: object = {}) => createClientAsync(`${url}?wsdl`, { disableCache: true, ...options }),
  }
}

const envelopes = { '1.1': 'http://schemas.xmlsoap.org/soap/envelope/', '1.2': 'http://www.w3.org/2003/05/soap-envelope' }
const mediaTypes = { '1.1': 'text/xml', '1.2': 'application/soap+xml' }

const envelope = (version: '1.1' | '1.2', body: string, header = '') =>
  `<s:Envelope xmlns:s="${envelopes[version]}">${header}<s:Body>${body}</s:Body></s:Envelope>`

const post = async (url: string, version: '1.1' | '1.2', body: string | Uint8Array, charset = 'utf-8') => {
  const headers = { 'content-type': `${mediaTypes[version]}; charset=${charset}` }
  const answer = await fetch(url, { method: 'POST', headers, body })
  const contentType = answer.headers.get('content-type') ?? ''
  const text = iconv.decode(Buffer.from(await answer.arrayBuffer()), /charset=(.*)/.exec(contentType)?.[1] ?? 'utf-8')
  return { status: answer.status, contentType, text, body: readEnvelope(text).body, version: readEnvelope(text).version }
}

const at = (body: Awaited<ReturnType<typeof post>>['body'], path: string) => textsAt(body, toPath(path))

t.test('the WSDL tells the address by which it was asked, and a client made from it submits typed records', async (t) => {
  const place = await open(t, { kind: 'typed', operation: 'submitCases', namespace: 'urn:city' }, { records: 'submitCases/case' })
  const wsdl = await fetch(`${place.url}?WSDL`)
  t.equal(wsdl.headers.get('content-type'), 'text/xml; charset=utf-8')
  const text = await wsdl.text()
  t.match(text, /^<\?xml version="1.0" encoding="utf-8"\?>/)
  t.match(text, `location="${place.url}"`)
  const client = await place.client()
  t.same(Object.keys(client.describe().PushService), ['Soap11', 'Soap12'])
  const [result] = await client.submitCasesAsync({ case: [{ id: '甲' }, { id: '乙' }] })
  t.match(result.receipt, [
    { key: '甲', outcome: 'stored', recordSeq: 1 },
    { key: '乙', outcome: 'stored', recordSeq: 2 },
  ])
  t.match(place.records(), [
    { stream: 'case', key: '甲', contentType: 'application/xml' },
    { stream: 'case', key: '乙' },
  ])
})

t.test('of a typed message the child of Body is the record when no path says otherwise', async (t) => {
  const place = await open(t, { kind: 'typed' })
  const { status, body } = await post(place.url, '1.1', envelope('1.1', '<q:apply xmlns:q="urn:x"><q:id>1</q:id></q:apply>'))
  t.equal(status, 200)
  t.same(at(body, 'submitResponse/receipt/key'), ['1'])
  t.match(place.records(), [{ stream: 'apply', body: /^<q:apply [^>]*xmlns:q="urn:x"><q:id>1<\/q:id><\/q:apply>$/ }])
})

const answerTemplates = { stored: '<A><Code>0</Code><Seq>{recordSeqs}</Seq><N>{records}</N></A>' }

t.test('a string that holds XML is read by its own root, and answered by a string of the shape of the department', async (t) => {
  const place = await open(t, { kind: 'xml-string', reply: answerTemplates }, { records: 'Rs/R' })
  const client = await place.client()
  const [result] = await client.submitAsync({
    xml: '<?xml version="1.0" encoding="GBK"?><Rs><R><id>1 &amp; 2</id></R><R><id>3</id></R></Rs>',
  })
  t.equal(result.return, '<A><Code>0</Code><Seq>1,2</Seq><N>2</N></A>')
  t.match(place.records(), [{ key: '1 & 2', body: '<R><id>1 &amp; 2</id></R>' }, { key: '3' }])
  const twelve = await place.client({ forceSoap12Headers: true })
  const [again] = await twelve.submitAsync({ xml: '<Rs><R><id>3</id></R></Rs>' })
  t.match(again.return, /<Code>0</)
})

t.test(
  'CDATA in an envelope in GBK arrives as it was written, whatever its inner declaration claims, and is answered in GBK',
  async (t) => {
    const place = await open(t, { kind: 'xml-string', part: 'exchange/in' }, { records: 'R', charset: 'GBK' })
    const inner = '<?xml version="1.0" encoding="UTF-8"?><R><id>集宁·一</id></R>'
    const request = `<?xml version="1.0" encoding="GBK"?>${envelope('1.1', `<exchange><in><![CDATA[${inner}]]></in></exchange>`)}`
    t.match(await (await fetch(`${place.url}?wsdl`)).text(), /^<\?xml version="1.0" encoding="GBK"\?>/)
    const answer = await post(place.url, '1.1', iconv.encode(request, 'GBK'), 'GBK')
    t.equal(answer.status, 200)
    t.equal(answer.contentType, 'text/xml; charset=GBK')
    t.match(answer.text, /^<\?xml version="1.0" encoding="GBK"\?>/)
    t.match(parseXml(at(answer.body, 'submitResponse/return')[0]!).name, 'Response')
    t.match(place.records(), [{ key: '集宁·一', body: '<R><id>集宁·一</id></R>' }])
  },
)

t.test('a character that the charset of the answer lacks makes the answer UTF-8', async (t) => {
  const place = await open(t, { kind: 'typed' }, { charset: 'GBK' })
  const { contentType, body } = await post(place.url, '1.2', envelope('1.2', '<a><id>བོད་𠮷</id></a>'))
  t.equal(contentType, 'application/soap+xml; charset=utf-8')
  t.same(at(body, 'submitResponse/receipt/key'), ['བོད་𠮷'])
})

t.test('what is quarantined is answered by a fault of the sender that says that it is kept', async (t) => {
  const place = await open(t, { kind: 'xml-string' }, { records: 'R' })
  const broken = '<submit><xml>&lt;R&gt;&lt;id&gt;1&lt;/R&gt;</xml></submit>'
  const first = await post(place.url, '1.1', envelope('1.1', broken))
  t.equal(first.status, 500)
  t.match(at(first.body, 'Fault/faultcode'), ['soap:Client'])
  t.match(at(first.body, 'Fault/faultstring'), [/XML 第 1 行.*已按收到的原样留存.*XML is wrong.*kept as received/])
  t.same(at(first.body, 'Fault/detail/error/code'), ['XML_INVALID'])
  t.same(at(first.body, 'Fault/detail/error/kept'), ['true'])
  t.same(at(first.body, 'Fault/detail/error/receipt/outcome'), ['quarantined'])
  const second = await post(place.url, '1.2', envelope('1.2', broken))
  t.equal(second.status, 400)
  t.match(at(second.body, 'Fault/Code/Value'), ['soap:Sender'])
  t.match(at(second.body, 'Fault/Reason/Text'), [/有误/, /wrong/])
  t.same(at(second.body, 'Fault/Detail/error/code'), ['XML_INVALID'])
  const client = await place.client()
  const thrown = await client.submitAsync({ xml: '<R>' }).catch((error: unknown) => error)
  t.match(thrown, { root: { Envelope: { Body: { Fault: { faultcode: 'soap:Client' } } } } })
  t.match(
    place.records().map(({ body }) => body),
    ['<R><id>1</R>', '<R><id>1</R>', '<R>'],
  )
})

t.test('a department that does not know faults is told by its own string', async (t) => {
  const failed = '编码：{code}；{message}'
  const place = await open(t, { kind: 'xml-string', reply: { ...answerTemplates, failed } }, { records: 'R' })
  const [result] = await (await place.client()).submitAsync({ xml: '<Q/>' })
  t.match(result.return, /^编码：RECORD_UNREADABLE；.*留存/)
})

t.test('what is no SOAP message is kept, too, and answered in the version of its media type', async (t) => {
  const place = await open(t, { kind: 'xml-string' }, { records: 'R' })
  const cases = [
    '<R><id>1</id></R>',
    'no xml',
    '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
    '<e:Envelope xmlns:e="urn:other"><e:Body/></e:Envelope>',
    envelope('1.2', '<submit><a>1</a><b>2</b></submit>'),
    envelope('1.2', '<submit/>'),
  ]
  for (const text of cases) {
    const { status, version } = await post(place.url, '1.2', text)
    t.same([status, version], [400, '1.2'], text)
  }
  t.same(
    place.records().map(({ body }) => body),
    cases,
  )
  t.match(
    place.records().map(({ fault }) => fault?.code),
    ['RECORD_UNREADABLE', 'XML_INVALID', 'XML_INVALID', 'RECORD_UNREADABLE', 'RECORD_UNREADABLE', 'RECORD_UNREADABLE'],
  )
})

t.test('a header that must be understood is refused, others are left alone, and nothing is taken', async (t) => {
  const place = await open(t, { kind: 'typed' })
  const header = (mark: string) => `<s:Header><w:Security xmlns:w="urn:wsse" ${mark}/></s:Header>`
  for (const mark of ['s:mustUnderstand="1"', 's:mustUnderstand="true"']) {
    const { status, body } = await post(place.url, '1.1', envelope('1.1', '<a><id>1</id></a>', header(mark)))
    t.equal(status, 500)
    t.match(at(body, 'Fault/faultcode'), ['soap:MustUnderstand'])
    t.same(at(body, 'Fault/detail/error/kept'), ['false'])
  }
  t.equal(place.batches.length, 0)
  t.equal((await post(place.url, '1.1', envelope('1.1', '<a><id>1</id></a>', header('s:mustUnderstand="0"')))).status, 200)
})

t.test('what XML has no character for does not keep an answer back', async (t) => {
  const answers = createSoapAnswers(
    { kind: 'typed', operation: 'submit', namespace: 'urn:x', part: '*/*', reply: { stored: '' } },
    'gb18030',
  )
  const { status, body } = answers.answer('1.1', [{ key: 'a\u0001\ud800b', outcome: 'stored', recordSeq: 1 }])
  t.equal(status, 200)
  t.same(at(readEnvelope(iconv.decode(Buffer.from(body), 'gb18030')).body, 'submitResponse/receipt/key'), ['a\ufffd\ufffdb'])
})
