// needs: postgresql, rabbitmq
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { MessageDraft } from '../core/canonical/index.ts'
import { platformCommand } from '../core/cli/platform.ts'
import { openPlatform } from '../core/platform/platform.ts'
import { startReceiver } from '../core/platform/receiver.ts'
import { openSqliteReceiverStore } from '../core/platform/sqlite-store.ts'
import type { OutgoingMessage, Transport } from '../core/transport/transport.ts'
import { openBrokerProxy } from './contract/broker-proxy.ts'
import {
  attachmentOptionsOf,
  caseMessages,
  createDatabase,
  createEmbeddedPlace,
  createServerPlace,
  draftOf,
  idsByLane,
  messageOf,
  openReceiver,
  openTransport,
  type PlatformPlace,
  publish,
  totals,
  untilReceived,
} from './contract/platform-place.ts'
import { createRabbitmqPlace, rabbitmqOptionsOf } from './contract/rabbitmq-place.ts'
import { connected, realClock, until } from './contract/transport-messages.ts'
import { temporaryFolder } from './temporary.ts'

const none = { received: 0, duplicates: 0, conflicts: 0, refused: 0, stale: 0, violations: 0 }

/** The message with its event changed after it was stamped. */
const forged = (message: OutgoingMessage, change: (event: Record<string, unknown>) => unknown): OutgoingMessage => {
  const event = JSON.parse(String(message.body))
  change(event)
  return { ...message, id: String(event.id), body: JSON.stringify(event) }
}

/** What the receiver must refuse, each with a name and the path it must complain about. */
const garbage = (): [string, string, OutgoingMessage][] => {
  const good = messageOf(draftOf('application.received', 'GARBAGE'))
  const body = String(good.body)
  const anyHash = () => 'a'.repeat(64)
  const withApplicant = (name: string): MessageDraft => {
    const draft = draftOf('application.received', 'GARBAGE')
    return { ...draft, content: { ...draft.content, applicant: { ...(draft.content.applicant as object), name } } }
  }
  return [
    ['not JSON', '/', { ...good, body: '<message/>' }],
    ['nothing at all', '/', { ...good, body: '' }],
    ['truncated', '/', { ...good, body: body.slice(0, -20) }],
    ['huge', '/', { ...good, body: 'x'.repeat(6_000_000) }],
    ['JSON of another kind', '/type', { ...good, body: '[[[[null]]]]' }],
    ['control characters everywhere', '/', { ...good, id: 'bad\0id', lane: 'bad\0lane', body: '\0\u0001' }],
    ['an unknown type', '/type', forged(good, (event) => (event.type = 'qianzhi.case.invented.v1'))],
    ['a type of the prototype', '/type', forged(good, (event) => (event.type = 'qianzhi.constructor.v1'))],
    ['a __proto__ in the envelope', '/__proto__', { ...good, body: body.replace('{', '{"__proto__":{"polluted":1},') }],
    [
      'a __proto__ in the content',
      '/data/content/__proto__',
      { ...good, body: body.replace('"content":{', '"content":{"__proto__":{"polluted":1},') },
    ],
    [
      'a constructor in the data',
      '/data/constructor',
      { ...good, body: body.replace('"data":{', '"data":{"constructor":{"prototype":{"polluted":1}},') },
    ],
    ['a wrong hash', '/contenthash', forged(good, (event) => (event.contenthash = anyHash()))],
    ['content changed on the way', '/contenthash', { ...good, body: body.replace('示例建设', '示例改动') }],
    ['an id that lies about the version', '/id', forged(good, (event) => (event.id = good.id.replace(/:1$/, ':2')))],
    ['an id of another case', '/id', forged(good, (event) => (event.id = good.id.replace('GARBAGE', 'OTHER')))],
    [
      'another department in source',
      '/source',
      forged(good, (event) => (event.source = '/departments/12150902PDY00001X4/systems/zhujian')),
    ],
    ['another subject', '/subject', forged(good, (event) => (event.subject = 'OTHER'))],
    ['another lane', '/partitionkey', forged(good, (event) => (event.partitionkey = 'zhujian/OTHER'))],
    ['a delivery under another id', '/', { ...good, id: 'zhujian:OTHER:application.received:::1' }],
    ['a delivery of another type', '/', { ...good, type: 'case.closed' }],
    ['a delivery in another lane', '/', { ...good, lane: 'zhujian/OTHER' }],
    ['a lone surrogate', '/data', messageOf(withApplicant('\ud800'), { hash: anyHash })],
    ['a NUL in the case number', '/data/case/sourceCaseNo', messageOf(draftOf('application.received', 'NUL\0'))],
    [
      'a NUL in the case number, which the subject contradicts',
      '/data/case/sourceCaseNo',
      forged(messageOf(draftOf('application.received', 'NUL\0')), (event) => (event.subject = 'OTHER')),
    ],
    [
      'a NUL in the name of the system, and a target',
      '/data/source/system',
      forged(good, (event) => {
        event.target = 'zhujian'
        ;(event.data as { source: { system: string } }).source.system = 'zhu\0jian'
      }),
    ],
    [
      'a member named by a NUL',
      '/data/content/a\u2400b',
      { ...good, body: body.replace('"content":{', '"content":{"a\\u0000b":1,') },
    ],
  ]
}

