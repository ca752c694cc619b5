/** A department of every dialect's habits: its mapping, a good record of each stream, and the same as XML, CSV and JSON files. */
import type { Json } from '../../core/contract.ts'
import { createRoute, type Route } from '../../core/decide.ts'
import type { GatewayError } from '../../core/errors.ts'
import { compileMapping } from '../../core/mapping/compile.ts'
import { parseYaml } from '../../core/yaml.ts'

const files = {
  'codes/done-old.yaml': `version: old
to: 2020-12-31
source: ["0", "1", "2", "4", "5", "6"]
rows:
  - { code: "0", value: granted }
  - { code: "1", value: denied, when: { path: BJYY, matches: .*不予许可.* } }
  - { code: "1", value: withdrawn, when: { path: BJYY, matches: .*撤回.* } }
  - { code: "2", value: voided }
  - { code: "4", value: forwarded }
  - { code: "5", value: returned_no_supplement }
  - { code: "6", value: granted_without_document }
`,
  'codes/done-2020.csv': `version,2020
from,2021/1/1
code,value,when
0,granted,
1,denied,
5,returned_no_supplement,"{ path: BJYY, matches: .*未补正.* }"
5,withdrawn,"{ path: BJYY, matches: .*放弃.* }"
6,refused_acceptance,
`,
}

const mappingText = `codes:
  kind: { "1": natural, "2": enterprise, "3": other }
  idType: { "111": citizen_id, "414": passport, "001": unified_social_credit_code, "002": organisation_code }
  channel: { "0": window, "1": online }
  accepted: { "1": accepted, "2": refused }
  prereview: { "1": passed, "2": returned, "3": supplement }
  opinion: { "0": disagreed, "1": agreed, "7": returned }
  approval: { "0": denied, "1": approved }
  state: { "01": pending, "02": done }
  unit: { G: working_day, Z: calendar_day }
  special: { A: extension, B: hearing }
  document: { "10": licence, "99": none }
  yes: { "1": true, "0": false }
  scale: { gb: one_best, gd: five_best }
  void: { "2": void, "3": delete_technical }
  form: { "0": paper, "1": electronic }
  doneResult: [codes/done-old.yaml, codes/done-2020.csv]
case: { sourceCaseNo: SBLSH, platformCaseNo: BJBH, itemCode: SXBM, projectCode: XMDM, parentCaseNo: ZBJ }
dataVersion: { from: VERSION, number: true }
recordedAt: { from: INSERTTIME, date: yyyy-MM-dd HH:mm:ss }
events:
  - type: application.received
    when: { path: $stream, equals: SB }
    occurredAt: { from: SBSJ, date: [yyyy-MM-dd HH:mm:ss, yyyyMMdd] }
    content:
      receivedAt: { from: SBSJ, date: [yyyy-MM-dd HH:mm:ss, yyyyMMdd] }
      applicant:
        name: SQRMC
        kind: { from: SQRLX, codes: kind }
        idType: { from: SQRZJLX, codes: idType }
        idNumber: SQRZJHM
        mobile: { from: SQRSJ, pattern: '1\\d{10}' }
      contact: { name: LXRXM, mobile: LXRSJ }
      channel: { from: TJFS, codes: channel }
      receivingOrg: { code: JSBM, legacyCode: JSBMJG, name: JSBMMC }
      region: XZQHDM
      promisedDueAt: { from: CNSJ, date: yyyy-MM-dd }
      promisedLimit: { amount: { from: CNSX, number: true }, unit: { from: CNDW, codes: unit } }
      materials: { each: CL, fields: { name: MC, form: { from: XS, codes: form }, count: { from: FS, number: true }, digest: ZY } }
  - type: acceptance.decided
    when: { path: $stream, equals: SL }
    stage: { sequence: XH }
    content: { decision: { from: ZT, codes: accepted }, decidedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }, reason: BSLYY, promisedDueAt: { from: CNSJ, date: yyyy-MM-dd }, actor: { name: BLR } }
  - type: prereview.decided
    when: { path: $stream, equals: YS }
    content: { decision: { from: ZT, codes: prereview }, decidedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }, reason: YY, actor: { name: BLR } }
  - type: review.step
    when: { path: $stream, equals: HJ }
    stage: { sequence: XH, state: { from: HJZT, codes: state } }
    content: { startedAt: { from: KSSJ, date: yyyy-MM-dd HH:mm:ss }, endedAt: { from: JSSJ, date: yyyy-MM-dd HH:mm:ss }, opinion: YJ, decision: { from: JL, codes: opinion }, actor: { name: BLR } }
  - type: approval.decided
    when: { path: $stream, equals: PZ }
    content: { decision: { from: ZT, codes: approval }, decidedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }, reason: YY, actor: { name: BLR } }
  - type: supplement.requested
    when: { path: $stream, equals: BZ }
    stage: { sequence: XH }
    content: { toldAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }, dueAt: { from: QX, date: yyyy-MM-dd }, wanted: { each: CL, fields: { name: . } } }
  - type: special.started
    when: { path: $stream, equals: TS }
    stage: { sequence: XH }
    content: { kind: { from: ZL, codes: special }, startedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss } }
  - type: special.ended
    when: { path: $stream, equals: TE }
    stage: { sequence: XH }
    content: { startedAt: { from: KSSJ, date: yyyy-MM-dd HH:mm:ss }, endedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss } }
  - type: joint.summarised
    when: { path: $stream, equals: HZ }
    content:
      decision: { from: ZT, codes: opinion }
      summarisedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }
      actor: { name: BLR }
      participants: { each: BM, fields: { org: { name: MC }, decision: { from: YJ, codes: opinion }, givenAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }, timedOut: { from: YQ, codes: yes } } }
  - type: upward.forwarded
    when: { path: $stream, equals: SX }
    content: { forwardedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }, dueAt: { from: QX, date: yyyy-MM-dd } }
  - type: upward.returned
    when: { path: $stream, equals: SH }
    content: { decision: { from: ZT, codes: opinion }, returnedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }, reason: YY, originOrg: { code: CSJG }, issuingOrg: { code: CZJG }, actor: { name: BLR } }
  - type: case.closed
    when: { path: $stream, equals: BJ }
    content:
      outcome: { from: BJJG, codes: { table: doneResult, version: { from: STDVER }, by: { from: SJ, date: yyyy-MM-dd HH:mm:ss } } }
      decidedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }
      reason: BJYY
      document: { type: { from: ZJLX, codes: document }, number: ZJBH, issuer: { name: FZJG }, validFrom: { from: QSRQ, date: yyyyMMdd }, validTo: { from: JZRQ, date: yyyyMMdd } }
      fee: { charged: { from: SFSF, codes: yes }, amount: { from: SFJE, number: true } }
      actor: { name: BLR }
  - type: result.collected
    when: { path: $stream, equals: LQ }
    content: { collectedAt: { from: SJ, date: yyyy-MM-dd HH:mm:ss }, collector: { name: LQR, idType: { from: ZJLX, codes: idType }, idNumber: ZJHM } }
  - type: evaluation.given
    when: { path: $stream, equals: PJ }
    content: { score: { from: MYD, number: true }, originalValue: YZ, originalScale: { from: BC, codes: scale } }
  - type: case.voided
    when: { path: $stream, equals: ZF }
    content: { kind: { from: FS, codes: void }, reason: YY }
ignore:
  - { when: { path: $stream, equals: ZD }, reason: 字典表 }
`

