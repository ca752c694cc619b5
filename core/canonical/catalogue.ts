/**
 * The city's item catalogue as a message: which items there are, what each takes, how long it may last and who answers for it. The platform sends it down
 * to every gateway, in parts when it is long; a version is whole when all of its parts are there and give its digest.
 */
import { hash } from 'node:crypto'
import { type Static, Type } from '@sinclair/typebox'
import { canonicalJson } from './canonical-json.ts'
import { defineControl } from './control.ts'
import { org, timeLimit } from './entities.ts'
import { as, code, day, entity, many, shaped, text, whole, yesNo } from './fields.ts'

const responsible = text('责任人', 'Official who answers for it', 100)

const stageLine = entity(
  { stage: code('stage', '环节', 'Stage') },
  { limit: as('环节时限', 'Time limit of the stage', timeLimit), responsible },
)

const materialLine = entity(
  { name: text('材料名称', 'Name of the material', 200), required: yesNo('必须提交', 'Whether it must be handed in') },
  {
    code: text('材料编码', 'Code of the material', 100),
    forms: many('可用形式', 'Forms that are taken', code('materialForm', '材料形式', 'Form of the material')),
  },
)

export const catalogueItem = entity(
  {
    code: text('事项编码：消息里的 case.itemCode', 'Item code, as in case.itemCode of messages', 36),
    name: text('事项名称', 'Name of the item', 1000),
  },
  {
    otherCodes: many(
      '其他编码：基本编码、业务办理项编码',
      'Other codes of it: the basic one, those of handling items',
      text('编码', 'Code', 50),
    ),
    kind: code('caseKind', '办件类型', 'Kind of case'),
    org: as('实施机构', 'Authority in charge', org),
    responsible,
    statutoryLimit: as('法定时限', 'Time limit by law', timeLimit),
    promisedLimit: as('承诺时限', 'Promised time limit', timeLimit),
    stages: many('办理程序', 'Stages it goes through', stageLine),
    materials: many('申报材料', 'Materials', materialLine),
    from: day('启用日期：含当日', 'First day on which it is an item'),
    to: day('停用日期：含当日', 'Last day on which it is an item'),
  },
)
export type CatalogueItem = Static<typeof catalogueItem>

/** Items of a catalogue at most. */
export const maxCatalogueItems = 100_000

const version = whole('目录版本', 'Version of the catalogue', 1, Number.MAX_SAFE_INTEGER)
const count = (zh: string, en: string) => whole(zh, en, 1, maxCatalogueItems)

export const catalogueControl = defineControl({
  type: 'item.catalogue',
  title: { zh: '事项目录', en: 'Item catalogue' },
  summary: {
    zh: '全市事项目录的一个版本，或其中一部分：事项、材料、程序、时限、责任人',
    en: 'A version of the city’s item catalogue, or a part of it: items, materials, procedure, limits, who answers for them',
  },
  source: Type.Literal('/platform'),
  data: entity(
    {
      gateway: shaped('网关', 'The gateway', '^[a-z][a-z0-9-]{0,63}$'),
      version,
      effectiveFrom: day('生效日期：含当日', 'First day on which it holds'),
      digest: shaped(
        '摘要：全部事项规范 JSON 的 SHA-256，64 位小写十六进制数',
        'SHA-256 of the canonical JSON of all items, 64 hexadecimal digits in lower case',
        '^[0-9a-f]{64}$',
      ),
      count: count('事项总数', 'How many items the version has'),
      part: count('第几部分', 'Number of this part, from 1'),
      parts: count('共几部分', 'How many parts there are'),
      items: as('事项', 'Items of this part', Type.Array(catalogueItem, { minItems: 1, maxItems: maxCatalogueItems })),
    },
    {},
  ),
})

/** One part of a version, on its way to one gateway. */
export type CataloguePart = NonNullable<ReturnType<typeof catalogueControl.read>>['data']

/** A whole version. */
export interface Catalogue {
  version: number
  effectiveFrom: string
  items: readonly CatalogueItem[]
}

export const catalogueDigest = (items: readonly CatalogueItem[]): string => hash('sha256', canonicalJson(items))

/** Characters of the items of one part, at most, but for an item that is longer by itself: far from what a broker takes at once. */
const partLength = 400_000

/** A version in parts that each fit in a message. */
export const cataloguePartsOf = ({ version, effectiveFrom, items }: Catalogue, gateway: string): CataloguePart[] => {
  const slices: CatalogueItem[][] = [[]]
  let length = 0
  for (const item of items) {
    const size = JSON.stringify(item).length
    if (length > 0 && length + size > partLength) {
      slices.push([])
      length = 0
    }
    slices.at(-1)!.push(item)
    length += size
  }
  const whole = { gateway, version, effectiveFrom, digest: catalogueDigest(items), count: items.length, parts: slices.length }
  return slices.map((some, index) => ({ ...whole, part: index + 1, items: some }))
}

/** Whether an item is one on a day, `YYYY-MM-DD`. */
export const isItemOn = ({ from, to }: Pick<CatalogueItem, 'from' | 'to'>, day: string): boolean =>
  (from === undefined || from <= day) && (to === undefined || day <= to)
