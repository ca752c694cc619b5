/** What an S3 service, or the way to it, answers instead. */
import { GatewayError, type Text } from '../errors.ts'
import { systemReason } from '../system-reason.ts'

export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode

/** Whether the service itself said no, and not the way to it. */
export const isAnswered = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === 'BUCKET_FAILED' && statusOf(error.cause) !== undefined

/** What has ended it, in both languages. */
export class BucketFault extends Error {
  readonly reason: Text
  constructor(zh: string, en: string) {
    super(en)
    this.reason = { zh, en }
  }
}

/** That there is none of such a name: not the 404 of whatever else stands at the address. */
export const notThere = ['NoSuchKey', 'NotFound', 'NoSuchUpload', 'InvalidRange']

export const reasonOf = (error: unknown): Text => {
  if (error instanceof BucketFault) return error.reason
  const status = statusOf(error)
  if (status === undefined) return systemReason(error)
  const { name, message } = error as Error
  const said = name === 'Unknown' ? `HTTP ${status}` : `${name}: ${message} (HTTP ${status})`
  return { zh: `对方答复“${said}”`, en: `it answers "${said}"` }
}
