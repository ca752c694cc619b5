// needs: s3, rabbitmq, postgresql
/** Attachments that go by a bucket: the sender, the receiver, and both with everything between them. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Bucket, openBucket, partBytes } from '../core/attachments/bucket.ts'
import { takeAttachmentReceipt } from '../core/attachments/take-receipt.ts'
import { GatewayError } from '../core/errors.ts'
import type { Transport } from '../core/transport/transport.ts'
import {
  chunksOf,
  digestOf,
  limits,
  noticeOf,
  openReceivingPlace,
  openSendingPlace,
  startSender,
} from './contract/attachment-place.ts'
import { gatewayYaml, writeFiles, writeInstallation } from './contract/department-database.ts'
import { receivedStores as stores } from './contract/received-stores.ts'
import { createBucket } from './contract/s3-place.ts'
import { openScriptedTransport } from './contract/scripted-transport.ts'
import { realClock } from './contract/transport-messages.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const never = new AbortController().signal
const hexOf = (bytes: Buffer): string => digestOf(bytes).slice('sha256:'.length)

const openPlace = async (t: Test) => {
  const place = await createBucket(t)
  const bucket = openBucket(place.options, '.')
  t.teardown(() => bucket.close())
  const put = (bytes: Buffer, content = bytes) => place.put(`q/up/one-gateway/${hexOf(bytes)}`, content)
  return { ...place, bucket, put }
}

const scripted = (script: Parameters<typeof openScriptedTransport>[0]) => {
  const { transport, ...rest } = openScriptedTransport(script, 8)
  return { ...rest, open: () => transport as unknown as Transport<Buffer> }
}

t.test('the object is put, and one message without bytes says so', async (t) => {
  const { bucket, objects } = await openPlace(t)
  const place = openSendingPlace(t)
  const contents = [randomBytes(2 * partBytes + 1), randomBytes(10), Buffer.alloc(0)]
  for (const bytes of contents) await place.put(bytes)
  const { open, arrived } = scripted(() => 'confirmed')
  startSender(t, place, open, { bucket })
  await until('all are sent', () => contents.every((bytes) => place.standing(digestOf(bytes))?.state === 'sent'))
  t.same((await objects()).sort(), contents.map((bytes) => `q/up/one-gateway/${hexOf(bytes)}`).sort())
  const [{ type, address, lane, headers, body }] = arrived.filter(({ lane }) => lane === digestOf(contents[0]!)) as [never]
  t.same(
    { type, address, lane, headers, length: (body as Buffer).length },
    {
      ...{ type: 'attachment.object', address: 'attachments.up.150902.12150902PDY00001X4', lane: digestOf(contents[0]!) },
      headers: { digest: digestOf(contents[0]!), size: contents[0]!.length, gateway: 'one-gateway' },
      length: 0,
    },
  )
  t.match(place.store.books()[0], { attachments: 3, sent: 3, balanced: true })
})

/** A bucket whose verbs may be replaced. */
const changed = (bucket: Bucket, changes: Partial<Bucket>): Bucket => ({ ...bucket, ...changes })
const down = (): never => {
  throw GatewayError.of('BUCKET_FAILED', { bucket: 'http://s3/q', reason: { zh: '不通', en: 'it is down' } })
}

t.test('a bucket that is down stands with its reason, and it goes on behind the parts that are there', async (t) => {
  const { bucket } = await openPlace(t)
  const place = openSendingPlace(t)
  const bytes = randomBytes(3 * partBytes)
  const digest = await place.put(bytes)
  let isDown = true
  const told: number[] = []
  const failing = changed(bucket, {
    put: (key, file, size, onPart, signal) =>
      bucket.put(
        key,
        file,
        size,
        async (there) => {
          told.push(there)
          if (isDown && there === 2 * partBytes) down()
          return onPart(there)
        },
        signal,
      ),
  })
  const { open, arrived } = scripted(() => 'confirmed')
  startSender(t, place, open, { bucket: failing })
  await until('it says why', () => place.standing(digest)?.detail?.code === 'BUCKET_FAILED')
  t.match(place.standing(digest), { state: 'open', detail: { zh: /不通/ } })
  t.same(arrived, [], 'nobody is told of what is not whole')
  isDown = false
  await until('it is sent', () => place.standing(digest)?.state === 'sent')
  t.equal(arrived.length, 1)
  t.equal(place.standing(digest)?.detail, null)
})

t.test('what the other side could not use is put again', async (t) => {
  const { bucket, drop, put } = await openPlace(t)
  const place = openSendingPlace(t)
  const bytes = randomBytes(1000)
  const digest = await place.put(bytes)
  const { open, arrived } = scripted(() => 'confirmed')
  startSender(t, place, open, { bucket })
  const sent = (times: number) =>
    until(`it is sent for time ${times}`, () => arrived.length === times && place.standing(digest)?.state === 'sent')
  await sent(1)
  const at = '2026-03-02T09:30:00+08:00'
  const answer = (outcome: 'different' | 'incomplete') =>
    place.store.commit(() => takeAttachmentReceipt(place.store, { digest, size: 1000, outcome, from: 0, at }, realClock.now()))
  const there = async () => {
    const got = await bucket.read(`up/one-gateway/${hexOf(bytes)}`, 0, bytes.length, never)
    for await (const piece of got!) return Buffer.from(piece).equals(bytes)
  }
  await put(bytes, randomBytes(1000))
  answer('different')
  await sent(2)
  t.ok(await there(), 'another content of the same size is not left there')
  await drop(`q/up/one-gateway/${hexOf(bytes)}`)
  answer('incomplete')
  await sent(3)
  t.ok(await there())
})

