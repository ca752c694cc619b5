/** The canonical language as documents: JSON Schemas, AsyncAPI and code tables, all from the source that checks messages. */
import type { Text } from '../errors.ts'
import { attachmentReceiptsControl } from './attachment-receipts.ts'
import { catalogueControl } from './catalogue.ts'
import { schemaOf } from './envelope.ts'
import { definitionOf, type EventType, eventTypes } from './events.ts'
import { receiptsControl } from './receipts.ts'
import { comparisonControl, statementControl } from './statements.ts'
import { codesOf, type ListName, vocabulary } from './vocabulary.ts'

export { schemaOf }

/** Everything that is about messages and is none itself. */
export const controls = [
  receiptsControl,
  statementControl,
  comparisonControl,
  catalogueControl,
  attachmentReceiptsControl,
] as const

const upTypes = [...eventTypes, statementControl.type, attachmentReceiptsControl.type]
const downTypes = [
  ...eventTypes,
  receiptsControl.type,
  comparisonControl.type,
  catalogueControl.type,
  attachmentReceiptsControl.type,
]

/** Where the schema of a type is published, relative to the AsyncAPI document. */
export const schemaPathOf = (type: EventType): string => `schemas/${type}.json`

const both = ({ zh, en }: Text): string => `${zh} / ${en}`

const messageOf = (type: EventType) => {
  const { title, description } = definitionOf(type)
  return {
    name: type,
    title: both(title),
    summary: both(description),
    contentType: 'application/json',
    payload: { schemaFormat: 'application/schema+json;version=2020-12', schema: { $ref: `./${schemaPathOf(type)}` } },
    bindings: { amqp: { contentEncoding: 'utf-8', messageType: type, bindingVersion: '0.3.0' } },
  }
}

const departmentParameters = {
  region: {
    description: { zh: '部门所在行政区划，6 位', en: 'region of the department, 6 digits' },
    example: '150900',
  },
  department: {
    description: { zh: '部门统一社会信用代码', en: 'unified social credit code of the department' },
    example: '11150900PDY00001XA',
  },
}

const gatewayParameters = { gateway: { description: { zh: '网关名称', en: 'name of the gateway' }, example: 'shijian' } }

interface ChannelWords {
  title: Text
  /** Of the address, between the direction and the type. */
  parameters: Record<string, { description: Text; example: string }>
  types: readonly string[]
}

const channel = (
  direction: 'up' | 'down' | 'attachments.up' | 'attachments.down',
  { title, parameters, types }: ChannelWords,
) => ({
  address: `v1.${direction}.${Object.keys(parameters)
    .map((name) => `{${name}}.`)
    .join('')}{eventType}.{partition}`,
  title: both(title),
  parameters: {
    ...Object.fromEntries(
      Object.entries(parameters).map(([name, { description, example }]) => [
        name,
        { description: both(description), examples: [example] },
      ]),
    ),
    eventType: { description: both({ zh: '消息类型，含一个点', en: 'type of message, with its dot' }), enum: types },
    partition: { description: both({ zh: '办件通道所在分区', en: 'partition of the lane' }), examples: ['p0'] },
  },
  messages: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
  bindings: {
    amqp: {
      is: 'routingKey',
      exchange: { name: `qianzhi.${direction.split('.', 1)[0]}`, type: 'topic', durable: true, autoDelete: false, vhost: '/' },
      bindingVersion: '0.3.0',
    },
  },
})

const controlMessage = ({ type, title, summary }: (typeof controls)[number]) => ({
  name: type,
  title: both(title),
  summary: both(summary),
  contentType: 'application/json',
  payload: { schemaFormat: 'application/schema+json;version=2020-12', schema: { $ref: `./schemas/${type}.json` } },
  bindings: { amqp: { contentEncoding: 'utf-8', messageType: type, bindingVersion: '0.3.0' } },
})

/** A part of an attachment: bytes, with headers that say which. */
const chunkType = 'attachment.chunk'
const chunkMessage = {
  name: chunkType,
  title: both({ zh: '附件分块', en: 'Chunk of an attachment' }),
  summary: both({ zh: '正文为字节，至多 1 MiB', en: 'its body is the bytes, at most 1 MiB' }),
  contentType: 'application/octet-stream',
  headers: {
    type: 'object',
    required: ['digest', 'offset', 'size'],
    properties: {
      digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
      offset: { type: 'integer', minimum: 0 },
      size: { type: 'integer', minimum: 0 },
      gateway: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,63}$' },
    },
  },
  bindings: { amqp: { messageType: chunkType, bindingVersion: '0.3.0' } },
}

