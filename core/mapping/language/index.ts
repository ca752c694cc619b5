/** The whole language, in the order in which the reference tells it. */
import type { Text } from '../../errors.ts'
import { dayOfFact, namedVersion, tableUse } from './codes.ts'
import { conditionGroups, conditionPlace, conditionTests } from './conditions.ts'
import type { Family } from './construct.ts'
import { dateFields } from './dates.ts'
import { eventParts } from './events.ts'
import { expressionForms, readers, refusedFunctions } from './expressions.ts'
import { flagCodes, provenanceKinds, timeNotes } from './outcomes.ts'
import { pathForms, recordWords } from './paths.ts'
import { constantParts, demands, failureWays, listParts, objectForms, readings } from './rules.ts'
import { patternParts, steps } from './steps.ts'
import { declarations, directionWays, rowParts, tableForms, tableParts } from './tables.ts'
import { ignoreParts, schemaParts, standardParts, topLevel } from './top.ts'

export interface Section {
  title: Text
  families: readonly Family[]
}

const section = (zh: string, en: string, ...families: Family[]): Section => ({ title: { zh, en }, families })

export const language: readonly Section[] = [
  section('顶层', 'Top level', topLevel),
  section('标准 standard', 'standard', standardParts),
  section('模式 schema', 'schema', schemaParts),
  section('事件 events', 'events', eventParts),
  section('忽略 ignore', 'ignore', ignoreParts),
  section('路径', 'Paths', pathForms, recordWords),
  section('值：从哪里读', 'Values: where from', readings, demands),
  section('onFailure 的写法', 'Values of onFailure', failureWays),
  section('值：一步', 'Values: one step', steps),
  section('pattern 的另一写法', 'The other form of pattern', patternParts),
  section('日期格式', 'Formats of dates', dateFields),
  section('表达式', 'Expressions', readers, expressionForms),
  section('表达式不得用', 'Refused in expressions', refusedFunctions),
  section('常量', 'Constants', constantParts),
  section('列表', 'Lists', listParts),
  section('对象', 'Objects', objectForms),
  section('条件', 'Conditions', conditionPlace, conditionTests, conditionGroups),
  section('用代码表 codes', 'Use of a code table', tableUse),
  section('codes 的 version', 'version of codes', namedVersion),
  section('codes 的 by', 'by of codes', dayOfFact),
  section('代码表的写法', 'Code tables', tableForms),
  section('代码表的说明', 'What a table says of itself', declarations, tableParts),
  section('direction 的写法', 'Values of direction', directionWays),
  section('代码表的行', 'Rows of a table', rowParts),
  section('来由 provenance', 'Provenance', provenanceKinds, timeNotes),
  section('标记 flags', 'Flags', flagCodes),
]
