import type { Test } from 'tap'
import db from '../../adapters/db/index.ts'
import soap from '../../adapters/soap/index.ts'
import { exampleOf } from '../../core/canonical/index.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { compileDown } from '../../core/mapping/down/compile.ts'
import { downExample, downExampleMapping } from '../../core/mapping/down/example.ts'
import { parseYaml } from '../../core/yaml.ts'
import { mappingYaml, openDepartment } from '../contract/department-database.ts'
import { testContext } from '../contract/source-harness.ts'
import { openSqlite } from '../departments/databases.ts'
import { openTarget } from '../departments/target-soap.ts'
import { openDown } from '../down-place.ts'
import { runCommand } from '../run-command.ts'
import { until } from '../temporary.ts'
import type { Sayings } from './saying.ts'

const misfit = async (t: Test): Promise<GatewayError> => {
  const { admin, connection } = openSqlite(t)
  admin.exec('CREATE TABLE SB (NO TEXT, NAME TEXT)')
  const options = { writes: { SB: { table: 'SB', unknown: 'manual' } } }
  const sink = db.sink!.open(options as never, { engine: 'sqlite', connection } as never, testContext())
  t.teardown(() => sink.close())
  return sink.deliver({ id: 'm', write: 'SB', values: { NAMES: '甲' } }, new AbortController().signal).then(
    () => {
      throw new Error('it was taken')
    },
    (error: GatewayError) => error,
  )
}

/** What a message comes to by a mapping that cannot write it. */
const failed = async (
  example: Parameters<typeof downExampleMapping>[0] & Parameters<typeof downExample>[0],
): Promise<GatewayError> => {
  const mapping = compileDown('dept/in', 'v1', parseYaml('mappings/dept/down/in.yaml', downExampleMapping(example)), {}, [])
  const made = mapping.translate(downExample(example))
  if (made.outcome !== 'failed') throw new Error(made.outcome)
  return made.error
}

const unruled = async (t: Test): Promise<GatewayError> => {
  const target = await openTarget()
  t.teardown(() => target.stop())
  const service = {
    wsdl: target.wsdl,
    endpoint: target.endpoint,
    charset: 'utf-8',
    version: '1.1',
    timeoutMs: 5000,
    maxAnswerBytes: 100_000,
  }
  const write = {
    operation: 'submit',
    under: 'xmlString/Request/Data',
    document: { parameter: 'xmlString' },
    answer: { kind: 'xml-string', part: '*/*' },
    rules: [{ over: 'document', path: 'Answer/Code', equals: ['0'], means: 'accepted' }],
    unknown: 'manual',
  }
  const sink = soap.sink!.open({ service, writes: { SB: write } } as never, {} as never, testContext())
  t.teardown(() => sink.close())
  const verdict = await sink.deliver({ id: 'm', write: 'SB', values: { NO: 'ODD' } }, new AbortController().signal)
  if (verdict.verdict !== 'unknown') throw new Error(verdict.verdict)
  return verdict.error
}

const unmapped = (): GatewayError => {
  const text = downExampleMapping({
    mapping: 'operations:\n  - write: SB\n    type: result.collected\n    values: { NO: case/sourceCaseNo }',
  })
  const translation = compileDown('dept/in', 'v', parseYaml('in.yaml', text), {}, []).translate(downExample({}))
  if (translation.outcome !== 'failed') throw new Error('an operation applies')
  return translation.error
}

/** What the gateway says of a message that it refuses. */
const refused = async (t: Test): Promise<GatewayError> => {
  const place = await openDown(t)
  const { events } = await place.start()
  const errors: GatewayError[] = []
  events.on('delivery:refused', ({ error }) => void errors.push(error))
  await place.sendAll(place.message(place.draftOf('P-1'), 'nobody'))
  await until('it is refused', () => errors.length > 0)
  return errors[0]!
}

const said = async (t: Test, code: ErrorCode, number: string): Promise<GatewayError> => {
  const place = await openDown(t)
  const { gateway } = await place.start()
  await place.send(place.draftOf('P-1'))
  await until('it is written', () => gateway.store.inbox.message(1)?.state === 'delivered')
  const { error } = await runCommand('inbox', 'again', number, '--reason', 'x', '--config', place.config)
  if (!(error instanceof GatewayError) || error.code !== code) throw error
  return error
}

