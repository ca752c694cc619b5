import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import file from '../adapters/file/index.ts'
import adapter from '../adapters/soap/index.ts'
import { resolveSecrets } from '../core/config/secrets.ts'
import type { Operation, OperationValues, Sink } from '../core/contract.ts'
import { decodeText, readXml, textsAt, toPath } from '../core/contract.ts'
import { packageRoot } from '../core/package-root.ts'
import { parseYaml } from '../core/yaml.ts'
import { contentOf, damagedContent } from './contract/content.ts'
import { schemaCompiler, testContext } from './contract/source-harness.ts'
import { openFaultProxy } from './departments/fault-proxy.ts'
import { cdata } from './departments/housing-soap.ts'
import { openTarget, soapEnvelope, soapFault, targetWsdl } from './departments/target-soap.ts'
import { openDown, supplementOf } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { until } from './temporary.ts'

const definition = adapter.sink!
const never = new AbortController().signal

type Options = Record<string, unknown>

const textPath = 'Answer/Message'

const submit: Options = {
  operation: 'submit',
  id: 'xmlString/Request/Head/MsgId',
  under: 'xmlString/Request/Data',
  fixed: { systemCode: 'SPPT' },
  document: { parameter: 'xmlString', encoding: 'GBK' },
  answer: { kind: 'xml-string' },
  rules: [
    { path: 'Answer/Code', equals: ['0'], means: 'accepted', textPath },
    { path: 'Answer/Code', equals: ['1001'], means: 'duplicate' },
    { path: 'Answer/Code', equals: ['9001'], means: 'transient', textPath },
    { path: 'Answer/Code', matches: '[1-8]\\d{3}', means: 'rejected', textPath },
    { over: 'fault', path: 'faultcode', matches: '(.*:)?Server\\.Busy', means: 'transient', textPath: 'faultstring' },
    { over: 'http', path: 'status', equals: ['503'], means: 'transient' },
  ],
  unknown: 'confirm',
  confirm: {
    operation: 'find',
    values: { 'xmlString/Query/NO': 'NO' },
    document: { parameter: 'xmlString' },
    answer: { kind: 'xml-string' },
    rules: [
      { path: 'Answer/Code', equals: ['0'], means: 'applied' },
      { path: 'Answer/Code', equals: ['404'], means: 'absent' },
    ],
  },
}

const supplement: Options = {
  operation: 'addSupplement',
  id: 'requestId',
  rules: [
    { path: 'addSupplementResponse/return', matches: '(?<code>0)\\|(?<text>.*)', means: 'accepted' },
    { path: 'addSupplementResponse/return', matches: '(?<code>1001)\\|(?<text>.*)', means: 'duplicate' },
  ],
  unknown: 'idempotent',
}

const startTarget = async (t: Test) => {
  const target = await openTarget()
  t.teardown(() => target.stop())
  return target
}

const openSink = (t: Test, endpoint: string, { writes = { SB: submit, BZ: supplement }, ...service }: Options = {}): Sink => {
  const options = {
    service: { wsdl: targetWsdl, endpoint, charset: 'GBK', timeoutMs: 1500, maxAnswerBytes: 100_000, ...service },
    writes: structuredClone(writes),
  }
  const check = schemaCompiler().compile(definition.options)
  if (!check(options)) throw new Error(JSON.stringify(check.errors))
  const problems = definition.checkOptions!(options as never, {} as never)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  const sink = definition.open(options as never, {} as never, testContext())
  t.teardown(() => sink.close())
  return sink
}

let count = 0
const operation = (values: OperationValues, write = 'SB'): Operation => ({ id: `m:${++count}`, write, values })

