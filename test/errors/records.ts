import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import file from '../../adapters/file/index.ts'
import type { Adapter } from '../../core/contract.ts'
import type { ErrorCode, GatewayError } from '../../core/errors.ts'
import { compileMapping } from '../../core/mapping/compile.ts'
import { parseYaml } from '../../core/yaml.ts'
import type { Members } from '../bad-input/department.ts'
import { inFolder, openGateway, recordOf, route } from '../bad-input/gateway.ts'
import { checkedOptions, collector, runOnce, testContext } from '../contract/source-contract.ts'
import { type Sayings, withCode } from './saying.ts'

/** What a receipt says of the last of these records of case B. */
const refused = (code: ErrorCode, stream: string, ...versions: Members[]): Promise<GatewayError> =>
  inFolder(async (folder) => {
    const { store, receive } = openGateway(folder)
    try {
      return withCode(
        code,
        versions.flatMap((members) => receive(recordOf(stream, 'B', members))).map(({ error }) => error),
      )
    } finally {
      store.close()
    }
  })

/** Two steps of one record that nothing tells apart. */
const ambiguous = (): Promise<GatewayError> =>
  inFolder(async (folder) => {
    const text = `case: { sourceCaseNo: NO }
events:
  - type: review.step
    each: STEPS
    content: { endedAt: { from: AT, date: yyyy-MM-dd } }
`
    const problems: GatewayError[] = []
    const mapping = compileMapping('dept/one', 'v1', parseYaml('one.yaml', text), {}, {}, problems)
    const { store, pipeline } = openGateway(folder)
    try {
      const body = JSON.stringify({ NO: 'A', STEPS: [{ AT: '2026-03-02' }, { AT: '2026-03-03' }] })
      const records = [{ stream: 'HJ', key: 'A', body, contentType: 'application/json' as const }]
      const receipts = pipeline.receive({ ...route, system: 'j', mapping }, { records })
      return withCode(
        'MESSAGE_AMBIGUOUS',
        receipts.map(({ error }) => error),
      )
    } finally {
      store.close()
    }
  })

/** The same for a body that no department would write. */
const unreadable = (
  code: ErrorCode,
  body: string | Uint8Array,
  contentType: 'application/json' | 'application/xml',
  charset?: string,
) =>
  inFolder(async (folder) => {
    const { store, receive } = openGateway(folder)
    try {
      const receipts = receive({ stream: 'SB', key: 'B', body, contentType, ...(charset !== undefined && { charset }) })
      return withCode(
        code,
        receipts.map(({ error }) => error),
      )
    } finally {
      store.close()
    }
  })

const brokenCsv = () =>
  inFolder(async (folder) => {
    mkdirSync(join(folder, 'in'))
    writeFileSync(join(folder, 'in', 'a.csv'), 'NO,NAME\n1,甲\n2,"乙\n')
    const options = { folder: join(folder, 'in'), pattern: '*.csv', format: 'csv', stream: 'SB', key: ['NO'], charset: 'utf-8' }
    const adapter: Adapter = file
    const source = adapter.openSource(checkedOptions(adapter, options), testContext())
    const gateway = collector()
    await runOnce(source, gateway, gateway.emit)
    await source.close()
    return withCode(
      'CSV_INVALID',
      gateway.batches.flatMap(({ records }) => records.map(({ fault }) => fault as GatewayError | undefined)),
    )
  })

const beside = {
  not: 'system, stream and key stand beside the message: in the receipt, the log line and qianzhi quarantine list',
}

