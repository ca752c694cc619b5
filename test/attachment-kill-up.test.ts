// needs: rabbitmq, postgresql
/** The lane of attachments up over RabbitMQ, by three doors: gateway and platform are killed on the way, and each content arrives whole and once. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AttachmentCounter } from '../core/attachments/received.ts'
import { systemClock } from '../core/clock.ts'
import { digestOf } from './contract/attachment-place.ts'
import { include, mtom, mtomType, part, root } from './contract/soap-messages.ts'
import { openPostgresql } from './departments/databases.ts'
import { openLane } from './fault/lane.ts'
import { lanePlanOf, laneUpPoints } from './fault/points.ts'
import { createRandom } from './fault/random.ts'
import { freePort } from './free-port.ts'
import { until } from './temporary.ts'

const random = createRandom(22, 'lane up')

const systemOf = (adapter: string, mapping: string, options: object): string => `
department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: ${adapter}
mapping: dept/${mapping}
schedule: { every: 100ms }
backoff: { first: 20ms, longest: 50ms }
options: ${JSON.stringify(options)}
`

/** `at`: where digest and size of a file stand. */
const mappingOf = (at: string): string => `
case: { sourceCaseNo: no }
events:
  - type: application.received
    content:
      receivedAt: { from: at, date: yyyy-MM-dd }
      applicant: { name: name }
      materials: { each: cl, fields: { name: mc, digest: ${at}digest, size: { from: ${at}size, number: true } } }
`

/** What a department's own program does: it sends the same again until it is told that all is kept. A refusal ends it. */
const pushUntilKept = async (signal: AbortSignal, url: string, bodyOf: () => FormData | Buffer, headers = {}): Promise<void> => {
  while (!signal.aborted) {
    const answer = await fetch(url, { method: 'POST', body: bodyOf(), headers, signal }).catch(() => undefined)
    // It breaks off in the middle, too.
    const text = await answer?.text().catch(() => undefined)
    if (answer?.ok && text !== undefined) return
    if (answer && !answer.ok && answer.status !== 503) throw new Error(`${url} answers ${answer.status}: ${text}`)
    await systemClock.wait(200, signal)
  }
}

