// needs: s3
/** A bucket on a real S3 service: what is put there, read from there, and what goes wrong on the way. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { objectKey, openBucket, partBytes } from '../core/attachments/bucket.ts'
import type { BucketOptions } from '../core/attachments/bucket-options.ts'
import { createBucket, s3Port } from './contract/s3-place.ts'
import { temporaryFolder } from './temporary.ts'

const run = promisify(execFile)
const never = new AbortController().signal
const goOn = async (): Promise<boolean> => true

/** Its port. */
const listening = async (t: Test, server: Server): Promise<number> => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

const openPlace = async (t: Test) => {
  const place = await createBucket(t)
  const folder = temporaryFolder(t)
  const bucket = openBucket(place.options, folder)
  t.teardown(() => bucket.close())
  const fileOf = async (bytes: Buffer): Promise<FileHandle> => {
    const path = join(folder, randomBytes(6).toString('hex'))
    writeFileSync(path, bytes)
    const file = await open(path, 'r+')
    t.teardown(() => file.close())
    return file
  }
  const read = async (key: string, size: number, from = 0): Promise<Buffer | undefined> => {
    const got = await bucket.read(key, from, size, never)
    if (!got) return undefined
    const pieces: Uint8Array[] = []
    for await (const piece of got) pieces.push(piece)
    return Buffer.concat(pieces)
  }
  return { ...place, folder, bucket, fileOf, read }
}

t.test('what is put is read from any byte on, whatever its size, and removed', async (t) => {
  const { bucket, fileOf, read, objects } = await openPlace(t)
  for (const size of [0, 1, partBytes, partBytes + 1, 2 * partBytes + 12_345]) {
    const bytes = randomBytes(size)
    const key = `up/one/${size}`
    const told: number[] = []
    const onPart = async (there: number) => told.push(there) > 0
    t.equal(await bucket.put(key, await fileOf(bytes), size, onPart, never), true)
    t.ok((await objects()).includes(`q/${key}`), 'below the prefix')
    if (size > partBytes) t.equal(told.at(-1), size)
    if (size > 0) t.ok((await read(key, size))?.equals(bytes))
    if (size > 10) t.ok((await read(key, size, size - 10))?.equals(bytes.subarray(-10)))
    t.equal(await read(key, size + 1), undefined, 'it has another size')
    await bucket.remove(key, never)
    t.equal(await read(key, size), undefined)
  }
  await bucket.remove('up/one/nothing', never)
})

t.test('parts that are there are not put again', async (t) => {
  const { bucket, fileOf, read, uploads } = await openPlace(t)
  const size = 3 * partBytes + 7
  const bytes = randomBytes(size)
  const file = await fileOf(bytes)
  const twoParts = async (there: number) => there < 2 * partBytes
  t.equal(await bucket.put('up/one/a', file, size, twoParts, never), false)
  t.equal(await read('up/one/a', size), undefined, 'there is no object before it is whole')
  t.equal(await uploads(), 1)
  // If they were put again, this would be there.
  await file.write(Buffer.alloc(2 * partBytes), 0, 2 * partBytes, 0)
  const told: number[] = []
  const onPart = async (there: number) => told.push(there) > 0
  t.equal(await bucket.put('up/one/a', file, size, onPart, never), true)
  t.same(told, [partBytes, 2 * partBytes, 3 * partBytes, size])
  t.ok((await read('up/one/a', size))?.equals(bytes))
  t.equal(await uploads(), 0)
  t.equal(await bucket.put('up/one/a', file, size, async () => t.fail('it is whole'), never), true)
})

t.test('an object is removed with the parts of one that was not finished', async (t) => {
  const { bucket, fileOf, uploads } = await openPlace(t)
  const size = 2 * partBytes
  await bucket.put('up/one/a', await fileOf(randomBytes(size)), size, async () => false, never)
  t.equal(await uploads(), 1)
  await bucket.remove('up/one/a', never)
  t.equal(await uploads(), 0)
})