for (const [kind, openNew] of Object.entries(stores)) {
  t.test(`${kind}: what a notice names is fetched, verified, answered, and gone from the bucket`, async (t) => {
    const { bucket, put, objects } = await openPlace(t)
    const folder = temporaryFolder(t)
    const store = await openNew(t)
    const place = openReceivingPlace(t, store, folder, realClock, bucket)
    const contents = [randomBytes(9_876_543), Buffer.from('scan'), Buffer.alloc(0)]
    for (const bytes of contents) await put(bytes)
    t.same(await place.deliver(...contents.map((bytes) => noticeOf(bytes))), ['ack', 'ack', 'ack'])
    await until('all are answered', () => new Set(place.receipts.map(({ digest }) => digest)).size === 3)
    for (const bytes of contents) t.ok(readFileSync(place.files.pathOf(digestOf(bytes))).equals(bytes))
    const arrived = { gateway: 'one-gateway', digest: digestOf(contents[0]!), size: contents[0]!.length, outcome: 'arrived' }
    t.same(
      place.receipts.find(({ digest }) => digest === arrived.digest),
      arrived,
    )
    t.same(new Set(place.receipts.map(({ outcome }) => outcome)), new Set(['arrived']))
    const isTidy = async () => (await store.partials()).length === 0 && (await objects()).length === 0
    await until('nothing stays there', isTidy)
    await put(contents[0]!)
    const { length } = place.receipts
    await place.deliver(noticeOf(contents[0]!))
    await until('put and told again, it is answered again', () => place.receipts.length > length)
    t.match(place.receipts.at(-1), { outcome: 'arrived', digest: digestOf(contents[0]!) })
    await until('and nothing stays there', isTidy)
    t.same(place.failures, [])
  })

  t.test(`${kind}: it goes on from what is on disk, by chunks or by the bucket, after any end`, async (t) => {
    const { bucket, put } = await openPlace(t)
    const folder = temporaryFolder(t)
    const store = await openNew(t)
    const bytes = randomBytes(20_000_000)
    await put(bytes)
    const from: number[] = []
    const counting = changed(bucket, {
      read: (key, offset, size, signal) => {
        from.push(offset)
        return bucket.read(key, offset, size, signal)
      },
    })
    let pieces = 0
    const breaking = changed(counting, {
      read: async (key, offset, size, signal) => {
        const got = await counting.read(key, offset, size, signal)
        async function* some(): AsyncGenerator<Uint8Array> {
          for await (const piece of got!) {
            pieces += piece.byteLength
            if (pieces > 9_000_000) await new Promise((_, reject) => signal.addEventListener('abort', reject))
            yield piece
          }
        }
        return some()
      },
    })
    const first = openReceivingPlace(t, store, folder, realClock, breaking)
    await first.deliver(...chunksOf(bytes, 1_000_000).slice(0, 3))
    await first.deliver(noticeOf(bytes))
    await until('some of it is kept', async () => ((await store.partials())[0]?.ranges[0]?.[1] ?? 0) >= 3_000_000 + 4 * 1_048_576)
    t.equal(from[0], 3_000_000, 'what came in chunks is not fetched')
    // As a process that is killed: it never ends what it began, and another one goes on.
    const second = openReceivingPlace(t, store, folder, realClock, counting)
    await until('it has arrived', () => second.files.has(digestOf(bytes)))
    t.ok((from[1] ?? 0) >= 3_000_000 + 4 * 1_048_576, `it went on from ${from[1]}`)
    t.ok(readFileSync(second.files.pathOf(digestOf(bytes))).equals(bytes))
    await until('it is answered', () => second.receipts.length === 1)
  })
}