t.test('what a write holds arrives as it is: an XML string with its id, and typed elements with their lists', async (t) => {
  const target = await startTarget(t)
  const sink = openSink(t, target.endpoint)
  const name = ' <![CDATA[云远山·&<b>]]>\r\n第二行\r\t '
  const given = operation({ NO: 'A1', NAME: name, BZ: null, CL: [{ MC: '图纸', SL: '2' }, { MC: '合同' }] })
  t.match(await sink.deliver(given, never), { verdict: 'accepted', code: '0', text: '成功' })
  const { element } = target.effects[0]!
  const at = (path: string) => textsAt(element, toPath(`Request/${path}`))
  t.same(at('Head/MsgId'), [given.id])
  t.same(at('Data/NAME'), [name])
  t.same(at('Data/CL/MC'), ['图纸', '合同'])
  t.same(at('Data/BZ'), [])
  const { contentType, body } = target.requests[0]!
  t.match(contentType, /charset=GBK/)
  const sent = decodeText(body, { overriding: 'GBK' })
  t.match(sent, '<?xml version="1.0" encoding="GBK"?>')
  t.match(sent, '<systemCode>SPPT</systemCode>')

  const later = openSink(t, target.endpoint, { version: '1.2' })
  t.match(await later.deliver(given, never), { verdict: 'duplicate' })
  t.match(target.requests[1]!.contentType, /application\/soap\+xml; charset=GBK/)

  const values = { BZ: '<![CDATA[a]]>', SBLSH: 'A1\r\n', CL: [{ MC: '一' }, { SL: '3', MC: '二' }] }
  t.match(await sink.deliver(operation(values, 'BZ'), never), { verdict: 'accepted', code: '0', text: '成功' })
  const supplementElement = target.effects[1]!.element
  const inSupplement = (path: string) => textsAt(supplementElement, toPath(path))
  t.same(inSupplement('BZ'), ['<![CDATA[a]]>'])
  t.same(inSupplement('SBLSH'), ['A1\r\n'])
  t.same(inSupplement('CL/MC'), ['一', '二'])
  const order = supplementElement.children.flatMap((child) => (typeof child === 'string' ? [] : [child.local]))
  t.same(order, ['requestId', 'SBLSH', 'BZ', 'CL', 'CL'], 'in the order of the WSDL')
})

t.test('contents of attachments are base64 elements, in a string of XML and in typed parameters', async (t) => {
  const target = await startTarget(t)
  const sink = openSink(t, target.endpoint)
  const scan = randomBytes(300_001)
  const CL = [{ MC: contentOf(scan, 50_000) }, { MC: contentOf(Buffer.from('图纸')) }]
  t.match(await sink.deliver(operation({ NO: 'A1', CL }), never), { verdict: 'accepted' })
  const wanted = [scan, Buffer.from('图纸')].map((bytes) => bytes.toString('base64'))
  t.same(textsAt(target.effects[0]!.element, toPath('Request/Data/CL/MC')), wanted)
  t.match(await sink.deliver(operation({ SBLSH: 'A1', CL }, 'BZ'), never), { verdict: 'accepted' })
  t.same(textsAt(target.effects[1]!.element, toPath('CL/MC')), wanted)
  const damaged = await sink.deliver(operation({ NO: 'A2', CL: [{ MC: damagedContent(scan) }] }), never)
  t.match(damaged, { verdict: 'transient', error: { code: 'ATTACHMENT_DAMAGED' } })
  t.equal(target.requests.length, 2, 'of which nothing was sent')
})

t.test('each verdict comes from the rule that holds first', async (t) => {
  const target = await startTarget(t)
  const sink = openSink(t, target.endpoint)
  const given = operation({ NO: 'A1' })
  t.match(await sink.deliver(given, never), { verdict: 'accepted' })
  t.match(await sink.deliver(given, never), { verdict: 'duplicate', code: '1001' })
  t.match(await sink.deliver(operation({ NO: 'BAD1' }), never), { verdict: 'rejected', code: '2001', text: '事项编码不存在' })
  t.match(await sink.deliver(operation({ NO: 'BUSY' }), never), {
    verdict: 'transient',
    error: { code: 'SOURCE_FAULT', message: /9001：系统繁忙/ },
  })
  const odd = await sink.deliver(operation({ NO: 'ODD' }), never)
  t.match(odd, {
    verdict: 'unknown',
    error: { code: 'DELIVERY_ANSWER_UNKNOWN', message: /Answer\/Code 为“7”.*Answer\/Code of document is "7"/s },
  })
  t.equal(target.effects.length, 1)

  const verdictOf = async (body: string, status = 200) => {
    target.answerWith({ body, status })
    return sink.deliver(operation({ NO: 'A9' }), never)
  }
  t.match(await verdictOf(soapFault('soap:Server.Busy', '忙'), 500), { verdict: 'transient', error: { code: 'SOURCE_FAULT' } })
  t.match(await verdictOf(soapFault('soap:Server', '空指针'), 500), {
    verdict: 'unknown',
    error: { code: 'DELIVERY_ANSWER_UNKNOWN', message: /faultcode 为“soap:Server”.*faultstring 为“空指针”/ },
  })
  t.match(await verdictOf('busy', 503), { verdict: 'transient', error: { code: 'SOURCE_FAULT' } })
  t.match(await verdictOf('<html/>', 502), { verdict: 'unknown', error: { code: 'SOURCE_ANSWER_INVALID', message: /HTTP 502/ } })
  for (const status of [401, 403])
    t.match(await verdictOf('no', status), { verdict: 'transient', error: { code: 'SOURCE_DENIED' } })
  const good = soapEnvelope(
    `<t:submitResponse><t:return>${cdata('<Answer><Code>0</Code></Answer>')}</t:return></t:submitResponse>`,
  )
  t.match(await verdictOf(good), { verdict: 'accepted' })
  t.match(
    await verdictOf(good, 500),
    { verdict: 'unknown', error: { message: /http 的 status 为“500”/ } },
    'a failure is no success',
  )
})

