/**
 * An S3-compatible store that attachments pass through: whoever sends puts an object there, whoever receives reads it from any byte on and removes
 * it. Large objects are put in parts; after a crash the parts that are there already are not sent again. Nothing here tries again by itself: the
 * sender and the receiver do, with their own pauses.
 */
import { readFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { Agent } from 'node:https'
import { resolve } from 'node:path'
import type { CompletedPart, GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3'
import { GatewayError, type Text } from '../errors.ts'
import { systemReason } from '../system-reason.ts'
import type { BucketOptions } from './bucket-options.ts'

/** The smallest that S3 takes for a part, and what is in memory of one upload. 10,000 parts at most. */
export const partBytes = 5 * 1024 * 1024
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
  /** The bytes of an object from an offset on, and how many it has in all; undefined when there is none, or it ends before. */
  read(key: string, from: number, signal: AbortSignal): Promise<{ size: number; bytes: AsyncIterable<Uint8Array> } | undefined>
  /** Removes an object, and what was put of one that is not whole. */
  remove(key: string, signal: AbortSignal): Promise<void>
  /** Puts and removes an object of its own, for `qianzhi lint --probe`. */
  probe(signal: AbortSignal): Promise<void>
  close(): void
}

type Library = typeof import('@aws-sdk/client-s3')
type Verb<T> = (library: Library, client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>

const load = (): Promise<Library> => {
  // It warns on Node.js 20, which it runs on, at every start.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  return import('@aws-sdk/client-s3')
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode

const reasonOf = (error: unknown): Text => {
  const status = statusOf(error)
  if (status === undefined) return systemReason(error)
  const { name, message } = error as Error
  const said = name === 'Unknown' ? `HTTP ${status}` : `${name}: ${message} (HTTP ${status})`
  return { zh: `对方答复“${said}”`, en: `it answers "${said}"` }
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
      requestHandler: {
        connectionTimeout: connectMs,
        socketTimeout: silenceMs,
        ...(ca === undefined ? {} : { httpsAgent: new Agent({ keepAlive: true, ca }) }),
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
      if (statusOf(thrown) === 404 && (thrown as Error).name !== 'NoSuchBucket') return undefined
      if (statusOf(thrown) === 416) return undefined
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
      if (bytesRead === 0) throw new Error('the file is shorter than it was')
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
    const parts: CompletedPart[] = []
    for (let offset = 0; offset < size; offset += partBytes) {
      const length = Math.min(partBytes, size - offset)
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
        if (!put?.ETag) throw failed(new Error(`the upload ${UploadId} is gone`))
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
    if (!completed) throw failed(new Error(`the upload ${UploadId} is gone`))
    return true
  }

  const putWhole = async (key: string, Body: Buffer, signal: AbortSignal): Promise<void> => {
    const put = await ask(
      (library, client, options) => client.send(new library.PutObjectCommand({ ...placeOf(key), Body }), options),
      signal,
    )
    if (!put) throw failed(new Error('there is no such bucket'))
  }

  const sizeOf = async (key: string, signal: AbortSignal): Promise<number | undefined> =>
    (await ask((library, client, options) => client.send(new library.HeadObjectCommand(placeOf(key)), options), signal))
      ?.ContentLength

  const remove = async (key: string, signal: AbortSignal): Promise<void> => {
    await ask((library, client, options) => client.send(new library.DeleteObjectCommand(placeOf(key)), options), signal)
    for (const UploadId of await uploadsOf(key, signal))
      await ask(
        (library, client, options) =>
          client.send(new library.AbortMultipartUploadCommand({ ...placeOf(key), UploadId }), options),
        signal,
      )
  }

  async function* bytesOf({ Body }: GetObjectCommandOutput, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* Body as unknown as AsyncIterable<Uint8Array>
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      throw failed(thrown)
    }
  }

  return {
    async put(key, file, size, onPart, signal) {
      if ((await sizeOf(key, signal)) === size) return true
      if (size > partBytes) return putInParts(key, file, size, onPart, signal)
      await putWhole(key, await pieceOf(file, 0, size), signal)
      return true
    },
    async read(key, from, signal) {
      const got = await ask(
        (library, client, options) =>
          client.send(new library.GetObjectCommand({ ...placeOf(key), Range: `bytes=${from}-` }), options),
        signal,
      )
      if (!got) return undefined
      const total = /\/(\d+)$/.exec(got.ContentRange ?? '')?.[1]
      // A service that knows no ranges gives all of it.
      if (total === undefined && from > 0) throw failed(new Error('it does not answer ranges'))
      return { size: Number(total ?? got.ContentLength), bytes: bytesOf(got, signal) }
    },
    remove,
    async probe(signal) {
      const key = `probe-${process.pid}`
      await putWhole(key, Buffer.from('qianzhi'), signal)
      await remove(key, signal)
    },
    close() {
      void opened?.then(({ client }) => client.destroy()).catch(() => undefined)
    },
  }
}

/** Of one content on its way between one gateway and the platform. `hex`: nothing that came from outside but digits. */
export const objectKey = (
  direction: 'up' | 'down',
  { gateway, digest }: { gateway?: string | undefined; digest: string },
): string => `${direction}/${gateway || '_'}/${digest.slice('sha256:'.length)}`
