/**
 * Statements: what the gateway says it has sent of a system in a period, and what the platform answers when it has compared it with what it
 * has. A message belongs to the period of its `data.seenAt`. Hashes are those of `core/merkle.ts`.
 */
import { Type } from '@sinclair/typebox'
import { defineControl, maxIdsAtOnce } from './control.ts'
import { as, entity, moment, name, shaped, whole } from './fields.ts'

const id = (zh: string, en: string) => name(zh, en, 255)
const root = shaped('根：Merkle 树根，64 位小写十六进制数', 'Merkle root, 64 hexadecimal digits in lower case', '^[0-9a-f]{64}$')
const count = whole('条数', 'How many messages', 0, Number.MAX_SAFE_INTEGER)
const type = name('消息类型', 'Type of message', 64)

const period = {
  gateway: shaped('网关', 'The gateway', '^[a-z][a-z0-9-]{0,63}$'),
  system: name('系统', 'The system of the gateway', 64),
  from: moment('起（含）', 'From, inclusive', {}),
  until: moment('止（不含）', 'Until, exclusive', {}),
}

const line = entity(
  {
    type,
    count,
    root,
    parts: as(
      '分段：编号按字节排序后等分，末段可短；只有一段时为空',
      'Parts of the sorted ids, all of one length but the last; empty where there is one',
      Type.Array(entity({ from: id('起始编号', 'First id'), root }, {}), { maxItems: 1024 }),
    ),
  },
  {},
)

const range = entity(
  {
    type,
    ids: as(
      '平台在此范围内的全部编号',
      'All ids that the platform has there',
      Type.Array(id('编号', 'Id'), { maxItems: maxIdsAtOnce }),
    ),
  },
  {
    from: id('起（含）；不写为最前', 'From, inclusive; from the first when absent'),
    until: id('止（不含）；不写为最后', 'Until, exclusive'),
  },
)

export const statementControl = defineControl({
  type: 'message.statement',
  title: { zh: '对账单', en: 'Statement' },
  summary: {
    zh: '网关在一个时段内为一个系统报送了什么：每种类型的条数与 Merkle 树根，零也写明',
    en: 'What a gateway has sent of a system in a period: count and Merkle root of each type, zeros included',
  },
  source: shaped('网关', 'The gateway', '^/gateways/[a-z][a-z0-9-]{0,63}$'),
  data: entity(
    {
      ...period,
      types: as('各类型', 'Each type', Type.Array(line, { maxItems: 1000 })),
      unreceipted: as(
        '没有回执的编号，平台为其补发回执',
        'Ids without a receipt: the platform sends them again',
        Type.Array(id('编号', 'Id'), { maxItems: maxIdsAtOnce }),
      ),
    },
    {},
  ),
})

export const comparisonControl = defineControl({
  type: 'message.comparison',
  title: { zh: '对账答复', en: 'Comparison' },
  summary: {
    zh: '平台比对对账单的结果：相符，或每个不符范围内平台的全部编号',
    en: 'What the platform found against a statement: nothing, or all of its ids in each range that differs',
  },
  source: Type.Literal('/platform'),
  data: entity(
    {
      ...period,
      statement: id('所答复的对账单编号', 'Id of the statement that it answers'),
      count,
      page: whole('页', 'Page, from 1', 1, Number.MAX_SAFE_INTEGER),
      ranges: as('不符之处；为空即相符', 'What differs; agreed when empty', Type.Array(range, { maxItems: maxIdsAtOnce })),
    },
    {},
  ),
})

export type Statement = NonNullable<ReturnType<typeof statementControl.read>>['data']
export type Comparison = NonNullable<ReturnType<typeof comparisonControl.read>>['data']
export type StatementLine = Statement['types'][number]
export type StatementRange = Comparison['ranges'][number]
