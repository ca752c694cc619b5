import { adapterOptions } from './adapters.ts'
import { broker } from './broker.ts'
import type { Family } from './case.ts'
import { codeVersions } from './code-versions.ts'
import { codes } from './codes.ts'
import { configuration } from './configuration.ts'
import { dates } from './dates.ts'
import { encodings } from './encodings.ts'
import { entries } from './entries.ts'
import { identifiers } from './identifiers.ts'
import { json } from './json.ts'
import { lists } from './lists.ts'
import { mapping } from './mapping.ts'
import { mappingConditions } from './mapping-conditions.ts'
import { mappingFacts } from './mapping-facts.ts'
import { mappingRules } from './mapping-rules.ts'
import { numbers } from './numbers.ts'
import { rows } from './rows.ts'
import { rules } from './rules.ts'
import { stageOrders } from './stage-orders.ts'
import { systems } from './systems.ts'
import { tableFiles } from './table-files.ts'
import { tableVersions } from './table-versions.ts'
import { tables } from './tables.ts'
import { texts } from './texts.ts'
import { values } from './values.ts'
import { xml } from './xml.ts'
import { xmlDocuments } from './xml-documents.ts'

export const families: Family[] = [
  configuration,
  broker,
  systems,
  adapterOptions,
  mapping,
  mappingRules,
  mappingConditions,
  mappingFacts,
  tables,
  tableFiles,
  tableVersions,
  json,
  values,
  numbers,
  lists,
  codes,
  codeVersions,
  identifiers,
  dates,
  rules,
  texts,
  encodings,
  xml,
  xmlDocuments,
  rows,
  entries,
  stageOrders,
]
