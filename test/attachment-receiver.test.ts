// needs: postgresql
/** The receiver of attachments, handed chunks as they should be, and as nobody should send them. */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addRange, covers, firstGap } from '../core/attachments/ranges.ts'
import type { Ranges, ReceivedAttachments } from '../core/attachments/received.ts'
import type { Delivery } from '../core/transport/transport.ts'
import { chunksOf, deliveryOf, digestOf, openReceivingPlace } from './contract/attachment-place.ts'
import { receivedStores as stores } from './contract/received-stores.ts'
import { realClock } from './contract/transport-messages.ts'
import { temporaryFolder } from './temporary.ts'

const totals = async (store: ReceivedAttachments) => {
  const sum = { chunks: 0, duplicates: 0, refused: 0, arrived: 0, different: 0 }
  for (const line of await store.counts())
    for (const counter of Object.keys(sum) as (keyof typeof sum)[]) sum[counter] += line[counter]
  return sum
}

const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((one) => ({ one, by: Math.random() }))
    .sort((a, b) => a.by - b.by)
    .map(({ one }) => one)

for (const [kind, openNew] of Object.entries(stores)) {
  t.test(`${kind}: chunks in any order, some of them twice, make one verified file`, async (t) => {
    const store = await openNew(t)
    const place = openReceivingPlace(t, store)
    const content = randomBytes(1_234_567)
    const chunks = chunksOf(content)
    for (const chunk of shuffled([...chunks.slice(0, -1), ...chunks.slice(0, 5)])) t.same(await place.deliver(chunk), ['ack'])
    t.same(place.receipts, [], 'nothing is said before the end has come')
    t.match(await store.partials(), [{ gateway: 'one-gateway', digest: digestOf(content), ranges: [[0, 1_200_000]] }])
    t.notOk(place.files.has(digestOf(content)))
    t.same(await place.deliver(chunks.at(-1)!), ['ack'])
    const arrived = { gateway: 'one-gateway', digest: digestOf(content), size: content.length, outcome: 'arrived' }
    t.same(place.receipts, [arrived])
    t.ok(readFileSync(place.files.pathOf(digestOf(content))).equals(content))
    t.same(readdirSync(join(place.files.folder, 'partial')), [])
    t.same(await store.partials(), [])
    await place.deliver(chunks[3]!, chunks.at(-1)!)
    t.same(place.receipts, [arrived, arrived], 'what comes again is answered again, once for a batch')
    t.same(await totals(store), { chunks: chunks.length + 7, duplicates: 7, refused: 0, arrived: 1, different: 0 })
  })

  t.test(`${kind}: an empty content, and one of a single chunk, arrive at once`, async (t) => {
    const place = openReceivingPlace(t, await openNew(t))
    for (const content of [Buffer.alloc(0), Buffer.from('scan')]) t.same(await place.deliver(...chunksOf(content)), ['ack'])
    t.same(
      place.receipts.map(({ outcome, size }) => [outcome, size]),
      [
        ['arrived', 0],
        ['arrived', 4],
      ],
    )
  })

  t.test(`${kind}: the end of what is not whole is answered with the first byte that is missing`, async (t) => {
    const place = openReceivingPlace(t, await openNew(t))
    const chunks = chunksOf(randomBytes(500_000))
    for (const n of [0, 1, 3]) await place.deliver(chunks[n]!)
    await place.deliver(chunks[4]!)
    t.match(place.receipts, [{ outcome: 'incomplete', from: 200_000 }])
    await place.deliver(...chunks.slice(2, 5))
    t.match(place.receipts.slice(1), [{ outcome: 'arrived' }])
  })

  t.test(`${kind}: a content that is not that of its digest is dropped and told, and may come again`, async (t) => {
    const store = await openNew(t)
    const place = openReceivingPlace(t, store)
    const content = randomBytes(300_000)
    const [first, ...rest] = chunksOf(content)
    const wrong = { ...first!, body: Buffer.alloc(100_000) }
    await place.deliver(wrong, ...rest)
    t.match(place.receipts, [{ outcome: 'different' }])
    t.notOk(place.files.has(digestOf(content)))
    t.same(readdirSync(join(place.files.folder, 'partial')), [])
    await place.deliver(first!, ...rest)
    t.match(place.receipts.slice(1), [{ outcome: 'arrived' }])
    t.match(await totals(store), { arrived: 1, different: 1 })
  })

  t.test(`${kind}: what is no chunk goes to the dead letters and harms nobody`, async (t) => {
    const store = await openNew(t)
    const place = openReceivingPlace(t, store)
    const content = randomBytes(300_000)
    const [one, two, three] = chunksOf(content)
    const bytes = Buffer.alloc(10)
    const digest = digestOf(content)
    const good = { digest, offset: 0, size: 100, bytes }
    const bad: Delivery<Buffer>[] = [
      deliveryOf(good, { digest: '../../../etc/passwd' }),
      deliveryOf(good, { digest: `sha256:${'../'.repeat(21)}a` }),
      deliveryOf(good, { digest: digest.toUpperCase() }),
      deliveryOf(good, { digest: 7 }),
      deliveryOf(good, { offset: -1 }),
      deliveryOf(good, { offset: 0.5 }),
      deliveryOf(good, { offset: '0' }),
      deliveryOf(good, { offset: Number.NaN }),
      deliveryOf(good, { offset: 91 }),
      deliveryOf(good, { size: 9 }),
      deliveryOf(good, { size: 2 ** 53 }),
      deliveryOf(good, { gateway: '../x' }),
      deliveryOf(good, { gateway: { a: 1 } }),
      deliveryOf({ ...good, bytes: Buffer.alloc(0) }),
      deliveryOf({ ...good, size: 3_000_000, bytes: Buffer.alloc(1024 * 1024 + 1) }),
      deliveryOf(good, {}, 'application.received'),
      { id: 'x', type: 'attachment.chunk', lane: '', body: bytes, redelivered: false },
    ]
    await place.deliver(one!)
    t.same(
      await place.deliver(...bad),
      bad.map(() => 'reject'),
    )
    t.same([...new Set(place.failures.map(({ code }) => code))], ['ATTACHMENT_CHUNK_INVALID'])
    t.same(await place.deliver(two!, { ...bad[0]!, id: 'between' }, three!), ['ack', 'reject', 'ack'])
    t.match(place.receipts, [{ outcome: 'arrived', digest }])
    t.match(await totals(store), { chunks: bad.length + 4, refused: bad.length + 1, arrived: 1 })
    t.notOk(existsSync(join(place.files.folder, '..', 'etc')))
  })

  t.test(`${kind}: of one that is too large nothing is kept, and its sender is told at once`, async (t) => {
    const store = await openNew(t)
    const place = openReceivingPlace(t, store)
    const digest = digestOf(Buffer.from('large'))
    const size = 65 * 1024 * 1024
    const chunks = [0, 1000].map((offset) => deliveryOf({ digest, offset, size, bytes: Buffer.alloc(1000) }))
    t.same(await place.deliver(...chunks), ['ack', 'ack'], 'the dead letters are not filled with it')
    t.same(place.receipts, [{ gateway: 'one-gateway', digest, size, outcome: 'too_large', limit: 64 * 1024 * 1024 }])
    t.same(await store.partials(), [])
    t.match(await totals(store), { chunks: 2, refused: 2, arrived: 0 })
  })

  t.test(`${kind}: what nobody goes on with is removed after a time, and what is under way never is`, async (t) => {
    const store = await openNew(t)
    let now = 1_000_000_000_000
    const place = openReceivingPlace(t, store, temporaryFolder(t), { ...realClock, now: () => now })
    const [left, goingOn] = [randomBytes(300_000), randomBytes(300_000)]
    await place.deliver(chunksOf(left)[0]!, chunksOf(goingOn)[0]!)
    now += 10_000
    await place.deliver(chunksOf(goingOn)[1]!)
    const partial = () => readdirSync(join(place.files.folder, 'partial'))
    writeFileSync(join(place.files.folder, 'partial', 'without-a-line'), 'x')
    utimesSync(join(place.files.folder, 'partial', 'without-a-line'), 1, 1)
    writeFileSync(join(place.files.folder, 'left.tmp'), 'x')
    utimesSync(join(place.files.folder, 'left.tmp'), 1, 1)
    t.equal(await place.abandon(now - 10_000), 2, 'what was written a moment ago stays')
    t.equal((await store.partials()).length, 2)
    t.equal(await place.abandon(now), 1)
    t.match(await store.partials(), [{ digest: digestOf(goingOn), ranges: [[0, 200_000]] }])
    t.match(partial(), { length: 1 })
    await place.deliver(chunksOf(goingOn)[2]!)
    t.match(place.receipts, [{ outcome: 'arrived' }])
    await place.deliver(...chunksOf(left).slice(1))
    t.match(place.receipts.slice(1), [{ outcome: 'incomplete', from: 0 }], 'which may come again from its start')
  })

  t.test(`${kind}: another sender, or another size for the same digest, spoils only its own`, async (t) => {
    const store = await openNew(t)
    const place = openReceivingPlace(t, store)
    const content = randomBytes(300_000)
    const digest = digestOf(content)
    const [one, two, three] = chunksOf(content)
    const junk = Buffer.alloc(100_000, 'x')
    await place.deliver(deliveryOf({ digest, offset: 0, size: 300_000, bytes: junk }, { gateway: 'other' }))
    await place.deliver(deliveryOf({ digest, offset: 0, size: 100_000, bytes: junk }))
    t.match(place.receipts, [{ outcome: 'different', size: 100_000 }])
    await place.deliver(deliveryOf({ digest, offset: 0, size: 400_000, bytes: junk }))
    await place.deliver(one!, two!, three!)
    t.match(place.receipts.slice(1), [{ outcome: 'arrived', size: 300_000, gateway: 'one-gateway' }])
    t.ok(readFileSync(place.files.pathOf(digest)).equals(content))
    t.equal((await store.partials()).length, 2)
  })

  t.test(`${kind}: overlapping chunks make the file that the digest is of, or none`, async (t) => {
    const place = openReceivingPlace(t, await openNew(t))
    const content = randomBytes(300_000)
    const digest = digestOf(content)
    const part = (from: number, until: number) =>
      deliveryOf({ digest, offset: from, size: content.length, bytes: content.subarray(from, until) })
    await place.deliver(part(0, 150_000), part(100_000, 250_000), part(50_000, 60_000), part(200_000, 300_000))
    t.match(place.receipts, [{ outcome: 'arrived' }])
  })

  t.test(`${kind}: a receiver that died between the file and its line, or lost a partial file, mends itself`, async (t) => {
    const store = await openNew(t)
    const folder = temporaryFolder(t)
    const content = randomBytes(300_000)
    const chunks = chunksOf(content)
    const dying = openReceivingPlace(t, { ...store, record: async () => Promise.reject(new Error('killed')) }, folder)
    t.same(await dying.deliver(...chunks), ['retry', 'retry', 'retry'])
    t.ok(dying.files.has(digestOf(content)))
    t.same(dying.receipts, [])
    const place = openReceivingPlace(t, store, folder)
    t.same(await place.deliver(...chunks), ['ack', 'ack', 'ack'])
    t.match(place.receipts, [{ outcome: 'arrived' }])
    t.match(await totals(store), { arrived: 1 })

    const other = randomBytes(300_000)
    const [one, two, three] = chunksOf(other)
    await place.deliver(one!, two!)
    rmSync(join(place.files.folder, 'partial'), { recursive: true })
    await place.deliver(three!)
    t.match(place.receipts.slice(1), [{ outcome: 'different' }])
    await place.deliver(one!, two!, three!)
    t.match(place.receipts.slice(2), [{ outcome: 'arrived' }])
  })
}

t.test('ranges are sorted and joined, and the first gap is found', (t) => {
  const all = (...ranges: Ranges) => ranges.reduce<Ranges>(addRange, [])
  t.same(all([10, 20], [30, 40]), [
    [10, 20],
    [30, 40],
  ])
  t.same(all([30, 40], [10, 20], [20, 30]), [[10, 40]])
  t.same(all([0, 5], [3, 9], [1, 2]), [[0, 9]])
  t.ok(covers([[0, 10]], [3, 10]))
  t.notOk(covers([[0, 10]], [3, 11]))
  t.equal(firstGap([], 5), 0)
  t.equal(firstGap([[2, 5]], 5), 0)
  t.equal(
    firstGap(
      [
        [0, 3],
        [4, 5],
      ],
      5,
    ),
    3,
  )
  t.equal(firstGap([[0, 5]], 5), undefined)
  t.equal(firstGap([], 0), undefined)
  t.end()
})