t.test('no answer is guessed at: two codes, part of a code and a personal text are told, and decide nothing', async (t) => {
  const target = await startTarget(t)
  const sink = openSink(t, target.endpoint)
  const verdictOf = async (inner: string) => {
    target.answerWith({ body: soapEnvelope(`<t:submitResponse><t:return>${cdata(inner)}</t:return></t:submitResponse>`) })
    return sink.deliver(operation({ NO: 'A1' }), never)
  }
  t.match(await verdictOf('<Answer><Code>0</Code><Code>9</Code></Answer>'), { verdict: 'unknown', error: { message: /2 个值/ } })
  t.match(await verdictOf('<Answer><Code>00</Code></Answer>'), { verdict: 'unknown', error: { message: /“00”/ } })
  t.match(await verdictOf('<Answer><Code>20012</Code></Answer>'), { verdict: 'unknown' })
  const personal = await verdictOf('<Answer><Code>巴特尔已办理</Code></Answer>')
  t.match(personal, { verdict: 'unknown', error: { message: /6 个字符/ } })
  t.notMatch('error' in personal ? personal.error.message : '', /巴特尔/)
  const number = await verdictOf('<Answer><Code>150902188801010011</Code></Answer>')
  t.notMatch('error' in number ? number.error.message : '', /1888/)
  t.match(await verdictOf('<Answer><Code>0</Code>'), { verdict: 'unknown', error: { code: 'SOURCE_ANSWER_INVALID' } })
})

t.test('no expression, however it is written, holds up the gateway', async (t) => {
  const target = await startTarget(t)
  const [accepted] = submit['rules'] as Options[]
  const rules = [accepted, { path: 'Answer/Code', matches: '(a+)+', means: 'rejected' }]
  const sink = openSink(t, target.endpoint, { writes: { SB: { ...submit, rules } } })
  for (const [length, verdict] of [
    [4000, 'unknown'],
    [90_000, 'unknown'],
  ] as const) {
    const inner = `<Answer><Code>${'a'.repeat(length)}!</Code></Answer>`
    target.answerWith({ body: soapEnvelope(`<t:submitResponse><t:return>${cdata(inner)}</t:return></t:submitResponse>`) })
    const begun = Date.now()
    t.match(await sink.deliver(operation({ NO: 'A1' }), never), { verdict, error: { code: 'DELIVERY_ANSWER_UNKNOWN' } })
    t.ok(Date.now() - begun < 1500, String(length))
  }
})