const byType = <T>(of: (type: EventType) => T): Record<string, T> =>
  Object.fromEntries(eventTypes.map((type) => [type, of(type)]))

/** AsyncAPI 3.0.0 of what the gateway sends to the platform over RabbitMQ. */
export const asyncApi = () => ({
  asyncapi: '3.0.0',
  info: {
    title: '前置 / Qianzhi',
    version: '1.0.0',
    description: both({
      zh: '部门前置机向市级网上审批平台报送的办件消息（CloudEvents 1.0，结构化 JSON）。同一办件的消息在同一分区内保持顺序，至少送达一次，按编号去重。',
      en: 'Case messages from the front-end machines of departments to the approval platform of the city (CloudEvents 1.0, structured JSON). Messages of one case keep their order within a partition, arrive at least once, and are told apart by id.',
    }),
  },
  defaultContentType: 'application/json',
  channels: {
    down: channel('down', {
      title: {
        zh: '下行：写入某网关的某个系统的消息（属性 target），与平台的回执、对账答复、事项目录',
        en: 'Down: messages to a system of a gateway (attribute target), and receipts, comparisons and the item catalogue of the platform',
      },
      parameters: gatewayParameters,
      types: downTypes,
    }),
    up: channel('up', {
      title: { zh: '上行消息、对账单、附件回执', en: 'Messages to the platform, statements, and receipts for attachments' },
      parameters: departmentParameters,
      types: upTypes,
    }),
    attachments: channel('attachments.up', {
      title: { zh: '上行附件', en: 'Attachments to the platform' },
      parameters: departmentParameters,
      types: [chunkType],
    }),
    attachmentsDown: channel('attachments.down', {
      title: { zh: '下行附件', en: 'Attachments to a gateway' },
      parameters: gatewayParameters,
      types: [chunkType],
    }),
  },
  operations: {
    report: {
      action: 'send',
      channel: { $ref: '#/channels/up' },
      title: both({ zh: '报送', en: 'Report to the platform' }),
      messages: upTypes.map((type) => ({ $ref: `#/channels/up/messages/${type}` })),
      bindings: { amqp: { deliveryMode: 2, mandatory: true, bindingVersion: '0.3.0' } },
    },
    carry: {
      action: 'send',
      channel: { $ref: '#/channels/attachments' },
      title: both({ zh: '送附件', en: 'Carry attachments to the platform' }),
      messages: [{ $ref: `#/channels/attachments/messages/${chunkType}` }],
      bindings: { amqp: { deliveryMode: 2, mandatory: true, bindingVersion: '0.3.0' } },
    },
    take: {
      action: 'receive',
      channel: { $ref: '#/channels/attachmentsDown' },
      title: both({ zh: '收附件', en: 'Take attachments of the platform' }),
      messages: [{ $ref: `#/channels/attachmentsDown/messages/${chunkType}` }],
      bindings: { amqp: { ack: true, bindingVersion: '0.3.0' } },
    },
    write: {
      action: 'receive',
      channel: { $ref: '#/channels/down' },
      title: both({ zh: '写入系统', en: 'Write to a system' }),
      messages: downTypes.map((type) => ({ $ref: `#/channels/down/messages/${type}` })),
      bindings: { amqp: { ack: true, bindingVersion: '0.3.0' } },
    },
  },
  components: {
    messages: {
      ...byType(messageOf),
      ...Object.fromEntries(controls.map((control) => [control.type, controlMessage(control)])),
      [chunkType]: chunkMessage,
    },
  },
})

/** Every code list with its codes in both languages, in the order of the vocabulary. */
export const vocabularyTable = (): { list: ListName; title: Text; values: { code: string; text: Text }[] }[] =>
  (Object.keys(vocabulary) as ListName[]).map((list) => {
    const values: Record<string, Text> = vocabulary[list].values
    return { list, title: vocabulary[list].title, values: codesOf(list).map((code) => ({ code, text: values[code] as Text })) }
  })