const testPlatform = (name: string, createPlace: (t: Test) => Promise<PlatformPlace>): Promise<unknown> =>
  t.test(`a platform on ${name}`, async (suite) => {
    const scenario = (title: string, body: (t: Test, place: PlatformPlace) => Promise<void>) =>
      suite.test(title, async (t) => body(t, await createPlace(t)))

    await scenario('keeps whole cases in order, with their state, and its books balance', async (t, place) => {
      const { transport, store, errors } = await openReceiver(t, place)
      const sent = caseMessages(40)
      await publish(t, transport, sent)
      await untilReceived(store, sent.length)
      t.same(await totals(store), { ...none, received: sent.length })
      t.same(await idsByLane(store.ids()), await idsByLane(sent))
      t.equal((await store.counts()).length, 7, 'one line per type')
      t.match((await store.counts())[0], {
        day: /^\d{4}-\d\d-\d\d$/,
        system: 'zhujian',
        type: 'acceptance.decided',
        received: 40,
      })

      const { state, messages } = await store.caseHistory('zhujian/SL2015-0007')
      t.match(state, { status: 'collected', openSpecials: [], paperOwed: false })
      t.equal(messages.length, 7)
      t.match(messages[0], { type: 'application.received', dataVersion: 1, state: 'applied', violations: [] })
      const [row] = await place.sql(`SELECT * FROM message WHERE id = '${sent[7]!.id}'`)
      const { id, body, lane, type } = sent[7]!
      const [department, region] = ['11150900PDY00001XA', '150900']
      t.match(row, { id, body, lane, type, department, region, system: 'zhujian', case_no: 'SL2015-0007' }, 'kept as sent')
      t.equal(await store.has(id), true)
      t.equal(await store.has(`${id}0`), false)
      t.same(await idsByLane(store.ids({ system: 'nobody' })), {})
      t.same(errors, [])
    })

    await scenario('tells duplicate, conflict, correction and stale apart, and drops none of them', async (t, place) => {
      const { transport, store } = await openReceiver(t, place)
      const draft = draftOf('prereview.decided', 'SL-1')
      const other = draftOf('prereview.decided', 'SL-1', { decision: 'returned' })
      const [first, conflicting] = [messageOf(draft), messageOf(other)]
      const [second, third] = [messageOf(other, { dataVersion: 2 }), messageOf(draft, { dataVersion: 3 })]
      const restamped = messageOf({ ...draft, flags: [{ path: '/content', code: 'suspect' }] })
      const sent = [
        messageOf(draftOf('application.received', 'SL-1')),
        first,
        first,
        conflicting,
        conflicting,
        restamped,
        third,
        second,
        second,
      ]
      await publish(t, transport, sent)
      await untilReceived(store, sent.length)
      t.same(await totals(store), { received: 9, duplicates: 4, conflicts: 1, refused: 0, stale: 1, violations: 1 })

      const { state, messages } = await store.caseHistory('zhujian/SL-1')
      t.match(state, { status: 'prereviewed' }, 'the stale version has changed nothing')
      t.same(
        messages.map(({ id, state, violations }) => [id, state, violations]),
        [
          [sent[0]!.id, 'applied', []],
          [first.id, 'applied', []],
          [third.id, 'applied', []],
          [second.id, 'stale', ['version_went_back']],
        ],
      )
      const conflicts = await place.sql('SELECT id, body FROM conflict')
      t.same(conflicts, [{ id: first.id, body: conflicting.body }], 'kept whole, once')
      t.same(await place.deadLetters(), [])
    })

    await scenario('finds a version that is missing where the gateway counts them itself', async (t, place) => {
      const { transport, store } = await openReceiver(t, place)
      const version = (dataVersion: number, origin: 'source' | 'derived', type: 'application.received' | 'prereview.decided') =>
        messageOf(draftOf(type, 'SL-1'), { dataVersion, origin })
      const received = [1, 2, 4].map((number) => version(number, 'derived', 'application.received'))
      const decided = [3, 9].map((number) => version(number, 'source', 'prereview.decided'))
      await publish(t, transport, [...received, ...decided])
      await untilReceived(store, 5)
      const broken = (await store.caseHistory('zhujian/SL-1')).messages.filter(({ violations }) => violations.length > 0)
      t.same(
        broken.map(({ id, violations }) => [id, violations]),
        [[received[2]!.id, ['version_skipped']]],
      )
    })

    await scenario('keeps and counts what breaks the order of a case, and goes on', async (t, place) => {
      const { transport, store } = await openReceiver(t, place)
      const of = (type: Parameters<typeof draftOf>[0], content = {}) => messageOf(draftOf(type, 'SL-1', content))
      const [early, received, accepted] = [of('review.step'), of('application.received'), of('acceptance.decided')]
      const [special, closed, late] = [of('special.started'), of('case.closed'), of('review.decided')]
      const sent = [early, received, accepted, special, closed, late]
      await publish(t, transport, sent)
      await untilReceived(store, sent.length)
      const { state, messages } = await store.caseHistory('zhujian/SL-1')
      t.match(state, { status: 'closed', openSpecials: ['1'] })
      t.same(
        messages.map(({ id, violations }) => [id, violations]),
        [
          [early.id, ['early']],
          [received.id, []],
          [accepted.id, []],
          [special.id, []],
          [closed.id, ['special_open_at_closing']],
          [late.id, ['late']],
        ],
      )
      t.same(await totals(store), { ...none, received: 6, violations: 3 })
      const rows = await place.sql('SELECT kind, status FROM violation ORDER BY kind')
      t.same(rows, [
        { kind: 'early', status: 'expected' },
        { kind: 'late', status: 'closed' },
        { kind: 'special_open_at_closing', status: 'in_review' },
      ])
    })

    await scenario('holds what came early until what it waits for is there, also over a restart', async (t, place) => {
      const first = await openReceiver(t, place)
      const of = (type: Parameters<typeof draftOf>[0]) => messageOf(draftOf(type, 'SL-1'))
      const [closed, step] = [of('case.closed'), of('review.step')]
      await publish(t, first.transport, [closed, step, of('application.received')])
      await untilReceived(first.store, 3)
      t.match((await first.store.caseHistory('zhujian/SL-1')).state, {
        status: 'received',
        held: [{ id: closed.id }, { id: step.id }],
      })
      await first.close()
      const second = await openReceiver(t, place)
      await publish(t, second.transport, [of('acceptance.decided')])
      await untilReceived(second.store, 4)
      const { state, messages } = await second.store.caseHistory('zhujian/SL-1')
      t.match(state, { status: 'closed', held: undefined })
      t.same(
        messages.map(({ violations }) => violations),
        [['early'], ['early'], [], []],
        'that they came early is on record, and nothing else',
      )
    })

    await scenario('refuses and keeps garbage of every kind, which stops nobody', async (t, place) => {
      const { transport, store, errors } = await openReceiver(t, place)
      const bad = garbage()
      const good = caseMessages(bad.length)
      const mixed = good.flatMap((message, index) => (bad[index] ? [message, bad[index][2]] : [message]))
      await publish(t, transport, mixed)
      await untilReceived(store, mixed.length)
      t.same(await totals(store), { ...none, received: mixed.length, refused: bad.length })
      t.same(await idsByLane(store.ids()), await idsByLane(good))
      const rows = await place.sql('SELECT code, zh, en, properties, body FROM refused')
      for (const [what, path, { id, type, lane, body }] of bad) {
        const row = rows.find(
          (one) => one.properties === JSON.stringify({ id, type, lane }) && Buffer.from(body).equals(one.body as Buffer),
        )
        t.equal(row?.code, 'MESSAGE_INVALID', `${what} is kept whole`)
        t.ok(String(row?.en).includes(`: field ${path} breaks its schema: `), `${what}: ${row?.en}`)
        t.match(row?.zh, /[\u4e00-\u9fff]/)
      }
      await until('all of it is with the dead letters', async () => (await place.deadLetters()).length === bad.length)
      t.equal(({} as Record<string, unknown>).polluted, undefined)
      t.ok(
        (await store.counts()).every(({ system }) => system === 'zhujian' || system === '?'),
        'garbage gives no names to the books',
      )

      await publish(t, transport, [bad[0]![2]])
      await untilReceived(store, mixed.length + 1)
      t.same(await totals(store), { ...none, received: mixed.length + 1, refused: bad.length, duplicates: 1 })
      t.same(errors, [])
    })

    await scenario('counts what comes again after a lost verdict as duplicates, and changes nothing', async (t, place) => {
      const first = await openTransport(t, place)
      const sent = [...caseMessages(20), { ...caseMessages(1)[0]!, body: 'garbage' }]
      await publish(t, first, sent)
      const store = place.openStore()
      t.teardown(() => store.close())
      let inHand = 0
      const verdictless: Transport = {
        ...first,
        subscribe: (take, options) =>
          first.subscribe(async (deliveries) => {
            inHand++
            await take(deliveries)
            inHand--
            return new Promise(() => undefined)
          }, options),
      }
      startReceiver({
        transport: verdictless,
        store,
        clock: realClock,
        answer: async () => undefined,
        onFailed: (error) => t.fail(error.message),
      })
      await until('it has committed a batch', async () => (await totals(store)).received! > 0)
      await first.close(0)
      await until('its last batch is committed', () => inHand === 0)
      const committed = (await totals(store)).received!
      const before = await place.sql('SELECT * FROM message ORDER BY arrival')

      const second = await openReceiver(t, place)
      await untilReceived(store, sent.length + committed)
      t.same(await totals(store), { ...none, received: sent.length + committed, duplicates: committed, refused: 1 })
      t.same((await place.sql('SELECT * FROM message ORDER BY arrival')).slice(0, before.length), before)
      t.same(await idsByLane(store.ids()), await idsByLane(sent.slice(0, -1)))
      t.same(second.errors, [])
    })

    await scenario(
      'tells once of each message that it took, although what is owed for it could not be sent at first',
      async (t, place) => {
        const transport = await openTransport(t, place)
        const store = place.openStore()
        t.teardown(() => store.close())
        const taken: string[] = []
        let failures = 0
        startReceiver({
          transport,
          store,
          clock: realClock,
          answer: async () => {
            if (failures < 2) throw new Error('the broker is away')
          },
          onTaken: ({ messages }) => void taken.push(...messages.map(({ id }) => id)),
          onFailed: () => {
            failures += 1
          },
        })
        const sent = caseMessages(5)
        await publish(t, transport, sent)
        await until('all were acknowledged', async () => failures >= 2 && (await totals(store)).duplicates! > 0)
        await until('all are told', () => taken.length >= sent.length)
        t.same(taken.sort(), sent.map(({ id }) => id).sort())
        await transport.close(1000)
      },
    )

    await scenario('asks for everything again while its store cannot be written, and loses nothing', async (t, place) => {
      const { transport, store, errors } = await openReceiver(t, place)
      t.equal(await store.has('anything'), false, 'the store is there')
      await place.sql('ALTER TABLE tally RENAME TO tally_away')
      const sent = caseMessages(10)
      await publish(t, transport, sent)
      await until('it has failed several times', () => errors.length >= 3)
      t.match(errors[0], { code: 'STORE_UNWRITABLE', retry: 'later' })
      t.same(await place.sql('SELECT id FROM message'), [], 'a commit that failed at its end leaves nothing behind')
      await place.sql('ALTER TABLE tally_away RENAME TO tally')
      await untilReceived(store, sent.length)
      t.same(await totals(store), { ...none, received: sent.length })
      t.same(await idsByLane(store.ids()), await idsByLane(sent))
      t.same(await place.deadLetters(), [], 'a store that is away is nobody’s fault')
    })

    await scenario('keeps the order of every lane over receivers that come and go', async (t, place) => {
      const sender = await openTransport(t, place)
      const sent = caseMessages(120)
      const publishing = publish(t, sender, sent.slice(0, 400)).then(() => publish(t, sender, sent.slice(400)))
      const store = place.openStore()
      t.teardown(() => store.close())
      const errors: string[] = []
      for (const share of [100, 400, 700]) {
        const transport = await openTransport(t, place)
        startReceiver({
          transport,
          store,
          clock: realClock,
          answer: async () => undefined,
          onFailed: (error) => errors.push(error.message),
        })
        await until(`${share} are taken`, async () => (await totals(store)).received! >= share)
        await transport.close(0)
      }
      await publishing
      await openReceiver(t, place)
      await until('all are taken', async () => (await totals(store)).received! - (await totals(store)).duplicates! >= sent.length)
      t.same(await idsByLane(store.ids()), await idsByLane(sent))
      t.equal((await totals(store)).violations, 0)
      // A receiver that was closed without grace may still have a batch in hand, which the next one is given as well.
      t.ok(
        errors.every((error) => /duplicate key|UNIQUE/.test(error)),
        errors.join('\n') || 'no errors',
      )
    })
  })

