import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { demandFit } from '../../core/compare-systems.ts'
import type { ErrorCode, GatewayError } from '../../core/errors.ts'
import { tableFromFile } from '../../core/mapping/codes/declared-tables.ts'
import { reverseOf } from '../../core/mapping/codes/reverse.ts'
import { comparePaths } from '../../core/mapping/compare-paths.ts'
import { openIsolation } from '../../core/mapping/isolation.ts'
import { loadMapping } from '../../core/mapping/load.ts'
import { traceMapping } from '../../core/mapping/trace-mapping.ts'
import { mappingProblems } from '../bad-input/loaders.ts'
import { temporaryFolder } from '../temporary.ts'
import { type Sayings, thrownBy, withCode } from './saying.ts'

const file = 'mappings/dept/one.yaml'

const mappingWith = (rule: string) => `plugin: ./own.ts
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd }
      applicant: { name: NAME }
      subject: ${rule}
`

const ownTs = `export const bad = (text) => { throw new Error('no rule for ' + text) }
export const endless = () => { for (;;); }
`

const load = async (t: Test, rule: string) => {
  const folder = join(temporaryFolder(t), 'dept')
  mkdirSync(folder)
  writeFileSync(join(folder, 'one.yaml'), mappingWith(rule))
  writeFileSync(join(folder, 'own.ts'), ownTs)
  const { mapping, problems } = await loadMapping(join(folder, '..'), 'dept/one')
  if (!mapping) throw problems[0]
  return mapping
}

/** What own code says of a record that holds the name of a person. */
const failed = async (t: Test, code: ErrorCode, rule: string): Promise<GatewayError> => {
  const mapping = await load(t, rule)
  await mapping.isolated?.close()
  const isolated = openIsolation(mapping, 'mappings', { recordMs: 500, heapMb: 128 })
  t.teardown(() => isolated.close())
  const body = JSON.stringify({ NO: '1', AT: '2026-03-02', NAME: '甲', A: '巴特尔', DUE: '10121012' })
  const [translation] = await isolated.translate([{ stream: 'T', key: 'k', body, contentType: 'application/json' }])
  return withCode(code, [translation?.outcome === 'failed' ? translation.error : undefined])
}