t.test('a lost answer leaves the outcome unknown; a service that never heard of it does not', async (t) => {
  const target = await startTarget(t)
  const sink = openSink(t, target.endpoint)
  for (const fault of ['cut', 'hold', 'halved'] as const) {
    target.misbehave(fault)
    const given = operation({ NO: fault })
    t.match(await sink.deliver(given, never), { verdict: 'unknown', error: { code: /SOURCE_/ } }, fault)
    await target.mend()
    t.match(await sink.confirm(given, never), { confirmed: 'applied' }, fault)
  }
  t.equal(target.effects.length, 3, 'each had its effect')
  t.match(await sink.confirm(operation({ NO: 'A7' }), never), { confirmed: 'absent' })
  target.answerWith({ status: 500, body: soapFault('soap:Server', 'x') })
  t.match(await sink.confirm(operation({ NO: 'A7' }), never), {
    confirmed: 'unknown',
    error: { code: 'DELIVERY_ANSWER_UNKNOWN' },
  })

  await target.stop()
  t.match(await sink.deliver(operation({ NO: 'A8' }), never), { verdict: 'transient', error: { code: 'SOURCE_UNREACHABLE' } })
  t.match(await sink.confirm(operation({ NO: 'A8' }), never), { confirmed: 'unknown', error: { code: 'SOURCE_UNREACHABLE' } })
  const nowhere = openSink(t, 'http://no-such-host.invalid/target')
  t.match(await nowhere.deliver(operation({ NO: 'A8' }), never), { verdict: 'transient', error: { code: 'SOURCE_UNREACHABLE' } })
  const tls = openSink(t, target.endpoint.replace('http:', 'https:'))
  await target.mend()
  t.match(await tls.deliver(operation({ NO: 'A8' }), never), { verdict: 'transient' })
  const unread = openSink(t, target.endpoint, { wsdl: '/nowhere/x.wsdl' })
  t.match(await unread.deliver(operation({ NO: 'A8' }), never), {
    verdict: 'transient',
    error: { code: 'SOURCE_OPTIONS_INVALID' },
  })
})

t.test('a connection that breaks while the request is on its way leaves the outcome unknown', async (t) => {
  const target = await startTarget(t)
  const proxy = await openFaultProxy('127.0.0.1', target.port)
  t.teardown(() => proxy.close())
  const sink = openSink(t, `http://127.0.0.1:${proxy.port}/target`)
  t.match(await sink.deliver(operation({ NO: 'A1' }), never), { verdict: 'accepted' })
  for (const kind of ['garbage', 'half', 'silent'] as const) {
    await proxy.breakDown(kind)
    t.match(await sink.deliver(operation({ NO: kind }), never), { verdict: 'unknown' }, kind)
    await proxy.mend()
  }
  await proxy.breakDown('dead')
  t.match(await sink.deliver(operation({ NO: 'dead' }), never), { verdict: 'transient' })
  const stopping = new AbortController()
  await proxy.mend()
  target.misbehave('hold')
  const delivering = sink.deliver(operation({ NO: 'stopped' }), stopping.signal)
  await until('it has arrived', () => target.effects.some(({ no }) => no === 'stopped'))
  stopping.abort(new Error('the gateway stops'))
  t.match(await delivering, { verdict: 'unknown' })
})

t.test('what the request cannot hold is refused before anything is sent, with the code point and the field', async (t) => {
  const target = await startTarget(t)
  const sink = openSink(t, target.endpoint)
  const refused: [OperationValues, string, RegExp][] = [
    [{ NO: '𠮷' }, 'SB', /SB 写不下“xmlString\/Request\/Data\/NO”：字符 U\+20BB7 不能用 GBK 表示/],
    [{ NO: '䶮' }, 'SB', /U\+4DAE/],
    [{ NO: 'a\u0001' }, 'SB', /U\+0001 不能写入 XML/],
    [{ NO: '\ud800' }, 'SB', /U\+D800 不能写入 XML/],
    [{ NO: 'A', CL: [{ MC: '好' }, { MC: '𠮷' }] }, 'SB', /CL\[2\]\/MC/],
    [{ 'N O': 'A' }, 'SB', /不是可用的元素名/],
    [{ SBLSH: 'A', NAME: 'x' }, 'BZ', /“NAME”：WSDL 中操作 addSupplement 没有“NAME”/],
    [{ SBLSH: 'A', CL: [{ MCC: 'x' }] }, 'BZ', /CL\/MCC.*是否想写“MC”/],
    [{ SBLSH: 'A', requestId: 'x' }, 'BZ', /此处已有 id 或固定值/],
  ]
  for (const [values, write, reason] of refused)
    await t.rejects(sink.deliver(operation(values, write), never), { code: 'DELIVERY_MISFIT', message: reason }, String(reason))
  t.same(target.requests, [])
  const plain = openSink(t, target.endpoint, {
    charset: 'utf-8',
    writes: { SB: { ...submit, document: { parameter: 'xmlString' } } },
  })
  t.match(await plain.deliver(operation({ NO: '𠮷䶮' }), never), { verdict: 'accepted' })
  t.equal(target.effects[0]!.no, '𠮷䶮')
})