const refusal = async (t: Test, changes: Partial<BucketOptions>, folder = '.') => {
  const { options } = await createBucket(t)
  const bucket = openBucket({ ...options, ...changes }, folder)
  t.teardown(() => bucket.close())
  return bucket.probe(['up/one', 'down/one'], never).then(
    () => undefined,
    (error: unknown) => error,
  )
}

t.test('what keeps a bucket from being used is said in words', async (t) => {
  t.equal(await refusal(t, {}), undefined)
  const failed = (message: RegExp) => ({ code: 'BUCKET_FAILED', message })
  t.match(
    await refusal(t, { secretKey: 'wrong' }),
    failed(/对象存储 http:\/\/127.*用不了：对方答复“SignatureDoesNotMatch.*HTTP 403/),
  )
  t.match(await refusal(t, { name: 'no-such-bucket' }), failed(/NoSuchBucket/))
  t.match(await refusal(t, { endpoint: 'http://127.0.0.1:1' }), failed(/nothing accepts connections/))
  t.match(await refusal(t, { ca: 'no.pem' }), failed(/no such file or folder/))
})

t.test(
  'a service that breaks off in the middle of an object has failed, and one that is silent is left when the gateway stops',
  async (t) => {
    const { bucket: real, fileOf, options } = await openPlace(t)
    const size = partBytes
    await real.put('up/one/a', await fileOf(randomBytes(size)), size, goOn, never)
    const relay = createTcpServer((socket) => {
      const there = connect(s3Port, '127.0.0.1')
      let passed = 0
      socket.pipe(there)
      there.on('data', (bytes) => {
        passed += bytes.length
        if (passed > 1_000_000) socket.destroy()
        else socket.write(bytes)
      })
      socket.on('error', () => there.destroy())
      socket.on('close', () => there.destroy())
    })
    const silent = createServer(() => undefined)
    t.teardown(() => silent.closeAllConnections())
    const broken = openBucket({ ...options, endpoint: `http://127.0.0.1:${await listening(t, relay)}` }, '.')
    const got = await broken.read('up/one/a', 0, size, never)
    await t.rejects(
      async () => {
        for await (const _ of got!);
      },
      { code: 'BUCKET_FAILED' },
    )
    broken.close()

    const dumb = openBucket({ ...options, endpoint: `http://127.0.0.1:${await listening(t, silent)}` }, '.')
    const stopping = new AbortController()
    const asked = dumb.read('up/one/a', 0, size, stopping.signal)
    silent.once('request', () => stopping.abort(new Error('the gateway stops')))
    await t.rejects(asked, { message: 'the gateway stops' })
    dumb.close()
  },
)

t.test('over TLS the CA of its own decides', async (t) => {
  const folder = temporaryFolder(t)
  const words =
    '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2 -nodes -subj /CN=s3 -addext subjectAltName=IP:127.0.0.1'
  await run('openssl', ['req', ...words.split(' '), '-keyout', 'key.pem', '-out', 'ca.pem'], { cwd: folder })
  const [cert, key] = ['ca.pem', 'key.pem'].map((name) => readFileSync(join(folder, name)))
  const server = createTlsServer({ cert: cert!, key: key! }, (socket) => {
    const there = connect(s3Port, '127.0.0.1')
    socket.pipe(there).pipe(socket)
    socket.on('error', () => there.destroy())
    there.on('error', () => socket.destroy())
  })
  const endpoint = `https://127.0.0.1:${await listening(t, server)}`
  t.equal(await refusal(t, { endpoint, ca: 'ca.pem' }, folder), undefined)
  t.match(await refusal(t, { endpoint }), { code: 'BUCKET_FAILED', message: /SELF_SIGNED_CERT/ })
})

t.test('a key says the way, the gateway and the digest', async (t) => {
  const digest = `sha256:${'a'.repeat(64)}`
  t.equal(objectKey('up', { gateway: 'one', digest }), `up/one/${'a'.repeat(64)}`)
  t.equal(objectKey('down', { gateway: '', digest }), `down/_/${'a'.repeat(64)}`)
})
