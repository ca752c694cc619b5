/**
 * Receipts: what the platform answers for the messages that it was sent. They travel down, to the gateway that each message names in its
 * `source`, many in one CloudEvent.
 */
import { type Static, Type } from '@sinclair/typebox'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { as, entity, moment, shaped, text } from './fields.ts'

/** The type of a delivery that carries receipts; of every other, the canonical event. */
export const receiptsType = 'message.receipts'

const receipt = entity(
  {
    id: text('消息编号', 'Id of the message', 255),
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

export const receiptsSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:qianzhi:schema:message.receipts:1',
  ...entity(
    {
      specversion: as('CloudEvents 版本', 'Version of CloudEvents', Type.Literal('1.0')),
      id: text('编号', 'Id', 255),
      source: as('来源', 'Source', Type.Literal('/platform')),
      type: as('类型', 'Type', Type.Literal('qianzhi.message.receipts.v1')),
      datacontenttype: as('内容类型', 'Content type', Type.Literal('application/json')),
      data: as(
        '数据',
        'Data',
        entity(
          {
            gateway: shaped('网关', 'The gateway that they are for', '^[a-z][a-z0-9-]{0,63}$'),
            receipts: as('回执', 'Receipts', Type.Array(receipt, { minItems: 1, maxItems: 1000 })),
          },
          {},
        ),
      ),
    },
    {},
  ),
}

const ajv = new Ajv2020({ strict: false })
formats.default(ajv)
const isReceipts = ajv.compile<{ data: { gateway: string; receipts: Receipt[] } }>(receiptsSchema)

/** The body of one event with receipts. `id` must be of no other. */
export const receiptsEvent = (id: string, gateway: string, receipts: readonly Receipt[]): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/platform',
    type: 'qianzhi.message.receipts.v1',
    datacontenttype: 'application/json',
    data: { gateway, receipts },
  })

/** What such an event holds; undefined when it is none. Never throws. */
export const readReceipts = (body: string): { gateway: string; receipts: Receipt[] } | undefined => {
  try {
    const event: unknown = JSON.parse(body)
    return isReceipts(event) ? event.data : undefined
  } catch {
    return undefined
  }
}