t.test('hostile answers end soon and decide nothing', async (t) => {
  const target = await startTarget(t)
  const sink = openSink(t, target.endpoint)
  const response = (inner: string) => soapEnvelope(`<t:submitResponse><t:return>${inner}</t:return></t:submitResponse>`)
  const bomb = `<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>`
  const deep = '<a>'.repeat(20_000) + '</a>'.repeat(20_000)
  const hostile: [string, { body: string | Uint8Array; headers?: Record<string, string> }][] = [
    ['huge', { body: response('x'.repeat(200_000)) }],
    ['deep', { body: response(deep.slice(0, 90_000)) }],
    ['deep inside', { body: response(cdata(`${'<a>'.repeat(4000)}${'</a>'.repeat(4000)}`)) }],
    ['a lie about its charset', { body: Buffer.from(response('\u00ff\u00fe'), 'latin1') }],
    ['an unknown charset', { body: response('x'), headers: { 'content-type': 'text/xml; charset=martian' } }],
    ['an entity bomb', { body: bomb + response('&b;') }],
    ['an entity bomb inside', { body: response(cdata(`${bomb}<Answer><Code>0</Code></Answer>`)) }],
    ['nothing', { body: '' }],
    ['another document', { body: '<Answer><Code>0</Code></Answer>' }],
  ]
  for (const [what, answer] of hostile) {
    target.answerWith(answer)
    const begun = Date.now()
    t.match(
      await sink.deliver(operation({ NO: 'A1' }), never),
      { verdict: 'unknown', error: { code: 'SOURCE_ANSWER_INVALID' } },
      what,
    )
    t.ok(Date.now() - begun < 3000, what)
  }
})

t.test('the probe names what the WSDL does not have, and writes nothing', async (t) => {
  const target = await startTarget(t)
  const writes = {
    SB: submit,
    A: { ...supplement, operation: 'addSupplment' },
    B: { ...supplement, id: 'requestID' },
    C: { ...supplement, fixed: { 'CL/MCC': 'x' } },
    D: { ...submit, document: { parameter: 'xml' }, id: 'xml/R/Id', under: 'xml/R' },
  }
  const steps = await openSink(t, target.endpoint, { writes }).probe(never)
  t.match(
    steps.map(({ ok, error }) => (ok ? 'ok' : error!.message)),
    [
      'ok',
      'ok',
      'ok',
      /是否想写“addSupplement”/,
      /没有“requestID”.*是否想写“requestId”/s,
      /没有“CL\/MCC”/,
      /submit 没有“xml”/,
      'ok',
    ],
  )
  t.same(target.requests, [])
})

t.test('a secret that is a parameter is read from where it is, and JSON in the answer is understood', async (t) => {
  const target = await startTarget(t)
  const rules = [{ path: 'result/code', equals: ['0'], means: 'accepted', textPath: 'result/message' }]
  const write = { ...submit, secrets: { password: { env: 'TARGET' } }, answer: { kind: 'json-string' }, rules }
  const options = { writes: { SB: write } }
  const yaml = parseYaml('one.yaml', '{}')
  t.same(resolveSecrets(definition.options, options, '/', { TARGET: 'p&ss' }, yaml), [])
  const sink = openSink(t, target.endpoint, { ...options, httpBasic: { username: 'u', password: 'p' } })
  const inner = '{"result": {"code": 0, "message": "好"}}'
  target.answerWith({ body: soapEnvelope(`<t:submitResponse><t:return>${inner}</t:return></t:submitResponse>`) })
  t.match(await sink.deliver(operation({ NO: 'A1' }), never), { verdict: 'accepted', code: '0', text: '好' })
  const { above } = readXml(decodeText(target.requests[0]!.body, { overriding: 'GBK' }))
  t.same(textsAt(above, toPath('Envelope/Body/submit/password')), ['p&ss'])
})