/** Mistakes in a mapping, found by lint or by a record. */
export const mappings: Sayings = {
  MAPPING_INVALID: {
    provoke: async () =>
      withCode('MAPPING_INVALID', await mappingProblems({ change: [file, 'application.received', 'application.recieved'] })),
    where: `${file}:5:11`,
    found: 'application.recieved',
    allowed: 'application.received, prereview.decided',
    next: 'docs/mapping.md',
  },
  MAPPING_PATH_UNKNOWN: {
    provoke: async (t) => {
      const mapping = await load(t, 'A')
      await mapping.isolated?.close()
      const fields = ['NO', 'AT', 'NAMES', 'A'].map((name) => ({ name }))
      return withCode('MAPPING_PATH_UNKNOWN', comparePaths(mapping, [{ stream: 'T', fields }]).problems)
    },
    where: `${file}:7:26`,
    found: 'NAME',
    allowed: 'NAMES',
    next: { zh: '改正该路径', en: 'Correct the path' },
  },
  SOURCE_MAPPING_MISFIT: {
    provoke: async (t) => {
      const mapping = await load(t, 'A')
      await mapping.isolated?.close()
      const fields = ['NO', 'AT', 'NAMES', 'A'].map((name) => ({ name }))
      return thrownBy(() => demandFit('civil', mapping, [{ stream: 'T', fields }]))
    },
    where: { zh: `civil 没有读取：映射与来源不符（共 1 处）。${file}:7:26`, en: 'civil is not read' },
    found: 'NAME',
    allowed: 'NAMES',
    next: { zh: '改正映射', en: 'Correct the mapping' },
  },
  MAPPING_PATH_SHAPE: {
    provoke: async (t) => {
      const mapping = await load(t, 'A')
      await mapping.isolated?.close()
      const fields = [...['NO', 'AT', 'NAME'].map((name) => ({ name })), { name: 'A', repeats: true }]
      return withCode('MAPPING_PATH_SHAPE', comparePaths(mapping, [{ stream: 'T', fields }]).warnings)
    },
    where: `${file}:8:16`,
    found: { zh: '“A”可以出现多次', en: '"A" may be there several times' },
    allowed: { zh: '单个值', en: 'one value' },
    next: 'Item[2]',
  },
  MAPPING_FIELDS_UNREAD: {
    provoke: async (t) => {
      const mapping = await load(t, 'A')
      await mapping.isolated?.close()
      const fields = ['NO', 'AT', 'NAME', 'A', 'MORE'].map((name) => ({ name }))
      return withCode('MAPPING_FIELDS_UNREAD', comparePaths(mapping, [{ stream: 'T', fields }]).warnings)
    },
    where: `${file}:1:1`,
    found: 'MORE',
    allowed: { zh: '平台不需要', en: 'the platform does not need' },
    next: { zh: '补上规则', en: 'add rules' },
  },
  MAPPING_PLUGIN_FAILED: {
    provoke: (t) => failed(t, 'MAPPING_PLUGIN_FAILED', '{ from: A, call: bad }'),
    where: `${file}:8:33`,
    found: 'bad',
    allowed: { not: 'what a function accepts is known to whoever wrote it' },
    next: { zh: '修改插件后重放', en: 'Mend the plug-in, then replay' },
  },
  MAPPING_EXPRESSION_FAILED: {
    provoke: (t) => failed(t, 'MAPPING_EXPRESSION_FAILED', `{ expression: "$string($number($text('A')) + 1)" }`),
    where: `${file}:8:16`,
    found: { zh: '不是数', en: 'no number' },
    allowed: { not: 'what the expression accepts is known to whoever wrote it' },
    next: 'qianzhi explain',
  },
  DATE_AMBIGUOUS: {
    provoke: (t) => failed(t, 'DATE_AMBIGUOUS', 'S\n      promisedDueAt: { from: DUE, date: [yyyyMMdd, ddMMyyyy] }'),
    where: `${file}:9:22`,
    found: '10121012',
    allowed: 'yyyyMMdd | ddMMyyyy',
    next: { zh: '只留这一个格式', en: 'keep only that format' },
  },
  MAPPING_CODE_STOPPED: {
    provoke: (t) => failed(t, 'MAPPING_CODE_STOPPED', '{ from: A, call: endless }'),
    where: `${file}:8:33`,
    found: { zh: '没有结束', en: 'did not end' },
    allowed: { zh: '500 毫秒', en: '500 ms' },
    next: { zh: '修改该行的表达式或插件函数', en: 'Correct the expression or the function' },
  },
  MAPPING_VERSION_UNKNOWN: {
    provoke: async (t) => {
      const mapping = await load(t, 'A')
      await mapping.isolated?.close()
      return thrownBy(() => traceMapping({ ...mapping, files: { ...mapping.files, 'one.yaml': 'events: 7\n' } }))
    },
    where: 'dept/one',
    found: /[0-9a-f]{16}/,
    allowed: { not: 'only the version that the record was translated by explains it' },
    next: { zh: '请用当时的程序版本解释', en: 'program version of that time' },
  },
  CODE_TABLE_DOUBTFUL: {
    provoke: async () =>
      withCode('CODE_TABLE_DOUBTFUL', await mappingProblems({ change: [file, '  kind:', '  spare: { "1": natural }\n  kind:'] })),
    where: `${file}:2:3`,
    found: 'spare',
    allowed: { zh: '确属如此可以不改', en: 'if it is meant, leave it' },
    next: { zh: '核对该处', en: 'Look at the place' },
  },
  CODE_TABLE_IRREVERSIBLE: {
    provoke: () => {
      const text = 'direction: both\nlossy: true\nrows: [{ code: "1", value: natural }, { code: "2", value: natural }]\n'
      return thrownBy(() => reverseOf(tableFromFile('kind', 'codes/kind.yaml', text, { problems: [], warnings: [] })!))
    },
    where: /codes\/kind\.yaml:\d+:\d+/,
    found: 'natural',
    allowed: 'direction',
    next: 'reverse',
  },
}