await testPlatform('the embedded transport and SQLite', createEmbeddedPlace)
await testPlatform('RabbitMQ and PostgreSQL', createServerPlace)

t.test('PostgreSQL that kills the connection in mid-flow, and a broker that drops its own, cost nothing', async (t) => {
  const { options, admin } = await createDatabase(t)
  const rabbitmq = await createRabbitmqPlace(t)
  const proxy = await openBrokerProxy(t)
  const sender = rabbitmq.open()
  await connected(sender)
  const config = {
    folder: '.',
    transport: {
      kind: 'rabbitmq' as const,
      options: rabbitmqOptionsOf({ urls: [`amqp://127.0.0.1:${proxy.port}`], prefix: rabbitmq.prefix }),
    },
    store: { kind: 'postgresql' as const, options },
    attachments: attachmentOptionsOf(temporaryFolder(t)),
  }
  const connections = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'qianzhi platform'"
  const failures: string[] = []
  const platform = openPlatform(config, { clock: realClock, onFailed: ({ code }) => failures.push(code) })
  const sent = caseMessages(300)

  const kill = async (): Promise<number> => {
    const killed = await admin.query(`SELECT pg_terminate_backend(pid) ${connections}`)
    return killed.rowCount ?? 0
  }
  await totals(platform.store)
  await admin.query('BEGIN')
  await admin.query('LOCK TABLE tally')
  await publish(t, sender, sent.slice(0, 1))
  const waits = `SELECT 1 ${connections} AND wait_event_type = 'Lock'`
  await until('a transaction waits at its last statement', async () => (await admin.query(waits)).rowCount === 1)
  t.equal(await kill(), 1)
  await until('the receiver has noticed', () => failures.length > 0)
  await admin.query('COMMIT')

  const publishing = (async () => {
    for (let from = 1; from < sent.length; from += 300) await publish(t, sender, sent.slice(from, from + 300))
  })()
  let kills = 0
  for (let target = 300; target <= sent.length; target += 300) {
    await until(
      `${target} messages are kept`,
      async () => Number((await admin.query('SELECT count(*) AS n FROM message')).rows[0].n) >= target,
    )
    kills += await kill()
    proxy.cut()
  }
  await publishing
  t.ok(kills >= 3, `${kills} connections were killed`)
  // The first question after the last kill may be the one that finds the connection broken.
  const lanes = await idsByLane(platform.store.ids()).catch(() => idsByLane(platform.store.ids()))
  t.same(lanes, await idsByLane(sent))
  const { violations, conflicts, refused, stale } = await totals(platform.store)
  t.same({ violations, conflicts, refused, stale }, { violations: 0, conflicts: 0, refused: 0, stale: 0 })
  t.ok(failures.every((code) => code === 'STORE_UNWRITABLE'))
  await platform.close()
  const open = await admin.query(`SELECT 1 ${connections}`)
  t.equal(open.rowCount, 0, 'nothing is left open')
})