/** Records that cannot become messages. */
export const records: Sayings = {
  CODE_UNKNOWN: {
    provoke: () => refused('CODE_UNKNOWN', 'SB', { SQRLX: '9' }),
    where: 'one.yaml:29:15',
    found: { zh: '“9”', en: '"9"' },
    allowed: { zh: '表中有 1、2、3', en: 'it has 1, 2, 3' },
    next: { zh: '与部门核实', en: 'Ask the department' },
  },
  CODE_VERSION_UNKNOWN: {
    provoke: () => refused('CODE_VERSION_UNKNOWN', 'BJ', { STDVER: '1999' }),
    where: 'one.yaml:82:16',
    found: '1999',
    allowed: 'old',
    next: { zh: '补入映射后重放', en: 'say so in the mapping, then replay' },
  },
  CODE_AMBIGUOUS: {
    provoke: () => refused('CODE_AMBIGUOUS', 'BJ', { BJJG: '1', BJYY: '无', SJ: '2019-03-06 09:00:00' }),
    where: 'one.yaml:82:16',
    found: { zh: '有 0 行成立', en: '0 rows' },
    allowed: { zh: '须恰好一行', en: 'exactly one must' },
    next: 'when',
  },
  DATE_INVALID: {
    provoke: () => refused('DATE_INVALID', 'SB', { SBSJ: '2026-02-30 09:00:00' }),
    where: 'one.yaml:24:17',
    found: '2026-02-30 09:00:00',
    allowed: 'yyyy-MM-dd HH:mm:ss | yyyyMMdd',
    next: { zh: '在映射的 date 中补充该格式', en: 'add the format to date in the mapping' },
  },
  VALUE_INVALID: {
    provoke: () => refused('VALUE_INVALID', 'SB', { SQRSJ: '0355-2020520' }),
    where: /one\.yaml:\d+:\d+/,
    found: /\*/,
    allowed: '1\\d{10}',
    next: { zh: '核实来源数据或映射规则', en: 'Check the source data or the mapping rule' },
  },
  VALUE_MISSING: {
    provoke: () => refused('VALUE_MISSING', 'SB', { SBLSH: undefined }),
    where: /one\.yaml:18:23 .*\/case\/sourceCaseNo/,
    found: { zh: '来源 SBLSH 中没有值', en: 'no value at SBLSH' },
    allowed: { not: 'any value of the department is right: none may be suggested' },
    next: { zh: '请部门补齐数据', en: 'Ask the department for the value' },
  },
  VALUE_AMBIGUOUS: {
    provoke: () => refused('VALUE_AMBIGUOUS', 'SB', { SQRMC: ['甲', '乙'] }),
    where: /one\.yaml:\d+:\d+ .*\/content\/applicant\/name/,
    found: { zh: 'SQRMC 有 2 个值', en: 'SQRMC holds 2 values' },
    allowed: { zh: '指定是哪一个', en: 'which one' },
    next: 'each',
  },
  RECORD_UNREADABLE: {
    provoke: () => unreadable('RECORD_UNREADABLE', Buffer.from('{}'), 'application/json', 'klingon'),
    where: beside,
    found: 'klingon',
    allowed: { not: 'the reason says what is wrong; what is right depends on it' },
    next: { zh: '请来源系统改正后重发', en: 'have the source corrected' },
  },
  RECORD_TOO_LARGE: {
    provoke: () => refused('RECORD_TOO_LARGE', 'SB', { BZ: '长'.repeat(60_000) }),
    where: beside,
    found: /\b180\d{3}\b/,
    allowed: '100000',
    next: 'maxRecordBytes',
  },
  CHARSET_INVALID: {
    provoke: () => unreadable('CHARSET_INVALID', Buffer.from([0x7b, 0xff, 0x7d]), 'application/json', 'utf-8'),
    where: { zh: '字节 1 处', en: 'byte 1' },
    found: { zh: '不是合法的', en: 'is not valid' },
    allowed: 'utf-8',
    next: 'charset',
  },
  XML_INVALID: {
    provoke: () => unreadable('XML_INVALID', '<SB>\n<SQRMC>甲&乙公司</SQRMC></SB>', 'application/xml'),
    where: { zh: '第 2 行第 9 列', en: 'line 2, column 9' },
    found: { zh: '“&”不是字符引用', en: '"&" begins no reference' },
    allowed: '&amp;',
    next: { zh: '请来源系统改正后重发', en: 'Have the source system correct it' },
  },
  JSON_INVALID: {
    provoke: () => unreadable('JSON_INVALID', '{"SBLSH": "B",}', 'application/json'),
    where: /\b1\D+15\b/,
    found: { not: 'what stands there may be personal; the place leads to it' },
    allowed: { not: 'JSON allows more than one thing at most places' },
    next: { zh: '请来源系统改正后重发', en: 'Have the source system correct it' },
  },
  CSV_INVALID: {
    provoke: brokenCsv,
    where: { zh: '第 3 行', en: 'line 3' },
    found: { zh: '引号', en: 'quote' },
    allowed: { not: 'the reason says what is wrong; what is right depends on it' },
    next: { zh: '请来源系统改正后重发', en: 'Have the source system correct it' },
  },
  EVENT_UNMAPPED: {
    provoke: () => refused('EVENT_UNMAPPED', 'XX', {}),
    where: 'dept/one',
    found: 'XX',
    allowed: 'ignore',
    next: { zh: '补充事件规则', en: 'Add an event rule' },
  },
  MESSAGE_INVALID: {
    provoke: () => refused('MESSAGE_INVALID', 'SB', { XZQHDM: '15090' }),
    where: 'one.yaml:36:15',
    found: { not: 'a value that breaks its schema may be personal; the path leads to it' },
    allowed: { zh: '6、9 或 12 位数字', en: '6, 9 or 12 digits' },
    next: 'docs/schemas',
  },
  MESSAGE_INVARIANT_BROKEN: {
    provoke: () => refused('MESSAGE_INVARIANT_BROKEN', 'SB', { CNSJ: '2026-03-01' }),
    where: 'one.yaml:37:22',
    found: { zh: /早于|晚于/, en: /before|after|earlier|later/ },
    allowed: { not: 'the rule itself is named: what is allowed is that it holds' },
    next: { zh: '请部门核实', en: 'Ask the department' },
  },
  TEXT_DAMAGED: {
    provoke: () => refused('TEXT_DAMAGED', 'SB', { SQRMC: '锟斤拷' }),
    where: 'one.yaml:28:15',
    found: { zh: '已损坏', en: 'damaged' },
    allowed: { zh: '由来源重新提供', en: 'let it come again' },
    next: { zh: '哪种编码', en: 'charset' },
  },
  MESSAGE_AMBIGUOUS: {
    provoke: () => ambiguous(),
    where: /one\.yaml:\d+:\d+/,
    found: 'j:A:review.step',
    allowed: 'stage.sequence',
    next: { zh: '然后重放', en: 'then replay' },
  },
  MESSAGE_CONFLICT: {
    provoke: () => refused('MESSAGE_CONFLICT', 'SB', { VERSION: '1' }, { VERSION: '1', SQRMC: '丁' }),
    where: 'one:B:application.received',
    found: { zh: '内容不同', en: 'other content' },
    allowed: { zh: '数据版本应加一', en: 'must raise the data version' },
    next: { zh: '请部门核实', en: 'Ask the department' },
  },
}
