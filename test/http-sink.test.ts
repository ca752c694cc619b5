import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { httpSink } from '../adapters/http/sink.ts'
import { resolveSecrets } from '../core/config/secrets.ts'
import { decodeText, type Operation, type OperationValues, readXml, type Sink, textsAt, toPath } from '../core/contract.ts'
import { packageRoot } from '../core/package-root.ts'
import { parseYaml } from '../core/yaml.ts'
import { contentOf, damagedContent } from './contract/content.ts'
import { schemaCompiler, testContext } from './contract/source-harness.ts'

const never = new AbortController().signal

type Options = Record<string, unknown>

interface Answer {
  status?: number
  body?: string
  type?: string
  /** The connection breaks, or nothing comes, after the request was read. */
  fault?: 'cut' | 'hold'
}

const startServer = async (t: Test) => {
  const requests: { method: string; url: string; headers: Record<string, unknown>; body: Buffer }[] = []
  let answer: Answer = {}
  let port = 0
  let server: FastifyInstance | undefined
  const start = async () => {
    server = fastify({ forceCloseConnections: true })
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    server.all('/*', (request, reply) => {
      requests.push({ method: request.method, url: request.url, headers: request.headers, body: request.body as Buffer })
      if (answer.fault) {
        reply.hijack()
        if (answer.fault === 'cut') reply.raw.destroy()
        return
      }
      return reply
        .code(answer.status ?? 200)
        .header('content-type', answer.type ?? 'application/json')
        .send(answer.body ?? '')
    })
    await server.listen({ host: '127.0.0.1', port })
    port = (server.server.address() as AddressInfo).port
  }
  await start()
  t.teardown(() => server?.close())
  return {
    baseUrl: `http://127.0.0.1:${port}/api/`,
    requests,
    answerWith: (next: Answer): void => {
      answer = next
    },
    stop: async () => void (await server?.close()),
  }
}

const json: Options = {
  path: '/cases',
  idHeader: 'Idempotency-Key',
  under: 'data',
  body: { literals: ['data/CL/SL', 'data/OK'] },
  rules: [
    { path: 'code', equals: ['0'], means: 'accepted', textPath: 'message' },
    { over: 'http', path: 'status', equals: ['201'], means: 'accepted' },
    { over: 'http', path: 'status', equals: ['409'], means: 'duplicate' },
    { over: 'error', path: 'code', matches: 'E\\d+', means: 'rejected', textPath: 'message' },
    { over: 'http', path: 'status', equals: ['503'], means: 'transient' },
  ],
  unknown: 'confirm',
  confirm: {
    path: '/cases/{NO}',
    rules: [
      { path: 'NO', matches: '.+', means: 'applied' },
      { over: 'http', path: 'status', equals: ['404'], means: 'absent' },
    ],
  },
}

const checked = (options: Options): Options => {
  const check = schemaCompiler().compile(httpSink.options)
  if (!check(options)) throw new Error(JSON.stringify(check.errors))
  const problems = httpSink.checkOptions!(options as never, {} as never)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return options
}

const openSink = (t: Test, baseUrl: string, write: Options, more: Options = {}): Sink => {
  const options = checked({
    service: { baseUrl, timeoutMs: 1000, maxAnswerBytes: 10_000, ...more },
    writes: { SB: structuredClone(write) },
  })
  const sink = httpSink.open(options as never, {} as never, testContext())
  t.teardown(() => sink.close())
  return sink
}

let count = 0
const operation = (values: OperationValues): Operation => ({
  id: `city:P-1:application.received:::1#${++count}`,
  write: 'SB',
  values,
})

