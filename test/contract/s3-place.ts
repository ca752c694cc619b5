/** A bucket of a test's own on the real S3 service, removed at its end. */
import { randomBytes } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { BucketOptions } from '../../core/attachments/bucket-options.ts'

export const s3Port = Number(process.env['QIANZHI_S3_PORT'] ?? 8333)
const endpoint = `http://127.0.0.1:${s3Port}`
// Of the service that `deploy/services.sh` starts; they open nothing else.
const keys = { accessKey: 'qianzhi:test', secretKey: 'test-secret' }

export const createBucket = async (t: { teardown(work: () => unknown): void }) => {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const name = `test-${randomBytes(6).toString('hex')}`
  const Bucket = name
  await client.send(new CreateBucketCommand({ Bucket }))
  const objects = async (): Promise<string[]> =>
    ((await client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key!)
  const drop = (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key }))
  t.teardown(async () => {
    for (const key of await objects()) await drop(key)
    // A bucket with an upload that nobody ended stays; it is empty.
    await client.send(new DeleteBucketCommand({ Bucket })).catch(() => undefined)
    client.destroy()
  })
  const options: BucketOptions = {
    endpoint,
    name,
    prefix: 'q/',
    region: 'us-east-1',
    ...keys,
    pathStyle: true,
    allowPlaintext: false,
  }
  return {
    options,
    /** The section of both sides, and the files of its secrets, in the folder of the configuration. */
    yaml: `bucket: { endpoint: "${endpoint}", name: ${name}, prefix: q/, accessKey: { file: s3-access }, secretKey: { file: s3-secret } }\n`,
    files: { 'config/s3-access': keys.accessKey, 'config/s3-secret': keys.secretKey },
    objects,
    drop,
    put: (Key: string, Body: Buffer) => client.send(new PutObjectCommand({ Bucket, Key, Body })),
    uploads: async (): Promise<number> => ((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).length,
  }
}