t.test('two receivers that judged the same delivery cannot both keep it', async (t) => {
  for (const createPlace of [createEmbeddedPlace, createServerPlace]) {
    const place = await createPlace(t)
    const stores = [place.openStore(), place.openStore()] as const
    t.teardown(() => Promise.all(stores.map((store) => store.close())))
    const { id, type, lane, body } = caseMessages(1)[0]!
    const message = {
      id,
      type,
      lane,
      body: String(body),
      identity: id.slice(0, -2),
      dataVersion: 1,
      system: 'zhujian',
      department: '11150900PDY00001XA',
    }
    const findings = {
      ...{ at: Date.now(), conflicts: [], refusals: [], violations: [], cases: [], tally: [] },
      messages: [
        {
          ...message,
          region: '150900',
          gateway: null,
          caseNo: 'SL2015-0000',
          contentHash: 'a'.repeat(64),
          seenAt: '2026-03-02T09:30:00',
          state: 'applied' as const,
        },
      ],
    }
    await stores[0].record(findings)
    await t.rejects(stores[1].record(findings), { code: 'STORE_UNWRITABLE' })
    t.equal(await stores[1].has(id), true, 'and the refused one can be used again')
  }
})

t.test('a store whose structure was changed by hand is not opened', async (t) => {
  const place = await createEmbeddedPlace(t)
  await place.openStore().close()
  await place.sql('ALTER TABLE message ADD COLUMN extra TEXT')
  t.throws(() => place.openStore(), { code: 'STORE_SCHEMA_DRIFT' })
  t.throws(() => openSqliteReceiverStore('/dev/null/platform.sqlite', Date.now()), { code: 'STORE_UNWRITABLE' })

  const { options, admin } = await createDatabase(t)
  const server = await import('../core/platform/postgresql-store.ts')
  const store = server.openPostgresqlReceiverStore(options, '.')
  t.teardown(() => store.close())
  t.equal(await store.has('anything'), false)
  await admin.query("UPDATE migration SET checksum = 'another'")
  const late = server.openPostgresqlReceiverStore(options, '.')
  t.teardown(() => late.close())
  await t.rejects(late.has('anything'), { code: 'STORE_SCHEMA_DRIFT' })
  const nowhere = server.openPostgresqlReceiverStore({ ...options, port: 1 }, '.')
  t.teardown(() => nowhere.close())
  await t.rejects(nowhere.has('anything'), {
    code: 'STORE_UNWRITABLE',
    values: { file: /^postgresql:\/\/127.0.0.1:1\/qianzhi_platform_/ },
  })
})

