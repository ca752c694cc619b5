import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import db from '../../adapters/db/index.ts'
import file from '../../adapters/file/index.ts'
import soap from '../../adapters/soap/index.ts'
import type { Adapter } from '../../core/contract.ts'
import type { GatewayError } from '../../core/errors.ts'
import { checkedOptions, collector, runOnce, testContext } from '../contract/source-contract.ts'
import { openHousing } from '../departments/housing-soap.ts'
import { temporaryFolder } from '../temporary.ts'
import { type Sayings, thrownBy, withCode } from './saying.ts'

/** What one run of a source throws, or, when it runs through, warns of. */
const saidBy = async (adapter: Adapter, options: Record<string, unknown>): Promise<(GatewayError | undefined)[]> => {
  const warnings: GatewayError[] = []
  const source = adapter.openSource(checkedOptions(adapter, options), testContext(warnings))
  const gateway = collector()
  try {
    await runOnce(source, gateway, gateway.emit)
    return warnings
  } catch (thrown) {
    return [await thrownBy(() => Promise.reject(thrown)), ...warnings]
  } finally {
    await source.close()
  }
}

const housing = async (t: Test, answer: { body: string; status?: number } | undefined, more: Record<string, unknown> = {}) => {
  const service = await openHousing()
  t.teardown(() => service.close())
  if (answer) service.answerWith({ body: answer.body, headers: { 'content-type': 'text/xml' }, status: answer.status ?? 200 })
  return saidBy(soap, {
    wsdl: service.wsdl,
    endpoint: service.endpoint,
    operation: 'query',
    charset: 'GBK',
    parameters: { xmlString: { document: { Query: { PageNo: '{page}', PageSize: '{pageSize}' } }, encoding: 'GBK' } },
    answer: { kind: 'xml-string', part: 'queryResponse/return', records: 'Answer/Data/ExInfo' },
    stream: '{standardInfo/@process}',
    key: ['standardInfo/@id'],
    paging: { kind: 'page', size: 3 },
    success: { path: 'Answer/Code', equals: ['0'], textPath: 'Answer/Message' },
    timeoutMs: 5000,
    ...more,
  })
}

const faultEnvelope =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>接口维护中</faultstring></s:Fault></s:Body></s:Envelope>'

const sqlite = (t: Test, sql: string, watermark = 'N') => {
  const path = join(temporaryFolder(t), 'one.db')
  const admin = new Database(path)
  admin.exec(sql)
  admin.close()
  const stream = { table: 'SQ', key: ['NO'], mode: 'watermark', watermark: { column: watermark, kind: 'number' } }
  return saidBy(db, { engine: 'sqlite', connection: { file: path }, timeoutMs: 1000, streams: [stream] })
}

/** Two files, the first without its marker. */
const halfDelivered = (t: Test) => {
  const folder = join(temporaryFolder(t), 'in')
  mkdirSync(folder)
  for (const name of ['a.xml', 'b.xml', 'b.xml.ok']) writeFileSync(join(folder, name), '<R><SQ><NO>1</NO></SQ></R>')
  const complete = { by: 'marker' }
  return saidBy(file, { folder, pattern: '*', format: 'xml', records: 'R/*', stream: '{element}', key: ['NO'], complete })
}

/** In it an end is missing: what stands before is taken, and the file is set aside. */
const brokenFile = (t: Test) => {
  const folder = join(temporaryFolder(t), 'in')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a.xml'), '<R><SQ><NO>1</NO></SQ>')
  return saidBy(file, { folder, pattern: '*', format: 'xml', records: 'R/*', stream: '{element}', key: ['NO'] })
}

const again = { zh: '网关会自动重试', en: 'the gateway retries by itself' }
const system = '测试系统'

/** What legacy systems do to the gateway. */
export const sources: Sayings = {
  SOURCE_UNREACHABLE: {
    provoke: async (t) => withCode('SOURCE_UNREACHABLE', await housing(t, undefined, { endpoint: 'http://127.0.0.1:1/' })),
    where: system,
    found: 'ECONNREFUSED',
    allowed: { zh: '网络与地址是否正确', en: 'the network and the address' },
    next: again,
  },
  SOURCE_TIMEOUT: {
    provoke: async (t) => {
      const service = await openHousing()
      t.teardown(() => service.close())
      await service.misbehave('silent')
      return withCode('SOURCE_TIMEOUT', await housing(t, undefined, { endpoint: service.endpoint, timeoutMs: 300 }))
    },
    where: system,
    found: { zh: '没有答复', en: 'did not answer' },
    allowed: '300',
    next: again,
  },
  SOURCE_DENIED: {
    provoke: async (t) => withCode('SOURCE_DENIED', await housing(t, { body: 'no', status: 401 })),
    where: system,
    found: 'HTTP 401',
    allowed: { zh: '用户名、密码、授权', en: 'the user name, the password, the grants' },
    next: { zh: '核对', en: 'Check' },
  },
  SOURCE_FAULT: {
    provoke: async (t) => withCode('SOURCE_FAULT', await housing(t, { body: faultEnvelope, status: 500 })),
    where: system,
    found: '接口维护中',
    allowed: { not: 'only the legacy system knows what it would accept' },
    next: again,
  },
  SOURCE_ANSWER_INVALID: {
    provoke: async (t) => withCode('SOURCE_ANSWER_INVALID', await housing(t, { body: '<html><body>502</body></html>' })),
    where: system,
    found: 'html',
    allowed: 'SOAP',
    next: { zh: '核对接口地址、版本与编码', en: 'Check address, version and encoding' },
  },
  SOURCE_OPTIONS_INVALID: {
    provoke: async (t) =>
      withCode('SOURCE_OPTIONS_INVALID', await sqlite(t, 'CREATE TABLE SQ (NO TEXT PRIMARY KEY, N INTEGER)', 'GXSJ')),
    where: system,
    found: 'GXSJ',
    allowed: { not: 'the reason says what is missing; the department knows what it has' },
    next: 'config/adapters',
  },
  SOURCE_FILE_DOUBTFUL: {
    provoke: async (t) => withCode('SOURCE_FILE_DOUBTFUL', await halfDelivered(t)),
    where: { zh: `${system} 的文件 a.xml`, en: `file a.xml of ${system}` },
    found: { zh: '等', en: 'wait' },
    allowed: { zh: '其余文件照常处理', en: 'the other files go on' },
    next: { zh: '核对该文件', en: 'Check the file' },
  },
  SOURCE_FILES_SET_ASIDE: {
    provoke: async (t) => withCode('SOURCE_FILES_SET_ASIDE', await brokenFile(t)),
    where: { zh: `${system} 的文件夹 error`, en: `of ${system}` },
    found: { zh: '1 个未能读全的文件，如 a.xml', en: '1 files' },
    allowed: { not: 'nothing is wrong with the rest: the hint says how the file comes in again' },
    next: { zh: 'qianzhi quarantine list', en: 'qianzhi quarantine list' },
  },
  SOURCE_ROWS_SKIPPED: {
    provoke: async (t) =>
      withCode(
        'SOURCE_ROWS_SKIPPED',
        await sqlite(
          t,
          "CREATE TABLE SQ (NO TEXT PRIMARY KEY, N INTEGER); INSERT INTO SQ VALUES ('1', 1), ('2', NULL), ('3', NULL)",
        ),
      ),
    where: { zh: `${system} 的 SQ`, en: `SQ in ${system}` },
    found: '2',
    allowed: { zh: '水位列须写当时的时间', en: 'with the time of doing so in the watermark column' },
    next: { zh: '请部门补齐这些列', en: 'Have the columns filled in' },
  },
}
