/**
 * Receipts: what the platform answers for the messages that it was sent. They travel down, to the gateway that each message names in its
 * `source`, many in one CloudEvent.
 */
import { type Static, Type } from '@sinclair/typebox'
import { defineControl, maxIdsAtOnce } from './control.ts'
import { as, entity, moment, name, shaped } from './fields.ts'

/** The type of a delivery that carries receipts; of every other, the canonical event. */
export const receiptsType = 'message.receipts'

const receipt = entity(
  {
    id: name('消息编号', 'Id of the message', 255),
    digest: shaped(
      '摘要：收到的消息正文的 SHA-256，64 位小写十六进制数',
      'SHA-256 of the body as received, 64 hexadecimal digits in lower case',
      '^[0-9a-f]{64}$',
    ),
    outcome: as(
      '结果：accepted 已收下（包括早已有的），conflict 同一编号下另有内容',
      'accepted: it has it, since now or before; conflict: it has other content under the id',
      Type.Union([Type.Literal('accepted'), Type.Literal('conflict')]),
    ),
    at: moment('收到时间', 'When it was received', {}),
  },
  {},
)
export type Receipt = Static<typeof receipt>

export const receiptsControl = defineControl({
  type: receiptsType,
  title: { zh: '回执', en: 'Receipts' },
  summary: { zh: '平台对收到的消息的答复，一次多条', en: 'What the platform answers for messages, many at once' },
  source: Type.Literal('/platform'),
  data: entity(
    {
      gateway: shaped('网关', 'The gateway that they are for', '^[a-z][a-z0-9-]{0,63}$'),
      receipts: as('回执', 'Receipts', Type.Array(receipt, { minItems: 1, maxItems: maxIdsAtOnce })),
    },
    {},
  ),
})

/** The body of one event with receipts. `id` must be of no other. */
export const receiptsEvent = (id: string, gateway: string, receipts: readonly Receipt[]): string =>
  receiptsControl.write(id, '/platform', { gateway, receipts: [...receipts] })

/** What such an event holds; undefined when it is none. Never throws. */
export const readReceipts = (body: string): { gateway: string; receipts: Receipt[] } | undefined =>
  receiptsControl.read(body)?.data
