/** The sender of attachments, before a transport that answers as the test says. */
import { randomBytes } from 'node:crypto'
import { truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { chunkBytes } from '../core/attachments/chunk.ts'
import { takeAttachmentReceipt } from '../core/attachments/take-receipt.ts'
import type { OutgoingMessage, Transport } from '../core/transport/transport.ts'
import { digestOf, openSendingPlace, startSender } from './contract/attachment-place.ts'
import { openScriptedTransport } from './contract/scripted-transport.ts'
import { temporaryFolder, until } from './temporary.ts'

const scripted = (script: Parameters<typeof openScriptedTransport>[0], window = 8) => {
  const { transport, ...rest } = openScriptedTransport(script, window)
  return { ...rest, open: () => transport as unknown as Transport<Buffer> }
}

const offsetOf = ({ headers }: OutgoingMessage): number => headers!['offset'] as number
const bytesOf = (messages: OutgoingMessage[]): Buffer => Buffer.concat(messages.map(({ body }) => body as Buffer))
const at = '2026-03-02T09:30:00+08:00'

t.test('an attachment leaves in chunks that say what they are, and the books follow', async (t) => {
  const place = openSendingPlace(t)
  const content = randomBytes(2 * chunkBytes + 1)
  const digest = await place.put(content)
  const { open, arrived } = scripted(() => 'confirmed')
  startSender(t, place, open)
  await until('it is sent', () => place.standing(digest)?.state === 'sent')
  t.ok(bytesOf(arrived).equals(content))
  t.same(
    arrived.map(({ id, type, address, lane, headers }) => ({ id, type, address, lane, headers })),
    [0, chunkBytes, 2 * chunkBytes].map((offset) => ({
      ...{
        id: `${digest}:${offset}`,
        type: 'attachment.chunk',
        address: 'attachments.up.150902.12150902PDY00001X4',
        lane: digest,
      },
      headers: { digest, offset, size: content.length, gateway: 'one-gateway' },
    })),
  )
  t.match(place.store.books()[0], { attachments: 1, sent: 1, arrived: 0, unsent: 0, balanced: true })
  place.store.commit(() => takeAttachmentReceipt(place.store, { digest, size: content.length, outcome: 'arrived', at }, 5))
  t.match(place.store.books()[0], { sent: 1, arrived: 1, balanced: true })
  t.same(place.store.recount(), place.store.books())
})

t.test('an empty content is one empty chunk', async (t) => {
  const place = openSendingPlace(t)
  const digest = await place.put(Buffer.alloc(0))
  const { open, arrived } = scripted(() => 'confirmed')
  startSender(t, place, open)
  await until('it is sent', () => place.standing(digest)?.state === 'sent')
  t.same(
    arrived.map(({ headers, body }) => [headers!['offset'], headers!['size'], body.length]),
    [[0, 0, 0]],
  )
})

t.test('it goes on behind the last confirm when a chunk is returned, refused or interrupted', async (t) => {
  const place = openSendingPlace(t)
  const content = randomBytes(6 * chunkBytes)
  const digest = await place.put(content)
  const trouble = new Map([
    [1, 'returned'],
    [2, 'refused'],
    [3, 'interrupted'],
    [4, 'arrived-interrupted'],
  ] as const)
  const tried: number[] = []
  const { open, arrived } = scripted((message) => {
    const n = offsetOf(message) / chunkBytes
    tried.push(n)
    const outcome = trouble.get(n as 1) ?? 'confirmed'
    trouble.delete(n as 1)
    return outcome
  })
  startSender(t, place, open)
  await until('it is sent', () => place.standing(digest)?.state === 'sent')
  const byOffset = new Map(arrived.map((message) => [offsetOf(message), message]))
  t.ok(bytesOf([...byOffset.values()].sort((a, b) => offsetOf(a) - offsetOf(b))).equals(content))
  t.same(
    tried.filter((n) => n === 0),
    [0],
    'what is confirmed is not sent again',
  )
  t.ok(tried.length <= 6 + 4 * 2, `each trouble costs what was in flight, no more: ${tried}`)
})

t.test('what the broker does not take stands with its reason, and is tried after a pause', async (t) => {
  const place = openSendingPlace(t)
  const digest = await place.put(Buffer.from('scan'))
  let isBound = false
  const { open } = scripted(() => (isBound ? 'confirmed' : 'returned'))
  startSender(t, place, open)
  await until('it says why', () => place.standing(digest)?.detail?.code === 'PUBLISH_RETURNED')
  t.match(place.store.books()[0], { attachments: 1, sent: 0, unsent: 1, balanced: true })
  isBound = true
  await until('it is sent', () => place.standing(digest)?.state === 'sent')
  t.equal(place.standing(digest)?.detail, null)
})

t.test('after a stop it goes on from what is confirmed, to the byte', async (t) => {
  const folder = temporaryFolder(t)
  const place = openSendingPlace(t, folder)
  const content = randomBytes(30 * chunkBytes)
  const digest = await place.put(content)
  const first = scripted((message) => (offsetOf(message) < 20 * chunkBytes ? 'confirmed' : 'interrupted'))
  const { sender } = startSender(t, place, first.open)
  await until('some of it is confirmed', () => (place.standing(digest)?.confirmed ?? 0) >= 20 * chunkBytes)
  await sender.stop(0)
  const { confirmed } = place.standing(digest)!
  t.equal(confirmed, 20 * chunkBytes)
  const second = scripted(() => 'confirmed')
  startSender(t, openSendingPlace(t, folder), second.open)
  await until('it is sent', () => place.standing(digest)?.state === 'sent')
  t.equal(offsetOf(second.arrived[0]!), confirmed)
  t.ok(bytesOf(second.arrived).equals(content.subarray(confirmed)))
})

t.test('small attachments do not wait for large ones, nor large ones for small ones', async (t) => {
  const place = openSendingPlace(t)
  const large = [await place.put(randomBytes(40 * chunkBytes)), await place.put(randomBytes(40 * chunkBytes))]
  const third = await place.put(randomBytes(40 * chunkBytes))
  const small = await Promise.all(Array.from({ length: 12 }, (_, n) => place.put(Buffer.from(`small ${n}`))))
  const { open, arrived } = scripted(() => 'confirmed', 2)
  startSender(t, place, open)
  await until('all are sent', () => [...large, third, ...small].every((digest) => place.standing(digest)?.state === 'sent'))
  const order = arrived.map(({ lane }) => lane)
  const lastSmall = Math.max(...small.map((digest) => order.lastIndexOf(digest)))
  t.ok(lastSmall < order.lastIndexOf(large[0]!), 'the small ones are through before a large one ends')
  t.ok(order.indexOf(large[0]!) < lastSmall, 'which has begun meanwhile')
})

t.test('a file that is gone, shorter or changed is never sent as if it were right', async (t) => {
  const place = openSendingPlace(t)
  const contents = [randomBytes(3 * chunkBytes), randomBytes(3 * chunkBytes), randomBytes(3 * chunkBytes)]
  const [gone, shorter, changed] = [await place.put(contents[0]!), await place.put(contents[1]!), await place.put(contents[2]!)]
  unlinkSync(place.files.pathOf(gone))
  truncateSync(place.files.pathOf(shorter), chunkBytes)
  const { open, arrived } = scripted(() => 'confirmed')
  const { stopped } = startSender(t, place, open)
  await until('two wait for a person', () => stopped.length === 2)
  t.same([...new Set(stopped.map(({ code }) => code))], ['ATTACHMENT_DAMAGED'])
  t.match(place.standing(gone), { state: 'stopped', detail: { code: 'ATTACHMENT_DAMAGED', zh: /文件不见了/ } })
  t.match(place.standing(shorter), { state: 'stopped', detail: { zh: /文件大小变了/ } })
  await until('the third is sent', () => place.standing(changed)?.state === 'sent')
  writeFileSync(place.files.pathOf(changed), Buffer.alloc(3 * chunkBytes))
  const before = arrived.length
  place.store.commit(() => takeAttachmentReceipt(place.store, { digest: changed, size: 1, outcome: 'different', at }, 5))
  await until('the third waits, too', () => place.standing(changed)?.state === 'stopped')
  t.match(place.standing(changed), { detail: { zh: /内容与摘要不符/ } })
  t.equal(arrived.length, before, 'nothing of it left again')
  t.match(place.store.books()[0], { attachments: 3, sent: 0, unsent: 3, balanced: true })

  writeFileSync(place.files.pathOf(changed), contents[2]!)
  place.store.commit(() => t.ok(place.store.attachments.resend(changed, 0)))
  await until('restored and sent again, it is sent', () => place.standing(changed)?.state === 'sent')
  t.equal(
    place.store.commit(() => place.store.attachments.resend(digestOf(Buffer.from('never')), 0)),
    false,
  )
})

t.test('what the platform lacks goes out from there, and at the fourth time a person decides', async (t) => {
  const place = openSendingPlace(t)
  const content = randomBytes(4 * chunkBytes)
  const digest = await place.put(content)
  const { open, arrived } = scripted(() => 'confirmed')
  startSender(t, place, open)
  const isSent = () => until('it is sent', () => place.standing(digest)?.state === 'sent')
  const answer = (outcome: 'incomplete' | 'different', from = 0) =>
    place.store.commit(() => takeAttachmentReceipt(place.store, { digest, size: content.length, outcome, from, at }, 0).outcome)
  await isSent()
  arrived.length = 0
  t.equal(answer('incomplete', 3 * chunkBytes), 'restarted')
  await isSent()
  t.same(arrived.map(offsetOf), [3 * chunkBytes])
  for (const _ of [2, 3]) {
    arrived.length = 0
    t.equal(answer('different'), 'restarted')
    t.equal(answer('different'), 'known', 'said twice, it counts once')
    await isSent()
    t.ok(bytesOf(arrived).equals(content))
  }
  t.equal(answer('different'), 'stopped')
  t.match(place.standing(digest), { state: 'stopped', detail: { code: 'ATTACHMENT_REFUSED', zh: /4 次/ } })
  t.match(place.store.books()[0], { sent: 0, unsent: 1, balanced: true })
  const arrivedLate = () => takeAttachmentReceipt(place.store, { digest, size: 1, outcome: 'arrived', at }, 0).outcome
  t.equal(place.store.commit(arrivedLate), 'arrived', 'that it is there after all ends it')
  t.equal(place.store.commit(arrivedLate), 'known')
  t.match(place.store.books()[0], { sent: 1, arrived: 1, unsent: 0, balanced: true })
  t.equal(
    takeAttachmentReceipt(place.store, { digest: digestOf(Buffer.from('?')), size: 1, outcome: 'arrived', at }, 0).outcome,
    'unknown',
  )
})

t.test('the platform that says nothing is asked by the last chunk, so many times and no more', async (t) => {
  const place = openSendingPlace(t)
  const content = randomBytes(2 * chunkBytes + 5)
  const digest = await place.put(content)
  const { open, arrived } = scripted(() => 'confirmed')
  startSender(t, place, open, { askMs: 1 })
  await until(
    'it is not asked any more',
    () => place.standing(digest)?.dueAt === null && place.standing(digest)?.state === 'sent',
  )
  t.same(
    arrived.slice(3).map(offsetOf),
    Array.from({ length: 10 }, () => content.length - chunkBytes),
  )
  t.match(place.store.books()[0], { sent: 1, arrived: 0, balanced: true })
})

t.test('a gateway without a name asks nobody', async (t) => {
  const place = openSendingPlace(t)
  const digest = await place.put(Buffer.from('scan'))
  const { open, arrived } = scripted(() => 'confirmed')
  startSender(t, place, open, { gateway: null, askMs: 1 })
  await until('it is sent', () => place.standing(digest)?.state === 'sent')
  t.equal(place.standing(digest)?.dueAt, null)
  t.notOk('gateway' in arrived[0]!.headers!)
})

t.test('without anything to send there is no connection', async (t) => {
  const place = openSendingPlace(t)
  let opened = 0
  const { open } = scripted(() => 'confirmed')
  const { sender } = startSender(t, place, () => {
    opened += 1
    return open()
  })
  await place.files.keep(
    (async function* () {
      yield Buffer.from('kept, and named by nobody')
    })(),
    ({ digest, size }) => place.store.commit(() => place.store.attachments.keep(digest, size, 0)),
  )
  await sender.stop(0)
  t.equal(opened, 0)
})
