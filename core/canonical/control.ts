/** Messages between the gateway and the platform that are about messages: one envelope, a CloudEvent, for all of their types. */
import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Text } from '../errors.ts'
import { as, entity, name } from './fields.ts'

const ajv = new Ajv2020({ strict: false })
formats.default(ajv)

/** Ids in one of them at most: what is more comes in further ones. */
export const maxIdsAtOnce = 1000

/** `source`: the schema of who sends it. */
export const defineControl = <S extends TSchema>(words: {
  type: string
  title: Text
  summary: Text
  source: TSchema
  data: S
}) => {
  const { type, title, summary, source, data } = words
  const wireType = `qianzhi.${type}.v1`
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:qianzhi:schema:${type}:1`,
    ...entity(
      {
        specversion: as('CloudEvents 版本', 'Version of CloudEvents', Type.Literal('1.0')),
        id: name('编号', 'Id', 255),
        source: as('来源', 'Source', source),
        type: as('类型', 'Type', Type.Literal(wireType)),
        datacontenttype: as('内容类型', 'Content type', Type.Literal('application/json')),
        data: as('数据', 'Data', data),
      },
      {},
    ),
  }
  const isOne = ajv.compile<{ id: string; data: Static<S> }>(schema)
  return {
    type,
    title,
    summary,
    schema,
    /** The body of one event. `id` must be of no other content. */
    write: (id: string, from: string, said: Static<S>): string =>
      JSON.stringify({
        specversion: '1.0',
        id,
        source: from,
        type: wireType,
        datacontenttype: 'application/json',
        data: said,
      }),
    /** What such an event holds, and its id; undefined when it is none. Never throws. */
    read: (body: string): { id: string; data: Static<S> } | undefined => {
      try {
        const event: unknown = JSON.parse(body)
        return isOne(event) ? event : undefined
      } catch {
        return undefined
      }
    },
  }
}