t.test('qianzhi platform', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const run = async (args: string[], interrupted = new AbortController().signal, out: string[] = []) => {
    const err: string[] = []
    let code = 0
    const io = {
      out: (text: string) => void out.push(text),
      err: (text: string) => void err.push(text),
      env: {},
      interrupted,
      exit: (given: number) => {
        code = given
      },
    }
    await platformCommand(io).parseAsync(['--config', folder, ...args], { from: 'user' })
    return { out, err: err.join('\n'), code }
  }
  const write = (text: string) => writeFileSync(join(folder, 'platform.yaml'), text)

  await t.test('says of every mistake where it stands', async (t) => {
    t.match(await run([]), { code: 1, err: /CONFIG_UNREADABLE/ })
    write('transport: {\n')
    t.match(await run([]), { code: 1, err: /config\/platform\.yaml:\d+:\d+/ })
    write('transport:\n  kind: embedded\n  fiel: x\nstore:\n  kind: postgresql\n  port: 0\n  password: secret\nextra: 1\n')
    const { code, err } = await run([])
    t.equal(code, 1)
    for (const place of ['3:3', '6:9', '7:13', '8:1']) t.ok(err.includes(`config/platform.yaml:${place}`), place)
    t.notMatch(err, /password.*secret"/)
    write('transport:\n  kind: rabbitmq\n  heartbeatSeconds: 0\nstore:\n  kind: postgresql\n  password: { env: MISSING }\n')
    const unsafe = await run([])
    t.match(unsafe.err, /CONFIG_UNSAFE[\s\S]*3:21/)
    t.match(unsafe.err, /CONFIG_SECRET_MISSING[\s\S]*6:13/)
    write('transport:\n  kind: constructor\nstore: sqlite\n')
    const wrong = await run([])
    for (const place of ['2:9', '3:8']) t.ok(wrong.err.includes(`config/platform.yaml:${place}`), wrong.err)
    write('')
    t.match((await run([])).err, /CONFIG_KEY_MISSING[\s\S]*CONFIG_KEY_MISSING/)
  })

  await t.test('receives until it is interrupted, and prints what it counted', async (t) => {
    write('transport:\n  kind: embedded\n  file: queue.sqlite\nstore:\n  kind: sqlite\n  file: platform.sqlite\n')
    const interruption = new AbortController()
    const out: string[] = []
    const running = run(['--json'], interruption.signal, out)
    await until('it has printed its first line', () => out.length > 0)
    t.match(JSON.parse(out[0]!), { received: 0, refused: 0 })
    const { openEmbedded } = await import('../core/transport/embedded.ts')
    const sender = openEmbedded({ file: join(folder, 'queue.sqlite'), partitions: 4, window: 500, pollMs: 10 }, realClock)
    sender.open()
    await connected(sender)
    const sent = caseMessages(5)
    await publish(t, sender, sent)
    await sender.close(0)
    const store = openSqliteReceiverStore(join(folder, 'platform.sqlite'), Date.now())
    t.teardown(() => store.close())
    await untilReceived(store, sent.length)
    interruption.abort()
    t.match(await running, { code: 0, err: '' })
    t.match(JSON.parse(out.at(-1)!), { received: sent.length, duplicates: 0 })

    const counts = await run(['--counts'])
    t.match(counts.out.join('\n'), /收到 received[\s\S]*zhujian +application\.received +5 +0/)
    const json = JSON.parse((await run(['--counts', '--json'])).out.join(''))
    t.match(json.messages[0], { system: 'zhujian', type: 'acceptance.decided', received: 5 })
  })
})
