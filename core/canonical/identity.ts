/** The names of messages and lanes. They are readable: an operator can see in an id which case of which system it is about. */
import { GatewayError } from '../errors.ts'
import { type EventType, isEventType } from './events.ts'
import type { MessageDraft } from './message.ts'

type Named = Pick<MessageDraft, 'type' | 'stage'> & { case: Pick<MessageDraft['case'], 'sourceCaseNo'> }

/** AMQP carries an id as a short string. */
const maxIdBytes = 255

const unsafe = /[:%\s\p{Cc}\p{Cs}]/u

const encode = (part: string): string => {
  if (!unsafe.test(part)) return part
  return part.replace(/[:%\s\p{Cc}]/gu, (character) => encodeURIComponent(character))
}

/** What the identities of all facts of a case begin with. */
export const caseIdentity = (system: string, sourceCaseNo: string): string => `${encode(system)}:${encode(sourceCaseNo)}:`

const invalidId = (type: string, zh: string, en: string, cause?: unknown) =>
  GatewayError.of('MESSAGE_INVALID', { at: '', type, field: '/id', entry: '', reason: { zh, en } }, { cause })

/**
 * What is the same for every data version of one fact: `system:sourceCaseNo:type:sequence:state`. In each part `:`, `%`,
 * white space and control characters are percent-encoded (RFC 3986), so that different parts never give one identity.
 */
export const identityOf = (system: string, draft: Named): string =>
  `${encode(system)}:${encode(draft.case.sourceCaseNo)}:${draft.type}:${encode(draft.stage?.sequence ?? '')}:${draft.stage?.state ?? ''}`

/** Throws MESSAGE_INVALID when the id would be longer than 255 UTF-8 bytes, or is not well-formed Unicode. */
export const messageIdOf = (identity: string, dataVersion: number): string => {
  const id = `${identity}:${dataVersion}`
  const bytes = Buffer.byteLength(id)
  const type = identity.split(':')[2] ?? ''
  if (bytes > maxIdBytes) throw invalidId(type, `编号有 ${bytes} 字节，上限为 255`, `the id has ${bytes} bytes, the limit is 255`)
  if (/\p{Cs}/u.test(id)) throw invalidId(type, '编号含不成对的代理字符', 'the id holds a lone surrogate')
  return id
}

export interface MessageName {
  system: string
  sourceCaseNo: string
  type: EventType
  sequence?: string
  state?: 'pending' | 'done'
  dataVersion: number
}

/** The inverse of `messageIdOf`. Throws MESSAGE_INVALID for what no gateway can have written. */
export const parseMessageId = (id: string): MessageName => {
  const parts = id.split(':')
  const [system = '', sourceCaseNo = '', type = '', sequence = '', state = '', version = ''] = parts
  const stateKnown = state === '' || state === 'pending' || state === 'done'
  if (
    parts.length !== 6 ||
    system === '' ||
    sourceCaseNo === '' ||
    !isEventType(type) ||
    !stateKnown ||
    !/^[1-9]\d{0,15}$/.test(version)
  ) {
    throw invalidId('?', '不是网关的消息编号', 'this is not the id of a gateway message')
  }
  try {
    return {
      system: decodeURIComponent(system),
      sourceCaseNo: decodeURIComponent(sourceCaseNo),
      type,
      ...(sequence === '' ? {} : { sequence: decodeURIComponent(sequence) }),
      ...(state === '' ? {} : { state }),
      dataVersion: Number(version),
    }
  } catch (cause) {
    throw invalidId(type, '百分号编码有误', 'its percent-encoding is wrong', cause)
  }
}

/** The lane of a case: its messages keep their order, whatever their type. */
export const laneOf = (system: string, draft: { case: { sourceCaseNo: string } }): string =>
  `${system}/${draft.case.sourceCaseNo}`