export const openRoute = (): Route => {
  const problems: GatewayError[] = []
  const mapping = compileMapping('dept/one', 'v1', parseYaml('one.yaml', mappingText), files, {}, problems)
  if (problems[0]) throw problems[0]
  const department = { code: '11150900PDY00001XA', name: '示例局', region: '150900' }
  return createRoute({ system: 'one', adapter: 'file', department, mapping, maxRecordBytes: 100_000, maxMessageBytes: 50_000 })
}

/** Members of a record; one that is undefined is not there. */
export type Members = Record<string, Json | undefined>

/** A record of each stream with which nothing is wrong. */
export const good: Record<string, Members> = {
  SB: { SBSJ: '2026-03-02 09:00:00', SQRMC: '甲', SQRLX: '1' },
  YS: { ZT: '1', SJ: '2026-03-02 10:00:00', BLR: '乙' },
  SL: { XH: '1', ZT: '1', SJ: '2026-03-03 09:00:00', BLR: '乙' },
  HJ: { XH: '1', HJZT: '02', KSSJ: '2026-03-04 09:00:00', JSSJ: '2026-03-04 16:00:00', YJ: '同意', JL: '1', BLR: '乙' },
  PZ: { ZT: '1', SJ: '2026-03-05 09:00:00', BLR: '乙' },
  BZ: { XH: '1', SJ: '2026-03-02 11:00:00', CL: ['身份证复印件'] },
  TS: { XH: '1', ZL: 'A', SJ: '2026-03-04 09:00:00' },
  TE: { XH: '1', SJ: '2026-03-05 09:00:00' },
  HZ: { ZT: '1', SJ: '2026-03-06 09:00:00', BLR: '乙', BM: [{ MC: '示例局', YJ: '1', SJ: '2026-03-05 09:00:00' }] },
  SX: { SJ: '2026-03-05 09:00:00' },
  SH: { ZT: '1', SJ: '2026-03-06 09:00:00', BLR: '乙' },
  BJ: { BJJG: '0', SJ: '2026-03-06 09:00:00', BLR: '乙' },
  LQ: { SJ: '2026-03-07 09:00:00' },
  PJ: { MYD: '1' },
  ZF: { FS: '2', YY: '重复申报' },
}

export const goodXml = (no: string, more = ''): string =>
  `<SB><SBLSH>${no}</SBLSH><SBSJ>2026-03-02 09:00:00</SBSJ><SQRMC>甲</SQRMC><SQRLX>1</SQRLX>${more}</SB>`
export const goodCsv = (no: string): string => `${no},2026-03-02 09:00:00,甲,1\n`
export const goodJson = (no: string): string => JSON.stringify({ SBLSH: no, ...good['SB'] })
export const csvHeader = 'SBLSH,SBSJ,SQRMC,SQRLX\n'
