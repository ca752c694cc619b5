/** What a sender is told. */
import type { GatewayError, Receipt } from '../../core/contract.ts'

export interface Answer {
  status: number
  contentType: string
  body: string | Uint8Array
}

const errorFields = (error: GatewayError) => ({
  code: error.code,
  zh: error.text.zh,
  en: error.text.en,
  hintZh: error.hint.zh,
  hintEn: error.hint.en,
})

/** Of whom nothing was taken. */
export const refusalBody = (error: GatewayError) => ({ ...errorFields(error), kept: false })

/** A receipt as it is shown to senders, in JSON and in SOAP alike. */
export const shownReceipt = ({ key, outcome, recordSeq, error }: Receipt) => ({
  key,
  outcome,
  recordSeq,
  ...(error && { error: errorFields(error) }),
})

/** The first record of a post that was quarantined. */
export const firstQuarantined = (receipts: Receipt[]): GatewayError | undefined => receipts.find(({ error }) => error)?.error

/** What a sender must know beside the error: the record is kept, and the same again is of no use. */
export const keptNote = {
  zh: '已按收到的原样留存在隔离区，由人处理；同样的内容不必重发',
  en: 'it is kept as received, in quarantine, for a person to decide; do not send the same again',
}

/** 200 when all was taken, 422 when a record is in quarantine; in both cases all of it is kept. */
export const jsonAnswer = (receipts: Receipt[]): Answer => {
  const error = firstQuarantined(receipts)
  const told = error && { ...errorFields(error), kept: true, noteZh: keptNote.zh, noteEn: keptNote.en }
  return {
    status: error ? 422 : 200,
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ ...told, receipts: receipts.map(shownReceipt) }),
  }
}
