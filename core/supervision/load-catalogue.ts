/** Reads the item catalogue that the city edits, in YAML or CSV, and finds what cannot be right in it. */
import { extname } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { type Catalogue, type CatalogueItem, catalogueItem, checkUscc } from '../canonical/index.ts'
import { checkAgainst } from '../config/check.ts'
import { strict } from '../config/sections.ts'
import { GatewayError, type Text } from '../errors.ts'
import { readTableText } from '../mapping/codes/table-text.ts'
import { parseYaml, type YamlFile } from '../yaml.ts'
import { type ReadCatalogue, readCatalogueCsv } from './catalogue-csv.ts'

const catalogueFile = Type.Object(
  {
    version: Type.Integer({
      title: '版本 / Version',
      description: '整数，每次改动加一。 / A whole number, one more at each change.',
      minimum: 1,
    }),
    effectiveFrom: Type.String({
      title: '生效日期 / Effective from',
      description: '从这一天起按此版本核对。 / The first day on which it holds.',
      format: 'date',
    }),
    items: Type.Array(catalogueItem, { minItems: 1, title: '事项 / Items' }),
  },
  { ...strict, title: 'catalogue.yaml' },
)

const pointerOf = (path: readonly (string | number)[]): string => path.map((part) => `/${part}`).join('')

/** Of a CSV, which has places but is no YAML: as much as a check asks for. */
const asYaml = (file: string, text: string, { value, at }: ReadCatalogue): YamlFile => {
  const place = (path: readonly (string | number)[]): string => at(pointerOf(path))
  return { file, text, value, at: place, keyAt: place, written: () => undefined, textAt: () => undefined, entriesAt: () => [] }
}

/** Working days are the fewer: of two units, one says nothing of the other. */
const isLonger = (one: CatalogueItem['promisedLimit'], other: CatalogueItem['promisedLimit']): boolean =>
  one !== undefined && other !== undefined && one.unit === other.unit && one.amount > other.amount

/** The stages that the time of the whole case runs in: it begins with the acceptance and ends with the decision. */
const withinCase = ['review', 'approval']

/** What the schema cannot tell. */
const checkItems = (items: readonly CatalogueItem[], yaml: YamlFile, problems: GatewayError[]): void => {
  const claimed = new Map<string, string>()
  for (const [index, item] of items.entries()) {
    const say = (path: (string | number)[], reason: Text): void =>
      void problems.push(GatewayError.of('CATALOGUE_INVALID', { at: yaml.at(['items', index, ...path]), reason }))
    const { code, otherCodes = [], from, to, org, statutoryLimit, promisedLimit, stages = [] } = item
    for (const [nth, one] of [code, ...otherCodes].entries()) {
      const owner = claimed.get(one)
      if (owner !== undefined)
        say(nth === 0 ? ['code'] : ['otherCodes', nth - 1], {
          zh: `编码 ${one} 已是“${owner}”的`,
          en: `code ${one} is that of "${owner}" already`,
        })
      claimed.set(one, item.name)
    }
    if (from !== undefined && to !== undefined && to < from)
      say(['to'], { zh: `停用日期 ${to} 早于启用日期 ${from}`, en: `its last day ${to} is before its first ${from}` })
    if (org?.code !== undefined && checkUscc(org.code) === 'bad')
      say(['org', 'code'], { zh: '统一社会信用代码的校验位不对', en: 'the check digit of the credit code is wrong' })
    if (isLonger(promisedLimit, statutoryLimit))
      say(['promisedLimit'], { zh: '承诺时限长于法定时限', en: 'the promised limit is longer than the one by law' })
    for (const [nth, { stage, limit }] of stages.entries()) {
      if (stages.findIndex((other) => other.stage === stage) !== nth)
        say(['stages', nth], { zh: `环节 ${stage} 写了两次`, en: `stage ${stage} is there twice` })
      if (withinCase.includes(stage) && isLonger(limit, promisedLimit ?? statutoryLimit))
        say(['stages', nth], {
          zh: `环节 ${stage} 的时限长于整件的时限`,
          en: `stage ${stage} may take longer than the whole case`,
        })
    }
  }
}

/** A catalogue's file; all mistakes are added to `problems`, and then there is none. Throws CONFIG_UNREADABLE and CONFIG_SYNTAX. */
export const loadCatalogue = (path: string, shownAs: string, problems: GatewayError[]): Catalogue | undefined => {
  const before = problems.length
  const text = readTableText(path, shownAs)
  const yaml =
    extname(path).toLowerCase() === '.csv'
      ? asYaml(shownAs, text, readCatalogueCsv(shownAs, text, problems))
      : parseYaml(shownAs, text)
  const value = (yaml.value ?? {}) as Static<typeof catalogueFile>
  problems.push(...checkAgainst(catalogueFile, value, yaml))
  if (problems.length === before) checkItems(value.items, yaml, problems)
  return problems.length > before ? undefined : value
}