t.test('lint refuses a write without a policy, or with one that it cannot keep, and rules that say nothing', (t) => {
  const problemsOf = (more: Options) => {
    const options = { writes: { A: structuredClone({ ...submit, ...more }) } }
    const check = schemaCompiler().compile(definition.options)
    if (!check(options)) return ['schema']
    return definition.checkOptions!(options as never, { charset: 'gbk' } as never).map(({ path }) => path)
  }
  const [accepted] = submit['rules'] as Options[]
  const twice = { id: undefined, rules: [accepted], unknown: 'idempotent' }
  const question = submit['confirm'] as Options
  const cases: [Options, string[]][] = [
    [{}, []],
    [{ unknown: undefined }, ['schema']],
    [{ unknown: 'perhaps' }, ['schema']],
    [{ rules: [] }, ['schema']],
    [{ confirm: undefined }, ['/writes/A/confirm']],
    [twice, ['/writes/A/unknown']],
    [{ ...twice, overwrites: true }, []],
    [{ ...twice, rules: submit['rules'] }, []],
    [{ ...twice, id: submit['id'] }, []],
    [{ rules: [{ ...accepted, means: 'rejected' }] }, ['/writes/A/rules']],
    [{ rules: [accepted, { over: 'http', path: 'status', equals: ['200'], means: 'accepted' }] }, ['/writes/A/rules/1/over']],
    [{ rules: [accepted, { over: 'http', path: 'code', equals: ['500'], means: 'transient' }] }, ['/writes/A/rules/1/path']],
    [{ fixed: { systemCode: '䶮' } }, ['/writes/A/fixed/systemCode']],
    [{ rules: [{ ...accepted, matches: '0' }] }, ['/writes/A/rules/0']],
    [
      { rules: [accepted, { path: 'a[b', matches: '(?<x>0', means: 'rejected' }] },
      ['/writes/A/rules/1/path', '/writes/A/rules/1/matches'],
    ],
    [{ rules: [accepted, { path: 'a', matches: '(?<name>0)', means: 'rejected' }] }, ['/writes/A/rules/1/matches']],
    [{ id: 'xmlString/Other/Id' }, ['/writes/A/document/parameter']],
    [{ id: 'xmlString/Request' }, ['/writes/A/id']],
    [{ id: 'xmlString/$x/Id' }, ['/writes/A/id', '/writes/A/document/parameter']],
    [{ fixed: { systemCode: '\u0001' } }, ['/writes/A/fixed/systemCode']],
    [{ confirm: { ...question, values: {} } }, ['/writes/A/confirm/values', '/writes/A/confirm/document/parameter']],
    [{ confirm: { ...question, rules: [{ path: 'a', equals: ['1'], means: 'absent' }] } }, ['/writes/A/confirm/rules']],
  ]
  for (const [more, problems] of cases) t.same(problemsOf(more), problems, JSON.stringify(more))
  for (const { options } of definition.examples) {
    t.ok(schemaCompiler().compile(definition.options)(structuredClone(options)))
    t.same(definition.checkOptions!(options as never, {} as never), [])
  }
  t.end()
})

t.test('the page on writing shows options that lint takes', async (t) => {
  const page = readFileSync(join(packageRoot, 'docs/write-back.md'), 'utf8')
  for (const [heading, { options, checkOptions }] of [
    ['a SOAP service', definition],
    ['a folder', file.sink!],
  ] as const) {
    const [, section = ''] = page.split(new RegExp(`## .*Into ${heading}\n`))
    const shown = parseYaml('page.yaml', /```yaml\n(.*?)```/s.exec(section)![1]!).value as { deliver: { options: Options } }
    const check = schemaCompiler().compile(options)
    t.ok(check(shown.deliver.options), JSON.stringify(check.errors))
    t.same(checkOptions!(shown.deliver.options as never, { folder: 'in', pattern: '*' } as never), [])
  }
})

const systemOf = (endpoint: string): string => `
department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: soap
mapping: dept/one
schedule: { every: 1h }
options:
  wsdl: ${targetWsdl}
  endpoint: ${endpoint}
  operation: find
  parameters: { xmlString: { document: { Query: { NO: none } } } }
  answer: { kind: xml-string, records: Answer/Case }
  key: [NO]
  timeoutMs: 400
`

const writesOf = (more: { SB?: Options; BZ?: Options } = {}): string =>
  ` ${JSON.stringify({ writes: { SB: { ...submit, ...more.SB }, BZ: { ...supplement, ...more.BZ } } })}\n`

const mapping = `
codes: { kind: { "1": natural, "2": enterprise } }
operations:
  - write: SB
    type: application.received
    values: { NO: case/sourceCaseNo, NAME: content/applicant/name, KIND: { from: content/applicant/kind, codes: kind } }
  - write: BZ
    type: application.received
    values: { SBLSH: case/sourceCaseNo, BZ: { constant: 收件 } }
  - write: BZ
    type: supplement.received
    values: { SBLSH: case/sourceCaseNo, BZ: { constant: 补正 } }
`

