import { join } from 'node:path'
import t from 'tap'
import { canonicalTextOf, checkInvariants, toCloudEvent, validateDraft } from '../core/canonical/index.ts'
import { parseXml } from '../core/codec/xml.ts'
import { loadMapping } from '../core/mapping/load.ts'
import { packageRoot } from '../core/package-root.ts'
import { receptionsIn } from './bench/bare.ts'
import { createRows, department, table, toFile } from './bench/case-row.ts'
import { caseByHand, receptionByHand } from './bench/hand-message.ts'
import { checkAlike } from './bench/measure.ts'
import { quantile } from './bench/statistics.ts'
import { createCases } from './departments/cases.ts'
import { housing, housingDocuments } from './departments/housing-documents.ts'

t.test('the script that the gateway is measured against sends the message that the gateway sends', async (t) => {
  const { mapping, problems } = await loadMapping(join(packageRoot, 'test/bench/mappings'), 'bench/case')
  t.same(problems, [])
  const common = { system: 'bench', department: department.code, departmentName: department.name, region: department.region }
  const origin = { ...common, adapter: 'db', mapping: 'bench/case' }
  const standard = { standard: 'BENCH', standardVersion: '1' }
  let compared = 0
  for (const row of createRows(300)) {
    const translation = mapping!.translate({ stream: table, key: row.办件编号!, tree: row })
    if (translation.outcome !== 'drafts') return t.fail(JSON.stringify(translation))
    const [draft] = translation.drafts
    t.equal(validateDraft(draft), undefined)
    t.same([translation.drafts.length, checkInvariants(draft!).flags], [1, []])
    const source = { ...origin, mappingVersion: mapping!.version, ...standard }
    const stamp = { source, dataVersion: 1, dataVersionOrigin: 'derived' as const, seenAt: Date.now() }
    checkAlike(toCloudEvent(draft!, stamp, canonicalTextOf(draft!)).body, caseByHand({ ...origin, ...standard }, row).body)
    compared += 1
  }
  t.equal(compared, 300)
  t.throws(() =>
    checkAlike('{"seenAt":"2026-03-02T09:00:00.000+08:00","a":1}', '{"seenAt":"2026-03-02T09:00:00.001+08:00","a":2}'),
  )
})

t.test('so does the script for the SOAP service', async (t) => {
  const { mapping } = await loadMapping(join(packageRoot, 'mappings'), 'housing/permit')
  const common = {
    system: 'bench',
    department: housing.creditCode,
    departmentName: housing.name,
    region: '150900',
    adapter: 'soap',
  }
  const origin = { ...common, mapping: 'housing/permit', standard: 'EX_GDBS', standardVersion: '2016' }
  for (const source of createCases({ seed: 11, count: 100, prefix: 'ZJ', org: housing, outcomes: ['denied'] })) {
    const { xml } = housingDocuments(source)[0]!
    const translation = mapping!.translate({ stream: 'EX_GDBS_SB', key: 'k', tree: parseXml(xml) })
    if (translation.outcome !== 'drafts') return t.fail(JSON.stringify(translation))
    const [draft] = translation.drafts
    const { standard, standardVersion, ...place } = origin
    const stamp = { source: { ...place, mappingVersion: mapping!.version, standard, standardVersion }, seenAt: Date.now() }
    const { body } = toCloudEvent(draft!, { ...stamp, dataVersion: 1, dataVersionOrigin: 'source' }, canonicalTextOf(draft!))
    checkAlike(body, receptionByHand(origin, receptionsIn(xml)[0]!).body)
  }
})

t.test('a row and a file of the measurement have the size that they are said to have', async (t) => {
  const [row] = createRows(1)
  const rowBytes = Buffer.byteLength(JSON.stringify(row))
  const fileBytes = toFile(row!).bytes.byteLength
  t.ok(rowBytes > 1500 && rowBytes < 2200, `${rowBytes} bytes`)
  t.ok(fileBytes > 4600 && fileBytes < 5600, `${fileBytes} bytes`)
})

t.test('quantiles are values that were measured', async (t) => {
  const numbers = Array.from({ length: 100 }, (_, index) => 100 - index)
  t.same(
    [0, 0.5, 0.99, 1].map((q) => quantile(numbers, q)),
    [1, 50, 99, 100],
  )
})
