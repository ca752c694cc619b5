/**
 * An S3-compatible store that attachments pass through: whoever sends puts an object there, whoever receives reads it from any byte on and removes
 * it. Large objects are put in parts; after a crash the parts that are there already are not sent again. Nothing here tries again by itself: the
 * sender and the receiver do, with their own pauses.
 */
import { readFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3'
import { GatewayError } from '../errors.ts'
import { BucketFault, notThere, reasonOf, statusOf } from './bucket-errors.ts'
import type { BucketOptions } from './bucket-options.ts'

/** The smallest that S3 takes for a part. */
export const partBytes = 5 * 1024 * 1024
/** Some services take no more parts of one object. */
const maxParts = 1000
const mebibyte = 1024 * 1024

/** Of an object; that much of an upload is in memory. The same at each attempt, so that parts fit. */
const partBytesOf = (size: number): number => Math.max(partBytes, Math.ceil(size / maxParts / mebibyte) * mebibyte)

/** So long nothing may come, or leave. */
const silenceMs = 60_000
const connectMs = 10_000

export interface Bucket {
  /**
   * Puts a file. `onPart` is told how many bytes from the start are there, and answers whether to go on. Answers whether the object is whole. An
   * object of the size under the key is taken for the one: keys are of one content.
   */
  put(
    key: string,
    file: FileHandle,
    size: number,
    onPart: (there: number) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<boolean>
  /** The bytes of an object of a size, from an offset on; undefined when there is none, or it has another size. */
  read(key: string, from: number, size: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>
  /** Removes an object, and what was put of one that is not whole. */
  remove(key: string, signal: AbortSignal): Promise<void>
  /** Puts, reads and removes an object in each of these folders, for `qianzhi lint --probe`. */
  probe(folders: readonly string[], signal: AbortSignal): Promise<void>
  close(): void
}

type Library = typeof import('@aws-sdk/client-s3')
type Verb<T> = (library: Library, client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>

const load = (): Promise<Library> => {
  // It warns on Node.js 20, which it runs on, at every start.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  return import('@aws-sdk/client-s3')
}

/** Every verb rejects with BUCKET_FAILED, or with the signal's reason. `baseFolder`: relative paths of options start there. */
export const openBucket = (options: BucketOptions, baseFolder: string): Bucket => {
  const { endpoint, name, prefix } = options
  let opened: Promise<{ library: Library; client: S3Client }> | undefined

  const openClient = async () => {
    const library = await load()
    const ca = options.ca === undefined ? undefined : readFileSync(resolve(baseFolder, options.ca))
    const client = new library.S3Client({
      endpoint,
      region: options.region,
      forcePathStyle: options.pathStyle,
      credentials: { accessKeyId: options.accessKey, secretAccessKey: options.secretKey },
      maxAttempts: 1,
      // Many services of one's own do not know the newer checksums; the digest of the whole is verified where it arrives.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // It would open a connection for each part, and wait for services that never answer it.
      expectContinueHeader: false,
      requestHandler: {
        connectionTimeout: connectMs,
        socketTimeout: silenceMs,
        httpAgent: new HttpAgent({ keepAlive: true }),
        httpsAgent: new HttpsAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) }),
      },
    })
    return { library, client }
  }

  const failed = (cause: unknown): GatewayError =>
    cause instanceof GatewayError
      ? cause
      : GatewayError.of('BUCKET_FAILED', { bucket: `${endpoint.replace(/\/$/, '')}/${name}`, reason: reasonOf(cause) }, { cause })

  /** Runs a verb. An answer that says there is no such thing is undefined. */
  const ask = async <T>(verb: Verb<T>, signal: AbortSignal): Promise<T | undefined> => {
    try {
      opened ??= openClient().catch((error: unknown) => {
        opened = undefined
        throw error
      })
      const { library, client } = await opened
      return await verb(library, client, { abortSignal: signal })
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      if (statusOf(thrown) !== undefined && notThere.includes((thrown as Error).name)) return undefined
      throw failed(thrown)
    }
  }

  const placeOf = (key: string) => ({ Bucket: name, Key: `${prefix}${key}` })

  const uploadsOf = async (key: string, signal: AbortSignal): Promise<string[]> => {
    const { Key } = placeOf(key)
    const listed = await ask(
      (library, client, options) => client.send(new library.ListMultipartUploadsCommand({ Bucket: name, Prefix: Key }), options),
      signal,
    )
    return (listed?.Uploads ?? [])
      .filter((upload) => upload.Key === Key)
      .sort((a, b) => Number(b.Initiated ?? 0) - Number(a.Initiated ?? 0))
      .flatMap(({ UploadId }) => UploadId ?? [])
  }

  const partsOf = async (key: string, UploadId: string, signal: AbortSignal) => {
    const parts = new Map<number, { ETag: string; size: number }>()
    for (let marker: string | undefined; ; ) {
      const PartNumberMarker = marker
      const page = await ask(
        (library, client, options) =>
          client.send(new library.ListPartsCommand({ ...placeOf(key), UploadId, PartNumberMarker }), options),
        signal,
      )
      for (const { PartNumber, ETag, Size } of page?.Parts ?? [])
        if (PartNumber !== undefined && ETag !== undefined) parts.set(PartNumber, { ETag, size: Size ?? -1 })
      marker = page?.IsTruncated ? page.NextPartNumberMarker : undefined
      if (marker === undefined) return parts
    }
  }

  const pieceOf = async (file: FileHandle, offset: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(length)
    for (let there = 0; there < length; ) {
      const { bytesRead } = await file.read(buffer, there, length - there, offset + there)
      if (bytesRead === 0) throw failed(new BucketFault('文件变短了', 'the file is shorter than it was'))
      there += bytesRead
    }
    return buffer
  }

  const putInParts = async (
    key: string,
    file: FileHandle,
    size: number,
    onPart: (there: number) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const place = placeOf(key)
    let [upload] = await uploadsOf(key, signal)
    const there = upload === undefined ? new Map<number, { ETag: string; size: number }>() : await partsOf(key, upload, signal)
    if (upload === undefined) {
      const begun = await ask(
        (library, client, options) => client.send(new library.CreateMultipartUploadCommand(place), options),
        signal,
      )
      upload = begun?.UploadId
    }
    const UploadId = upload
    const gone = new BucketFault('未完的上传已被清除', 'the upload was removed before it was whole')
    const parts: CompletedPart[] = []
    const perPart = partBytesOf(size)
    for (let offset = 0; offset < size; offset += perPart) {
      const length = Math.min(perPart, size - offset)
      const PartNumber = parts.length + 1
      const known = there.get(PartNumber)
      if (known?.size === length) parts.push({ PartNumber, ETag: known.ETag })
      else {
        const Body = await pieceOf(file, offset, length)
        const put = await ask(
          (library, client, options) =>
            client.send(new library.UploadPartCommand({ ...place, UploadId, PartNumber, Body }), options),
          signal,
        )
        // The upload was ended by somebody else: another begins next time.
        if (!put?.ETag) throw failed(gone)
        parts.push({ PartNumber, ETag: put.ETag })
      }
      if (!(await onPart(offset + length))) return false
    }
    const MultipartUpload = { Parts: parts }
    const completed = await ask(
      (library, client, options) =>
        client.send(new library.CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }), options),
      signal,
    )
    if (!completed) throw failed(gone)
    return true
  }

  const putWhole = async (key: string, Body: Buffer, signal: AbortSignal): Promise<void> => {
    const put = await ask(
      (library, client, options) => client.send(new library.PutObjectCommand({ ...placeOf(key), Body }), options),
      signal,
    )
    if (!put) throw failed(new BucketFault('没有写入', 'it was not put'))
  }

  /** Without the right to list, many services refuse to say that there is none: putting it tells more. */
  const sizeOf = async (key: string, signal: AbortSignal): Promise<number | undefined> => {
    try {
      const head: Verb<{ ContentLength?: number | undefined }> = (library, client, options) =>
        client.send(new library.HeadObjectCommand(placeOf(key)), options)
      return (await ask(head, signal))?.ContentLength
    } catch (thrown) {
      // An answer to HEAD has no body to say more.
      if (thrown instanceof GatewayError && [403, 404].includes(statusOf(thrown.cause) ?? 0)) return undefined
      throw thrown
    }
  }

  const remove = async (key: string, signal: AbortSignal): Promise<void> => {
    await ask((library, client, options) => client.send(new library.DeleteObjectCommand(placeOf(key)), options), signal)
    for (const UploadId of await uploadsOf(key, signal))
      await ask(
        (library, client, options) =>
          client.send(new library.AbortMultipartUploadCommand({ ...placeOf(key), UploadId }), options),
        signal,
      )
  }

  async function* bytesOf(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* body
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      throw failed(thrown)
    }
  }

  const read: Bucket['read'] = async (key, from, size, signal) => {
    const got = await ask(
      (library, client, options) =>
        client.send(new library.GetObjectCommand({ ...placeOf(key), Range: `bytes=${from}-` }), options),
      signal,
    )
    if (!got) return undefined
    const body = got.Body as unknown as Readable
    const ranged = /\/(\d+)$/.exec(got.ContentRange ?? '')?.[1]
    const total = ranged === undefined ? got.ContentLength : Number(ranged)
    if (total === size && (ranged !== undefined || from === 0)) return bytesOf(body, signal)
    body.destroy()
    if (total === undefined) throw failed(new BucketFault('答复没有长度', 'its answer has no length'))
    if (total === size) throw failed(new BucketFault('它不支持从中间读取', 'it does not read from the middle'))
    return undefined
  }

  const probeIn = async (folder: string, signal: AbortSignal): Promise<void> => {
    const key = `${folder}/probe`
    const bytes = Buffer.from('qianzhi')
    await sizeOf(key, signal)
    await putWhole(key, bytes, signal)
    const rest = await read(key, 1, bytes.length, signal)
    if (!rest) throw failed(new BucketFault('写入的读不回来', 'what was put cannot be read'))
    for await (const _ of rest);
    await remove(key, signal)
  }

  return {
    async put(key, file, size, onPart, signal) {
      if ((await sizeOf(key, signal)) === size) return true
      if (size > partBytes) return putInParts(key, file, size, onPart, signal)
      await putWhole(key, await pieceOf(file, 0, size), signal)
      return true
    },
    read,
    remove,
    async probe(folders, signal) {
      for (const folder of folders) await probeIn(folder, signal)
    },
    close() {
      void opened?.then(({ client }) => client.destroy()).catch(() => undefined)
    },
  }
}

export type Direction = 'up' | 'down'

/** Where the objects of one gateway are. */
export const objectFolder = (direction: Direction, gateway: string | undefined): string => `${direction}/${gateway || '_'}`

/** Of one content on its way between one gateway and the platform: nothing of it but digits comes from outside. */
export const objectKey = (direction: Direction, { gateway, digest }: { gateway?: string | undefined; digest: string }): string =>
  `${objectFolder(direction, gateway)}/${digest.slice('sha256:'.length)}`
