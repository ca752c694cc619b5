/** What an S3 service, or the way to it, answers instead. */
import { GatewayError, type Text } from '../errors.ts'
import { systemReason } from '../system-reason.ts'

export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode

/** What has ended it, in both languages. */
export class BucketFault extends Error {
  readonly reason: Text
  constructor(zh: string, en: string) {
    super(en)
    this.reason = { zh, en }
  }
}

/** That there is none of such a name, said by the service: not the 404 of whatever else stands at the address. */
export const notThere = ['NoSuchKey', 'NoSuchUpload', 'InvalidRange']

/** What keeps all objects from being read, and not one. */
const ofAll = ['SignatureDoesNotMatch', 'InvalidAccessKeyId', 'NoSuchBucket']

/** Whether an error is of the object that was asked for, so that others may be asked for meanwhile. */
export const isOfOne = (error: unknown): boolean => {
  const { code, cause } = error instanceof GatewayError ? error : { code: '', cause: undefined }
  if (code.startsWith('PUBLISH_')) return true
  if (code !== 'BUCKET_FAILED') return false
  const status = statusOf(cause) ?? 500
  return (
    cause instanceof BucketFault || (status < 500 && status !== 401 && status !== 429 && !ofAll.includes((cause as Error).name))
  )
}

export const reasonOf = (error: unknown): Text => {
  if (error instanceof BucketFault) return error.reason
  const status = statusOf(error)
  if (status === undefined) return systemReason(error)
  const { name, message } = error as Error
  const said = name === 'Unknown' ? `HTTP ${status}` : `${name}: ${message} (HTTP ${status})`
  return { zh: `对方答复“${said}”`, en: `it answers "${said}"` }
}