const openWay = async (t: Test, more: Parameters<typeof writesOf>[0] = {}) => {
  const target = await startTarget(t)
  const place = await openDown(t, { options: writesOf(more), mapping, made: 'SELECT 1', system: systemOf(target.endpoint) })
  const { gateway } = await place.start()
  const settled = (number: number, state = 'delivered') =>
    until(
      `${number} are ${state}`,
      () => gateway.store.inbox.list({ states: [state as 'delivered'], limit: 100 }).length === number,
    )
  const numbers = () => target.effects.map(({ no }) => no)
  return { target, place, gateway, settled, numbers }
}

t.test('the whole way down into a service: each message has its effect once, in the order of its case', async (t) => {
  const { target, place, gateway, settled, numbers } = await openWay(t)
  await place.send(place.draftOf('P-1'), supplementOf('P-1', '1'), place.draftOf('P-2', '云远山'), place.draftOf('BAD-3'))
  await settled(3)
  await settled(1, 'rejected')
  t.same(numbers().filter((no) => no === 'P-1').length, 3)
  t.same(numbers().filter((no) => no === 'P-2').length, 2)
  const [rejected] = gateway.store.inbox.list({ states: ['rejected'], limit: 1 })
  t.match(rejected, { detail: { code: '2001', text: '事项编码不存在' } })
  t.ok(gateway.store.inbox.books().every(({ balanced }) => balanced))
  const probed = await runCommand('lint', '--probe', '--config', place.config)
  t.match(probed.out, /✓ one: 写入 SB \/ write SB \(submit/)
  t.equal(target.effects.length, 5)
})

t.test('an answer that is lost is asked about, and the message goes on behind the part that is there', async (t) => {
  const { target, place, gateway, settled, numbers } = await openWay(t)
  target.misbehave('cut')
  await place.send(place.draftOf('P-1'))
  await until('the outcome is unknown', () => gateway.store.inbox.list({ states: ['unknown'], limit: 1 }).length === 1)
  t.same(numbers(), ['P-1'])
  target.knowIds(false)
  await target.mend()
  await settled(1)
  t.same(numbers(), ['P-1', 'P-1'], 'the application once, and its note once')
  t.same(
    target.effects.map(({ id }) => id.endsWith('#1')),
    [false, true],
  )
})

t.test('where twice is as once a lost answer is written again, from the part that was lost', async (t) => {
  const { target, place, settled, numbers } = await openWay(t, { SB: { unknown: 'idempotent' } })
  target.misbehave('halved')
  await place.send(place.draftOf('P-1'))
  await until('it is written again', () => target.requests.filter(({ operation }) => operation === 'submit').length > 1)
  await target.mend()
  await settled(1)
  t.same(numbers(), ['P-1', 'P-1'])
  t.equal(new Set(target.effects.map(({ id }) => id)).size, 2)
})

t.test('where a person decides a lost answer waits for one, and nothing is written again', async (t) => {
  const { target, place, gateway, settled, numbers } = await openWay(t, { SB: { unknown: 'manual' } })
  target.misbehave('hold')
  await place.send(place.draftOf('P-1'), supplementOf('P-1', '1'))
  await until('it waits', () => gateway.store.inbox.list({ states: ['unknown'], limit: 1 })[0]?.dueAt === null)
  await target.mend()
  t.same(numbers(), ['P-1'])
  const { seq } = gateway.store.inbox.list({ states: ['unknown'], limit: 1 })[0]!
  await runCommand('inbox', 'delivered', String(seq), '--config', place.config, '--reason', '已查到')
  await settled(2)
  t.same(numbers(), ['P-1', 'P-1'], 'its supplement goes on behind it')
})

t.test('a service that is down costs no message anything', async (t) => {
  const { target, place, gateway, settled, numbers } = await openWay(t)
  await target.stop()
  await place.send(...Array.from({ length: 10 }, (_, n) => place.draftOf(`P-${n}`)))
  await until('it has been tried', () =>
    gateway.store.inbox.list({ states: ['ready'], limit: 50 }).some(({ attempt }) => attempt > 0),
  )
  await target.mend()
  await settled(10)
  t.equal(numbers().length, 20)
})