t.test('an object that is not there, or another, is said; one that nobody can fetch is refused', async (t) => {
  const { bucket, put } = await openPlace(t)
  const store = await stores['sqlite']!(t)
  const place = openReceivingPlace(t, store, temporaryFolder(t), realClock, bucket)
  const [gone, shorter, other] = [randomBytes(100), randomBytes(100), randomBytes(100)] as [Buffer, Buffer, Buffer]
  await put(shorter, shorter.subarray(1))
  await put(other, randomBytes(100))
  await place.deliver(noticeOf(gone), noticeOf(shorter), noticeOf(other))
  await until('all are answered', () => place.receipts.length === 3)
  const outcomeOf = (bytes: Buffer) => place.receipts.find(({ digest }) => digest === digestOf(bytes))
  t.match(outcomeOf(gone), { outcome: 'incomplete', from: 0 })
  t.match(outcomeOf(shorter), { outcome: 'incomplete', from: 0 })
  t.match(outcomeOf(other), { outcome: 'different' })
  await until('their lines are dropped', async () => (await store.partials()).length === 0)
  const nobody = randomBytes(100)
  await place.deliver(noticeOf(nobody, { gateway: undefined }))
  await until('of a gateway without a name it is said here', () => place.failures.length === 1)
  t.match(place.failures.splice(0), [{ code: 'BUCKET_FAILED', message: /its gateway has no name/ }])
  t.equal((await store.partials()).length, 1, 'and its line stays')
  t.same(await place.deliver(noticeOf(gone, { digest: 'sha256:../../etc' }), { ...noticeOf(gone), body: Buffer.from('x') }), [
    'reject',
    'reject',
  ])
  t.match(place.failures, [
    { code: 'ATTACHMENT_CHUNK_INVALID' },
    { code: 'ATTACHMENT_CHUNK_INVALID', message: /a notice has no bytes/ },
  ])
  const without = openReceivingPlace(t, store)
  t.same(await without.deliver(noticeOf(gone)), ['reject'])
  t.match(without.failures, [{ code: 'ATTACHMENT_CHUNK_INVALID', message: /this side has no section bucket/ }])
})

t.test('what cannot be fetched holds up nothing that can', async (t) => {
  const { bucket, put } = await openPlace(t)
  const store = await stores['sqlite']!(t)
  const [good, ...others] = Array.from({ length: 9 }, (_, n) => randomBytes(100 + ((n + 8) % 9))) as [Buffer, ...Buffer[]]
  await put(good)
  const keys = others.map((bytes) => `up/one-gateway/${hexOf(bytes)}`)
  const refusing = changed(bucket, {
    read: async (...given) => {
      if (!keys.includes(given[0])) return bucket.read(...given)
      const cause = Object.assign(new Error('no'), { $metadata: { httpStatusCode: 403 } })
      throw GatewayError.of('BUCKET_FAILED', { bucket: 'q', reason: { zh: '不许', en: 'denied' } }, { cause })
    },
  })
  const place = openReceivingPlace(t, store, temporaryFolder(t), realClock, refusing)
  await place.deliver(...others.map((bytes) => noticeOf(bytes)), noticeOf(good))
  await until('the good one has arrived', () => place.receipts.length === 1)
  t.match(place.receipts, [{ outcome: 'arrived', digest: digestOf(good) }])
  await until('and the others stay to be tried again', async () => (await store.partials()).length === others.length)
})

t.test('one that is too large is answered, and its object removed; while the broker takes nothing the line stays', async (t) => {
  const { bucket, objects, put } = await openPlace(t)
  const store = await stores['sqlite']!(t)
  const place = openReceivingPlace(t, store, temporaryFolder(t), realClock, bucket)
  const bytes = Buffer.from('said to be large')
  await put(bytes)
  place.answers.areTaken = false
  await place.deliver(noticeOf(bytes, { size: limits.maxBytes + 1 }))
  await until('its object is removed', async () => (await objects()).length === 0)
  t.same([place.receipts.length, (await store.partials()).length], [0, 1])
  place.answers.areTaken = true
  await until('it is answered', () => place.receipts.length === 1)
  t.match(place.receipts, [{ outcome: 'too_large', limit: limits.maxBytes }])
  await until('and forgotten', async () => (await store.partials()).length === 0)
})

t.test('while the bucket is down it is said, and fetched when it is back', async (t) => {
  const { bucket, put } = await openPlace(t)
  const store = await stores['sqlite']!(t)
  let isDown = true
  const failing = changed(bucket, { read: async (...given) => (isDown ? down() : bucket.read(...given)) })
  const place = openReceivingPlace(t, store, temporaryFolder(t), realClock, failing)
  const bytes = randomBytes(100)
  await put(bytes)
  t.same(await place.deliver(noticeOf(bytes)), ['ack'], 'the notice is on disk')
  await until('it says so', () => place.failures.some(({ code }) => code === 'BUCKET_FAILED'))
  isDown = false
  await until('it has arrived', () => place.receipts.length === 1)
  t.match(place.receipts, [{ outcome: 'arrived' }])
})

t.test('lint --probe tries the bucket of the configuration', async (t) => {
  const { yaml, files } = await createBucket(t)
  const { config } = writeInstallation(temporaryFolder(t), { 'config/gateway.yaml': `${gatewayYaml}${yaml}`, ...files })
  t.match((await runCommand('lint', '--probe', '--config', config)).out, /✓ test-[0-9a-f]{12}: 对象存储 \/ bucket \(http:\/\/127/)
  writeFiles(join(config, '..'), { 'config/s3-secret': 'wrong' })
  t.match(await runCommand('lint', '--probe', '--config', config), {
    codes: [1],
    out: /✗ test-.*BUCKET_FAILED.*SignatureDoesNotMatch/s,
  })
})