t.test('values go into the path, the headers and the body as they are, in each format', async (t) => {
  const server = await startServer(t)
  server.answerWith({ body: '{"code": 0, "message": "好"}' })
  const headers = { 'Content-Type': 'application/json' }
  const sink = openSink(t, server.baseUrl, json, { headers, secretHeaders: { Authorization: 'Bearer s' } })
  const name = '云"远山"\r\n\\𠮷'
  const values = {
    NO: 'A1',
    NAME: name,
    BZ: null,
    OK: 'true',
    CL: [{ MC: '图纸', SL: '12345678901234567890.10' }, { MC: '合同' }],
  }
  const given = operation(values)
  t.match(await sink.deliver(given, never), { verdict: 'accepted', code: '0', text: '好' })
  const [sent] = server.requests
  t.match(sent, {
    method: 'POST',
    url: '/api/cases',
    headers: { 'idempotency-key': given.id, authorization: 'Bearer s', connection: 'close', 'content-type': 'application/json' },
  })
  t.match(sent!.body.toString(), '"SL":12345678901234567890.10')
  t.same(JSON.parse(sent!.body.toString()).data, {
    NO: 'A1',
    NAME: name,
    OK: true,
    CL: [{ MC: '图纸', SL: Number('12345678901234567890.10') }, { MC: '合同' }],
  })

  const xml = { ...json, idHeader: undefined, id: 'Case/Id', under: 'Case/Data', body: { format: 'xml', charset: 'gbk' } }
  const other = openSink(t, server.baseUrl, { ...xml, method: 'PUT', path: '/cases/{NO}?by={id}' })
  const second = operation({ NO: 'A/1 甲', NAME: '<![CDATA[x]]>\r\n' })
  t.match(await other.deliver(second, never), { verdict: 'accepted' })
  const { method, url, body } = server.requests[1]!
  t.same([method, url], ['PUT', `/api/cases/A%2F1%20%E7%94%B2?by=${encodeURIComponent(second.id)}`])
  const { above } = readXml(decodeText(body))
  t.same(textsAt(above, toPath('Case/Id')), [second.id])
  t.same(textsAt(above, toPath('Case/Data/NAME')), ['<![CDATA[x]]>\r\n'])

  const form = openSink(t, server.baseUrl, { ...json, under: undefined, body: { format: 'form' } })
  await form.deliver(operation({ NO: 'A&1', NAME: '甲=乙' }), never)
  t.same(Object.fromEntries(new URLSearchParams(server.requests[2]!.body.toString())), { NO: 'A&1', NAME: '甲=乙' })
})

t.test('of HTTP: each verdict comes from the first rule that holds, and what none names is unknown', async (t) => {
  const server = await startServer(t)
  const sink = openSink(t, server.baseUrl, json)
  const verdictOf = async (answer: Answer) => {
    server.answerWith(answer)
    return sink.deliver(operation({ NO: 'A1' }), never)
  }
  t.match(await verdictOf({ status: 201 }), { verdict: 'accepted', code: '201' }, 'also without a body')
  t.match(await verdictOf({ status: 409, body: '{"code":0}' }), { verdict: 'duplicate' })
  t.match(await verdictOf({ status: 400, body: '{"code":"E12","message":"缺材料"}' }), {
    verdict: 'rejected',
    code: 'E12',
    text: '缺材料',
  })
  t.match(await verdictOf({ status: 503, body: 'x' }), { verdict: 'transient', error: { code: 'SOURCE_FAULT' } })
  t.match(await verdictOf({ status: 401, body: '{"code":0}' }), { verdict: 'transient', error: { code: 'SOURCE_DENIED' } })
  t.match(await verdictOf({ status: 500, body: '{"code":0}' }), {
    verdict: 'unknown',
    error: { code: 'DELIVERY_ANSWER_UNKNOWN' },
  })
  t.match(await verdictOf({ body: '{"code":7}' }), {
    verdict: 'unknown',
    error: { message: /code of body is "7".*status of http is "200"/s },
  })
  for (const body of [
    '<html>登录</html>',
    '',
    '{"code":0',
    '{"code":0,"code":0}',
    `${'['.repeat(500)}${']'.repeat(500)}`,
    ' '.repeat(20_000),
  ])
    t.match(await verdictOf({ body }), { verdict: 'unknown', error: { code: 'SOURCE_ANSWER_INVALID' } }, body.slice(0, 20))
  t.match(await verdictOf({ status: 302, body: '' }), { verdict: 'unknown' }, 'nobody is followed elsewhere')
  for (const fault of ['cut', 'hold'] as const) t.match(await verdictOf({ fault }), { verdict: 'unknown' }, fault)

  const confirmed = async (answer: Answer) => {
    server.answerWith(answer)
    return sink.confirm(operation({ NO: 'A 1' }), never)
  }
  t.match(await confirmed({ body: '{"NO":"A 1"}' }), { confirmed: 'applied' })
  t.match(server.requests.at(-1), { method: 'GET', url: '/api/cases/A%201' })
  t.match(await confirmed({ status: 404, body: '{"NO":"A 1"}' }), { confirmed: 'absent' })
  t.match(await confirmed({ status: 500 }), { confirmed: 'unknown' })
  t.match(await sink.probe(never), [{ ok: true, detail: 'HTTP 500' }])
  await server.stop()
  t.match(await sink.deliver(operation({ NO: 'A1' }), never), { verdict: 'transient', error: { code: 'SOURCE_UNREACHABLE' } })
  t.match(await sink.confirm(operation({ NO: 'A1' }), never), { confirmed: 'unknown' })
  t.match(await sink.probe(never), [{ ok: false }])
})