t.test('killed at seeded points, gateway and platform by turns, each content arrives whole, and once', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  await admin.query('CREATE TABLE sb (no text PRIMARY KEY, n bigserial, at text, name text)')
  await admin.query('CREATE TABLE cl (no text NOT NULL, mc text NOT NULL, file bytea)')
  const [formPort, soapPort] = [await freePort(), await freePort()]
  const db = {
    ...{ engine: 'postgresql', connection: { ...connection, password: undefined } },
    streams: [
      {
        ...{ table: 'sb', key: ['no'], mode: 'watermark', watermark: { column: 'n', kind: 'number' } },
        include: [
          { name: 'cl', table: 'cl', on: { no: 'no' }, orderBy: ['mc'], attachments: [{ column: 'file', fileName: 'mc' }] },
        ],
      },
    ],
  }
  const form = { path: '/cases', format: 'json', stream: 'sb', key: ['no'], attachments: { paths: ['cl/file'] } }
  const soap = {
    ...{ path: '/cases', format: 'soap', stream: 'sb', key: ['no'], soap: { kind: 'typed' }, records: 'submit/sb' },
    attachments: { paths: ['cl/file'] },
  }
  const lane = await openLane(t, {
    'config/adapters/db.yaml': systemOf('db', 'json', db),
    'config/adapters/form.yaml': systemOf('http', 'json', { listen: { port: formPort }, streams: [form] }),
    'config/adapters/soap.yaml': systemOf('http', 'xml', { listen: { port: soapPort }, streams: [soap] }),
    'mappings/dept/json.yaml': mappingOf('file/'),
    'mappings/dept/xml.yaml': mappingOf('file/@'),
  })

  /** Contents by system and case. */
  const given = new Map<string, Buffer[]>()
  const pushes: Promise<void>[] = []
  const over = new AbortController()
  t.teardown(() => over.abort())
  /** The same one comes by every door. */
  const shared = randomBytes(700_000)
  const contentsOf = (system: string, no: string, least: number): Buffer[] => {
    const contents = [randomBytes(least + random(500_000)), shared, Buffer.from(`small ${system} ${no}`)]
    given.set(`${system}:${no}`, contents)
    return contents
  }
  const doors = {
    async db(no: string) {
      // So large that the store is told on the way how much of it the broker has.
      for (const [n, bytes] of contentsOf('db', no, 6_300_000).entries())
        await admin.query('INSERT INTO cl VALUES ($1, $2, $3)', [no, `M${n}`, bytes])
      await admin.query("INSERT INTO sb VALUES ($1, DEFAULT, '2026-03-02', '甲')", [no])
    },
    async form(no: string) {
      const contents = contentsOf('form', no, 1_000_000)
      const cl = contents.map((_, n) => ({ mc: `M${n}`, file: `${n}.pdf` }))
      const bodyOf = (): FormData => {
        const data = new FormData()
        data.append('record', JSON.stringify({ no, at: '2026-03-02', name: '甲', cl }))
        for (const [n, bytes] of contents.entries()) data.append(`f${n}`, new Blob([bytes]), `${n}.pdf`)
        return data
      }
      pushes.push(pushUntilKept(over.signal, `http://127.0.0.1:${formPort}/cases`, bodyOf))
    },
    async soap(no: string) {
      const contents = contentsOf('soap', no, 1_000_000)
      const cl = contents.map((_, n) => `<cl><mc>M${n}</mc><file>${include(`${n}`)}</file></cl>`).join('')
      const record = `<submit><sb><no>${no}</no><at>2026-03-02</at><name>甲</name>${cl}</sb></submit>`
      const body = mtom([root(record), ...contents.map((bytes, n): [string, Buffer] => [part(`${n}`), bytes])])
      pushes.push(pushUntilKept(over.signal, `http://127.0.0.1:${soapPort}/cases`, () => body, { 'content-type': mtomType }))
    },
  }
  const sendCases = async (): Promise<void> => {
    const no = String(given.size).padStart(3, '0')
    await doors.db(no)
    await (pushes.length % 2 === 0 ? doors.form : doors.soap)(no)
    // They are waited for at the end.
    for (const push of pushes) push.catch(() => undefined)
  }

  await lane.killOften(
    {
      gateway: laneUpPoints.map((point) => lanePlanOf(point, random)),
      platform: (['placed', 'recorded'] as const).map((point) => lanePlanOf(point, random)),
    },
    sendCases,
  )
  await sendCases()
  await Promise.all(pushes)
  const contents = new Map([...given.values()].flat().map((bytes) => [digestOf(bytes), bytes]))
  const gateway = lane.openGatewayStore()
  const sum = (column: 'arrived' | 'receipted'): number => gateway.books().reduce((total, line) => total + line[column], 0)
  const isOver = async (): Promise<boolean> => {
    // The books are read from the gateway's own store, which has other work.
    await systemClock.wait(100)
    return sum('arrived') >= contents.size && sum('receipted') >= given.size
  }
  await until('all contents and messages have arrived', isOver, 120_000)
  await lane.stop()

  const digests = [...contents.keys()].sort()
  t.same(lane.contentsOf('platform').sort(), digests)
  for (const [digest, bytes] of contents)
    t.ok(readFileSync(join(lane.folders.platform, digest.slice(7, 9), digest.slice(7))).equals(bytes), digest)
  t.same(lane.contentsOf('gateway').sort(), digests)
  t.same(lane.leftOver(), [])

  const platform = lane.openPlatformStore()
  const ids: string[] = []
  for await (const { id } of platform.ids()) ids.push(id)
  const messages = (await platform.bodies(ids)).map(({ body }) => {
    const { source, data } = JSON.parse(body)
    const materials: { digest: string; size: number }[] = data.content.materials
    return [source.split('/').at(-1), data.case.sourceCaseNo, ...materials.map(({ digest, size }) => `${digest} ${size}`)].join()
  })
  const expected = [...given].map(([key, all]) =>
    [...key.split(':'), ...all.map((bytes) => `${digestOf(bytes)} ${bytes.length}`)].join(),
  )
  t.same(messages.sort(), expected.sort(), 'each message is there once, and names its contents')
  t.same(await platform.attachments.partials(), [])
  const counts = await platform.attachments.counts()
  const counted = (counter: AttachmentCounter): number => counts.reduce((total, line) => total + line[counter], 0)
  t.same([counted('arrived'), counted('different'), counted('refused')], [contents.size, 0, 0])
  t.same(await lane.deadLetters(), [])

  for (const line of gateway.books()) t.match(line, { balanced: true, quarantined: 0, waiting: 0, unsent: 0 })
  const plain = (lines: object[]) => lines.map((line) => ({ ...line, duplicates: 0 }))
  t.same(plain(gateway.recount()), plain(gateway.books()))
  t.same(gateway.attachments.transfers({ limit: 10 }), [])
  const sent = gateway.attachments.transfers({ states: ['arrived'], limit: 1000 })
  t.same(
    sent.filter(({ restarts }) => restarts > 0),
    [],
    'each went on from where it was, none began anew',
  )
})