/** What a record of a source that counts its versions waits for after a rejection, and after it was replayed as it was. */
const overturned = async (t: Test): Promise<(GatewayError | undefined)[]> => {
  const place = await openDown(t, {
    files: { 'mappings/dept/one.yaml': mappingYaml.replace('events:', 'dataVersion: { from: N, number: true }\nevents:') },
  })
  const { gateway } = await place.start()
  const department = openDepartment(place.database)
  t.teardown(() => department.close())
  department.put('A')
  await until('it is sent', () => gateway.store.books()[0]?.confirmed === 1)
  const rejected = exampleOf('data.rejected_by_platform')
  const content = { ...rejected.content, messageId: 'one:A:application.received:::1', errorCode: 'E07' }
  await place.send({ ...rejected, content })
  await until('it waits', () => gateway.store.openError(1) !== undefined)
  const first = gateway.store.openError(1)
  await runCommand('quarantine', 'replay', '1', '--config', place.config)
  return [first, gateway.store.openError(1)]
}

/** The way down. */
export const down: Sayings = {
  CODE_FOR_VALUE_UNKNOWN: {
    provoke: () =>
      failed({
        mapping: 'codes:\n  channel: { "1": window }',
        values: 'FS: { from: content/channel, codes: channel }',
      }),
    where: /in\.yaml:\d+:\d+/,
    found: { zh: '没有规范值“online”对应的代码', en: 'no code for the value "online"' },
    allowed: 'window',
    next: 'qianzhi inbox again',
  },
  TIME_UNKNOWN: {
    provoke: () =>
      failed({
        values: 'SJ: { from: content/receivedAt, date: yyyy-MM-dd HH:mm:ss }',
        content: { receivedAt: '2026-03-02' },
      }),
    where: /in\.yaml:\d+:\d+/,
    found: '2026-03-02',
    allowed: { zh: '不含时刻的格式', en: 'a format without a time' },
    next: 'qianzhi inbox again',
  },
  MESSAGE_OVERTURNED: {
    provoke: async (t) => (await overturned(t))[0]!,
    where: 'one:A:application.received:::1',
    found: 'E07',
    allowed: { zh: '更正该记录，或改映射', en: 'Have the record corrected, or change the mapping' },
    next: 'qianzhi quarantine replay',
  },
  VERSION_OVERTURNED: {
    provoke: async (t) => (await overturned(t))[1]!,
    where: 'one:A:application.received:::1',
    found: { zh: '没有增加', en: 'did not rise' },
    allowed: { zh: '数据版本加一', en: 'a higher data version' },
    next: { zh: '请部门更正', en: 'Have it corrected at the source' },
  },
  OPERATION_UNMAPPED: {
    provoke: async () => unmapped(),
    where: 'dept/in',
    found: 'application.received',
    allowed: { zh: '补充操作', en: 'Add an operation' },
    next: 'qianzhi inbox again',
  },
  DELIVERY_MISFIT: {
    provoke: misfit,
    where: 'SB',
    found: 'NAMES',
    allowed: 'NO, NAME',
    next: 'qianzhi inbox again',
  },
  DELIVERY_ANSWER_UNKNOWN: {
    provoke: unruled,
    where: 'SB',
    found: { zh: 'document 的 Answer/Code 为“7”', en: 'Answer/Code of document is "7"' },
    allowed: 'rules',
    next: 'deliver.options.writes',
  },
  DELIVERY_TARGET_UNKNOWN: {
    provoke: refused,
    where: 'city:P-1:application.received:::1',
    found: 'nobody',
    allowed: 'config/adapters',
    next: { zh: '请平台重发', en: 'have it sent again' },
  },
  INBOX_NOT_FOUND: {
    provoke: (t) => said(t, 'INBOX_NOT_FOUND', '99'),
    where: '99',
    found: { zh: '没有编号 99', en: 'no message number 99' },
    allowed: { zh: '查看编号', en: 'See the numbers' },
    next: 'qianzhi inbox list --state all',
  },
  INBOX_NOT_UNDECIDED: {
    provoke: (t) => said(t, 'INBOX_NOT_UNDECIDED', '1'),
    where: '1',
    found: { zh: '不在等人决定', en: 'does not wait for a decision' },
    allowed: { zh: '只有隔离的、结果不明', en: 'what is in quarantine, or unknown' },
    next: 'qianzhi inbox show',
  },
}