t.test('of HTTP: what a request cannot hold is refused before anything is sent', async (t) => {
  const server = await startServer(t)
  const xml = { ...json, under: 'Case', body: { format: 'xml', charset: 'gbk' }, path: '/cases/{NO}' }
  const form = { ...json, under: undefined, body: { format: 'form' } }
  const cases: [Options, OperationValues, RegExp][] = [
    [xml, { NO: 'A', NAME: '䶮' }, /Case\/NAME.*U\+4DAE/],
    [xml, { NO: '..' }, /地址需要它/],
    [xml, { NO: null }, /地址需要它/],
    [xml, { NO: 'A', 'a b': 'x' }, /不是可用的元素名/],
    [json, { NO: 'A\ud800' }, /U\+D800/],
    [json, { OK: 'yes' }, /data\/OK.*不是数字、true 或 false/],
    [json, JSON.parse('{"__proto__": "x"}'), /__proto__/],
    [form, { CL: [{ MC: 'x' }] }, /表单写不下/],
  ]
  for (const [write, values, reason] of cases)
    await t.rejects(openSink(t, server.baseUrl, write).deliver(operation(values), never), {
      code: 'DELIVERY_MISFIT',
      message: reason,
    })
  t.same(server.requests, [])
})

t.test('of HTTP: a write must say what is done when the outcome is unknown, and be able to', (t) => {
  const problemsOf = (more: Options) => {
    const options = { service: { baseUrl: 'http://127.0.0.1' }, writes: { A: structuredClone({ ...json, ...more }) } }
    if (!schemaCompiler().compile(httpSink.options)(options)) return ['schema']
    return httpSink.checkOptions!(options as never, {} as never).map(({ path }) => path.replace('/writes/A', ''))
  }
  const [accepted] = json['rules'] as Options[]
  const once = { rules: [accepted], idHeader: undefined, unknown: 'idempotent' }
  const question = json['confirm'] as Options
  const cases: [Options, string[]][] = [
    [{}, []],
    [{ unknown: undefined }, ['schema']],
    [{ path: 'cases' }, ['schema']],
    [once, ['/unknown']],
    [{ ...once, path: '/cases/{id}' }, []],
    [{ confirm: undefined }, ['/confirm']],
    [{ rules: [{ over: 'http', path: 'status', equals: ['200'], means: 'accepted' }] }, ['/rules/0/over']],
    [{ rules: [accepted, { over: 'error', path: 'code', equals: ['0'], means: 'accepted' }] }, ['/rules/1/over']],
    [{ rules: [accepted, { over: 'http', path: 'code', equals: ['1'], means: 'rejected' }] }, ['/rules/1/path']],
    [{ path: '/a/../b' }, ['/path']],
    [{ path: '/a/{b' }, ['/path']],
    [{ confirm: { ...question, path: '/cases' } }, ['/confirm/path']],
    [{ confirm: { ...question, values: { NO: 'NO' } } }, ['/confirm/method']],
    [{ confirm: { ...question, method: 'POST', path: '/find', values: { NO: 'NO' } } }, []],
    [{ body: { charset: 'gbk' } }, ['/body/charset']],
    [{ body: { format: 'xml' }, under: undefined }, ['/under']],
    [{ body: { format: 'xml' }, fixed: { Other: 'x' } }, ['/under']],
    [{ body: { format: 'xml', literals: ['a'] } }, ['/body/literals']],
  ]
  for (const [more, problems] of cases) t.same(problemsOf(more), problems, JSON.stringify(more))
  for (const { options } of httpSink.examples) t.ok(checked(structuredClone(options)))
  const page = readFileSync(join(packageRoot, 'docs/write-back.md'), 'utf8')
  const [, shown = ''] = /Into an HTTP interface\n.*?```yaml\n(.*?)```/s.exec(page) ?? []
  const yaml = parseYaml('page.yaml', shown)
  const { deliver } = yaml.value as { deliver: { options: Options } }
  t.same(resolveSecrets(httpSink.options, deliver.options, '/', { MARKET_KEY: 'k' }, yaml), [])
  t.ok(checked(deliver.options))
  t.end()
})

