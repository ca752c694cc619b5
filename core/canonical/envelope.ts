/** The message on the wire: a CloudEvent 1.0 in JSON, structured mode. */
import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import type { CanonicalText } from './canonical-json.ts'
import { contentSchemaOf, definitionOf, type EventType } from './events.ts'
import { as, code, entity, many, moment, shaped, text, whole } from './fields.ts'
import { identityOf, laneOf, messageIdOf } from './identity.ts'
import { commonMembers, type MessageDraft, matchKeySchema, type Stamp, source } from './message.ts'
import type { Code } from './vocabulary.ts'

/** The major version of all schemas; a message that an old reader would misread needs a new one. */
const schemaVersion = 1

const wireTypeOf = (type: EventType): string => `qianzhi.${type}.v${schemaVersion}`
const schemaIdOf = (type: EventType): string => `urn:qianzhi:schema:${type}:${schemaVersion}`

/** The canonical type of a CloudEvents type, not checked against the list: `qianzhi.case.closed.v1` gives `case.closed`. */
export const typeOfWire = (wireType: string): string | undefined => /^qianzhi\.(.+)\.v1$/.exec(wireType)?.[1]

const beijingOffsetMs = 8 * 3600 * 1000
const toBeijing = (instant: number): string => `${new Date(instant + beijingOffsetMs).toISOString().slice(0, -1)}+08:00`

/** All of a batch is seen at one moment. */
let lastSeen = { at: Number.NaN, text: '' }
const seenText = (at: number): string => {
  if (lastSeen.at !== at) lastSeen = { at, text: toBeijing(at) }
  return lastSeen.text
}

const operationOf = (draft: MessageDraft, dataVersion: number): Code<'operation'> => {
  if (draft.type === 'case.voided') return draft.content.kind === 'delete_technical' ? 'delete_technical' : 'void'
  return dataVersion === 1 ? 'create' : 'amend'
}

/** A source is that of every message of its system. */
const sourceTexts = new WeakMap<Stamp['source'], string>()

const sourceText = (source: Stamp['source']): string => {
  const known = sourceTexts.get(source)
  if (known !== undefined) return known
  const text = JSON.stringify(source)
  sourceTexts.set(source, text)
  return text
}

/**
 * Stamps a draft. What it gives is the text that is stored, signed and sent as it is, in parts: who writes it to memory need not join them first.
 * One of them is the text that was hashed, but for its closing brace. Attribute `time` is absent when the source knows only the day.
 */
export const cloudEventParts = (id: string, draft: MessageDraft, stamp: Stamp, said: CanonicalText): string[] => {
  const { system, department } = stamp.source
  const attributes = JSON.stringify({
    specversion: '1.0',
    id,
    source: `/departments/${department}/systems/${encodeURIComponent(system)}`,
    type: wireTypeOf(draft.type),
    subject: draft.case.sourceCaseNo,
    time: draft.occurredAt?.includes('T') ? draft.occurredAt : undefined,
    datacontenttype: 'application/json',
    dataschema: schemaIdOf(draft.type),
    partitionkey: laneOf(system, draft),
    contenthash: said.hash,
    target: stamp.target,
  })
  const stamped = JSON.stringify({
    dataVersion: stamp.dataVersion,
    dataVersionOrigin: stamp.dataVersionOrigin,
    operation: operationOf(draft, stamp.dataVersion),
    seenAt: seenText(stamp.seenAt),
  })
  const told = JSON.stringify({
    flags: draft.flags,
    provenance: draft.provenance,
    matchKeys: stamp.matchKeys,
    catalogueVersion: stamp.catalogueVersion,
  })
  // No object is empty, so that their members follow each other with a comma.
  const beforeText = [attributes.slice(0, -1), ',"data":']
  const behindText = [',', stamped.slice(1, -1), ',"source":', sourceText(stamp.source), ',', told.slice(1), '}']
  return [...beforeText, said.text.slice(0, -1), ...behindText]
}

/** The same in one text, with its id. Throws MESSAGE_INVALID when that is too long. */
export const toCloudEvent = (
  draft: MessageDraft,
  stamp: Stamp,
  said: CanonicalText,
): { id: string; identity: string; body: string } => {
  const identity = identityOf(stamp.source.system, draft)
  const id = messageIdOf(identity, stamp.dataVersion)
  return { id, identity, body: cloudEventParts(id, draft, stamp, said).join('') }
}

const titled = (type: EventType, schema: TObject): TObject => {
  const { title, description } = definitionOf(type)
  return { ...schema, title: title.zh, description: `${description.zh} / ${description.en}` }
}

const fixed = (zh: string, en: string, value: string): TSchema => as(zh, en, Type.Literal(value))

/** Schema of a draft of one type: what a mapping must yield. */
export const draftSchemaOf = (type: EventType): TObject => {
  const { required, optional, dataVersion } = commonMembers
  const content = titled(type, contentSchemaOf(type))
  return entity({ type: fixed('消息类型', 'Type of message', type), ...required, content }, { ...optional, dataVersion })
}

/** JSON Schema 2020-12 of the whole CloudEvent of one type. Keywords of our own carry meaning for readers and never refuse a message. */
export const schemaOf = (type: EventType): TObject => {
  const { required, optional, dataVersion } = commonMembers
  const data = entity(
    {
      ...required,
      dataVersion,
      dataVersionOrigin: code('dataVersionOrigin', '数据版本来源', 'Origin of the data version'),
      operation: code('operation', '数据操作', 'Operation'),
      seenAt: moment('采集时间：网关读到的时间', 'When the gateway read it', {}),
      source: as('来源', 'Source', source),
      content: titled(type, contentSchemaOf(type)),
    },
    {
      ...optional,
      catalogueVersion: whole(
        '事项目录版本：据此核对事项',
        'Version of the item catalogue that the item was judged by',
        1,
        Number.MAX_SAFE_INTEGER,
      ),
      matchKeys: many('姓名与名称的比对键', 'Match keys of names; a name that is not listed is its own key', matchKeySchema),
    },
  )
  const envelope = entity(
    {
      specversion: fixed('CloudEvents 版本', 'Version of CloudEvents', '1.0'),
      id: text('消息编号', 'Message id: system, case, type, sequence, state, data version', 255),
      source: shaped(
        '来源：/departments/部门代码/systems/系统',
        'Source: /departments/<code>/systems/<system>',
        '^/departments/[0-9A-Z]{18}/systems/\\S+$',
      ),
      type: fixed('消息类型', 'Type of message', wireTypeOf(type)),
      subject: text('原系统流水号', 'Case number in the source system', 100),
      datacontenttype: fixed('内容类型', 'Content type', 'application/json'),
      dataschema: fixed('数据规范', 'Schema of the message', schemaIdOf(type)),
      partitionkey: text('办件通道', 'Lane: messages of one case keep their order', 200),
      contenthash: shaped(
        '内容摘要：规范内容的 SHA-256，64 位小写十六进制数',
        'SHA-256 of the canonical content, 64 hexadecimal digits in lower case',
        '^[0-9a-f]{64}$',
      ),
      data: as('数据', 'Data', data),
    },
    {
      time: as('发生时间', 'When it happened', Type.String({ format: 'date-time' })),
      target: shaped(
        '目标系统：下行消息写入网关的哪个系统',
        'On the way down: the system of the gateway that it is for',
        '^[a-z][a-z0-9-]{0,31}$',
      ),
    },
  )
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: schemaIdOf(type), ...titled(type, envelope) }
}