t.test('contents of attachments stand in the body as base64, or are files of a form, sent in pieces', async (t) => {
  const server = await startServer(t)
  server.answerWith({ body: '{"code": 0}' })
  const [scan, plan] = [randomBytes(400_001), Buffer.from([0, 255, 13, 10])]
  const values = {
    NO: 'A1',
    CL: [
      { MC: '图纸', NR: contentOf(scan, 77_777) },
      { MC: '合同', NR: contentOf(plan) },
      { MC: '空', NR: contentOf(Buffer.alloc(0)) },
    ],
  }
  const digests = (texts: unknown[]) => texts.map((text) => Buffer.from(String(text), 'base64').toString('hex'))
  const wanted = [scan, plan, Buffer.alloc(0)].map((bytes) => bytes.toString('hex'))
  const sink = openSink(t, server.baseUrl, { ...json, body: {} })
  t.match(await sink.deliver(operation(values), never), { verdict: 'accepted' })
  const { data } = JSON.parse(server.requests[0]!.body.toString())
  t.same(digests(data.CL.map(({ NR }: { NR: string }) => NR)), wanted)
  t.equal(server.requests[0]!.headers['content-length'], String(server.requests[0]!.body.length))

  const xml = { ...json, idHeader: undefined, id: 'Case/Id', under: 'Case/Data', body: { format: 'xml', charset: 'gbk' } }
  await openSink(t, server.baseUrl, xml).deliver(operation(values), never)
  t.same(digests(textsAt(readXml(decodeText(server.requests[1]!.body)).above, toPath('Case/Data/CL/NR'))), wanted)

  const flat = { NO: 'A"1', BZ: '甲', NR: contentOf(scan, 77_777), FJ: contentOf(plan) }
  const multipart = openSink(t, server.baseUrl, { ...json, under: undefined, body: { format: 'multipart' } })
  t.match(await multipart.deliver(operation(flat), never), { verdict: 'accepted' })
  const { headers, body } = server.requests[2]!
  const form = await new Response(body, { headers: { 'content-type': String(headers['content-type']) } }).formData()
  t.same([form.get('NO'), form.get('BZ')], ['A"1', '甲'])
  for (const [name, bytes] of [
    ['NR', scan],
    ['FJ', plan],
  ] as const)
    t.ok(Buffer.from(await (form.get(name) as File).arrayBuffer()).equals(bytes))

  await t.rejects(multipart.deliver(operation(values), never), { code: 'DELIVERY_MISFIT', message: /multipart/ })
  const plain = openSink(t, server.baseUrl, { ...json, under: undefined, body: { format: 'form' } })
  await t.rejects(plain.deliver(operation(flat), never), { code: 'DELIVERY_MISFIT', message: /附件的内容放不进这里/ })
  const sent = server.requests.length
  const damaged = await sink.deliver(operation({ NO: 'A2', CL: [{ NR: damagedContent(scan) }] }), never)
  t.match(damaged, { verdict: 'transient', error: { code: 'ATTACHMENT_DAMAGED' } })
  t.equal(server.requests.length, sent, 'a content is looked at before a request begins that nobody could take back')
})
