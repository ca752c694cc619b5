import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Json, SourceRecord } from '../core/contract.ts'
import type { GatewayError } from '../core/errors.ts'
import { compileMapping } from '../core/mapping/compile.ts'
import { openIsolation } from '../core/mapping/isolation.ts'
import { loadMapping } from '../core/mapping/load.ts'
import type { Mapping, Translation } from '../core/mapping/mapping.ts'
import { traceMapping } from '../core/mapping/trace-mapping.ts'
import { readRecord } from '../core/read-record.ts'
import { parseYaml } from '../core/yaml.ts'
import { temporaryFolder } from './temporary.ts'

const mappingWith = (rules: string, more = '') => `${more}
codes:
  kind: { "1": natural, "2": enterprise }
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd }
      applicant: { name: NAME }
${rules}
`

const load = async (t: Test, text: string, ownTs?: string) => {
  const folder = join(temporaryFolder(t), 'dept')
  mkdirSync(folder)
  writeFileSync(join(folder, 'one.yaml'), text)
  if (ownTs !== undefined) writeFileSync(join(folder, 'own.ts'), ownTs)
  return loadMapping(join(folder, '..'), 'dept/one')
}

const loadGood = async (t: Test, text: string, ownTs?: string): Promise<Mapping> => {
  const { mapping, problems } = await load(t, text, ownTs)
  t.same(
    problems.map(({ text }) => text.en),
    [],
  )
  t.teardown(() => mapping!.isolated!.close())
  return mapping!
}

const problemsOf = async (t: Test, rules: string): Promise<string[]> =>
  (await load(t, mappingWith(rules))).problems.map(({ text }) => text.en.replace(' the mapping is wrong:', ''))

/** The same without a thread to try it in. */
const mistakesIn = (rules: string): string[] => {
  const problems: GatewayError[] = []
  compileMapping('dept/one', 'v1', parseYaml('mappings/dept/one.yaml', mappingWith(rules)), {}, {}, problems)
  return problems.map(({ text }) => text.en)
}

const recordOf = (value: Json): SourceRecord => ({
  stream: 'T',
  key: 'k',
  body: JSON.stringify(value),
  contentType: 'application/json',
})
const row = { NO: '1', AT: '2026-03-02', NAME: '甲' }

const contentOf = (translation: Translation | undefined) =>
  translation?.outcome === 'drafts' ? translation.drafts[0]!.content : translation

const translated = async (mapping: Mapping, ...rows: object[]) =>
  (await mapping.isolated!.translate(rows.map((more) => recordOf({ ...row, ...more })))).map(contentOf)

t.test('an expression puts together what the record says in several places, and a step reads the result', async (t) => {
  const mapping = await loadGood(
    t,
    mappingWith(`      subject: { expression: "$text('A') & '，' & $optional('B')" }
      promisedDueAt: { expression: "$text('DAY') & ' ' & $text('TIME')", date: yyyyMMdd HHmm }
      kind: { from: CODE, expression: "$substringBefore($, '-')", codes: caseKind }
      materials: { each: M, fields: { name: { expression: "$join($texts('PART'), '/')" } } }`).replace(
      'codes:',
      'codes:\n  caseKind: { "1": instant, "2": promise }',
    ),
  )
  t.equal(mapping.ownCode.length, 4)
  t.match(
    await translated(mapping, { A: '甲 ', B: null, DAY: '20260304', TIME: '0930', CODE: '2-x', M: [{ PART: ['a', 'b'] }] }),
    [
      {
        subject: '甲，',
        promisedDueAt: '2026-03-04T09:30:00+08:00',
        kind: 'promise',
        materials: [{ name: 'a/b' }],
      },
    ],
  )
  const [absent] = await translated(mapping, { DAY: '20260304', TIME: '无', B: 'x', CODE: '' })
  t.same(Object.keys(absent as object).sort(), ['applicant', 'receivedAt'], 'without one of its texts there is nothing')
  const [made] = await mapping.isolated!.translate([recordOf({ ...row, A: 'x', DAY: '20260304', TIME: '0930' })])
  t.match(made, {
    drafts: [
      {
        provenance: {
          derived: ['/content/promisedDueAt', '/content/subject'],
          precision: [{ path: '/content/promisedDueAt', unit: 'minute' }],
        },
      },
    ],
  })
})

t.test('an expression that cannot be evaluated fails as its rule says, and repeats no value', async (t) => {
  const rule = (more: string) => mappingWith(`      subject: { expression: "$string($number($text('A')) + 1)"${more} }`)
  const [failed] = await translated(await loadGood(t, rule('')), { A: '15090219880101' + 'x' })
  t.match(failed, {
    outcome: 'failed',
    caseNo: '1',
    error: { code: 'MAPPING_EXPRESSION_FAILED', values: { at: /one\.yaml:10:16/, field: '/content/subject' } },
  })
  t.notMatch((failed as { error: Error }).error.message, /1509/)
  t.match(await translated(await loadGood(t, rule(', onFailure: flag')), { A: 'x' }), [{ applicant: { name: '甲' } }])
  const list = mappingWith(`      subject: { expression: "$texts('A')" }`)
  t.match(await translated(await loadGood(t, list), { A: ['1', '2'] }), [
    { error: { code: 'MAPPING_EXPRESSION_FAILED', message: /not a single value/ } },
  ])
  const many = mappingWith(`      subject: { expression: "$text('A')" }`)
  t.match(await translated(await loadGood(t, many), { A: ['1', '2'] }, { A: ['无', '2'] }), [
    { error: { code: 'VALUE_AMBIGUOUS' } },
    { error: { code: 'VALUE_AMBIGUOUS', values: { count: 2 } } },
  ])
})

t.test('a placeholder that an expression comes to is flagged, as when it is read by itself', async (t) => {
  const mapping = await loadGood(
    t,
    mappingWith(`      subject: { expression: "$text('A') & $optional('B') & $join($texts('C'))" }`),
  )
  const made = await mapping.isolated!.translate(
    [{ A: '无' }, { A: 'a', B: '无' }, { A: 'a', C: ['无', 'c', '无'] }, { A: 'a' }].map((more) => recordOf({ ...row, ...more })),
  )
  const flag = { path: '/content/subject', code: 'placeholder', found: '无' }
  t.match(
    made.map((one) => one.outcome === 'drafts' && [one.drafts[0]!.content['subject'], one.drafts[0]!.flags]),
    [
      [undefined, [flag]],
      ['a', [flag]],
      ['ac', [flag]],
      ['a', []],
    ],
  )
})

t.test('one place is one legal fact, however it is spelt', async (t) => {
  const twice = async (rule: string) => mistakesIn(`      receiptNo: ${rule}`).map((said) => /both read from/.test(said))
  for (const rule of [
    'NAME',
    './NAME',
    '/NAME',
    '"NAME[1]"',
    `{ expression: "$text('NAME')" }`,
    `{ expression: "$trim($optional('./NAME'))" }`,
    `{ expression: "($text('NAME') & ' ')" }`,
    `{ expression: "$join($texts('NAME'))" }`,
    '{ from: NAME, expression: "$trim($)" }',
  ])
    t.same(await twice(rule), [true], rule)
  t.same(await twice(`{ expression: "$substringAfter($text('NAME'), '/')" }`), [], 'a part of it is another value')
  t.same(await twice('"NAME[2]"'), [])
  for (const rule of [
    `{ expression: "$substring($text('NAME'), 0)" }`,
    `{ expression: "$substring($text('NAME'), 0, 40)" }`,
    `{ expression: "$substringBefore($text('NAME'), '§')" }`,
    `{ expression: "$text('NAME') & $optional('NIX')" }`,
    `{ expression: "$text('NAME') & $substring($text('B'), 0, 0)" }`,
    `{ expression: "$substring(' ' & $text('NAME'), 1)" }`,
  ])
    t.same(await twice(rule), [true], rule)
  for (const rule of [
    `{ expression: "$text('NAME') & $text('B')" }`,
    `{ expression: "$substring($text('NAME'), 2)" }`,
    `{ expression: "$substringBefore($text('AT'), '-')" }`,
  ])
    t.same(await twice(rule), [], rule)
})

t.test('what a function makes of one place is one fact, unless it is a code', async (t) => {
  const problems: GatewayError[] = []
  const text = `plugin: ./own.ts
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, call: same, date: yyyy-MM-dd }
      promisedDueAt: { from: AT, call: same, date: yyyy-MM-dd }
      applicant: { name: NAME, legalRepresentative: { from: NAME, call: same }, kind: { from: NAME, call: same } }
      receiptNo: { expression: "$substringAfter($text('NAME'), '/')", call: same }
`
  const plugin = { same: (text: string) => text }
  compileMapping('dept/one', 'v1', parseYaml('mappings/dept/one.yaml', text), {}, plugin, problems)
  t.same(
    problems.map(({ text }) => /facts (\S+) and (\S+) .* are both read from/.exec(text.en)?.slice(1)),
    [
      ['/content/applicant/name', '/content/applicant/legalRepresentative'],
      ['/content/receivedAt', '/content/promisedDueAt'],
    ],
  )
})

t.test('of two times one is a copy of the other as soon as they share a character of one text', async (t) => {
  const both = (one: string, other: string) => {
    const at = (expression: string) => `{ expression: ${JSON.stringify(expression)}, date: yyyyMMdd }`
    const rules = `      promisedDueAt: ${at(one)}`
    const text = mappingWith(rules).replace('{ from: AT, date: yyyy-MM-dd }', at(other))
    const problems: GatewayError[] = []
    compileMapping('dept/one', 'v1', parseYaml('mappings/dept/one.yaml', text), {}, {}, problems)
    return problems.map(({ text }) => /both read from/.test(text.en))
  }
  const whole = "$text('AT')"
  for (const part of [
    '$substring(AT, 0)',
    '$substring(AT, 0, 10)',
    '$substring(AT, -8)',
    "$substringBefore(AT, '§')",
    "$substringAfter(AT, '~')",
    "AT & $optional('NIX')",
    'AT & $substring(AT, 0, 0)',
  ])
    t.same(both(part.replaceAll('AT', whole), whole), [true], part)
  const [first, last] = ["$substringBefore($text('Q'), '~')", "$substringAfter($text('Q'), '~')"]
  t.same(both(first, last), [], 'the two ends of a period in one column')
  t.same(both(`$substring($text('Q'), 0, 8)`, `$trim($substring($text('Q'), 8, 8))`), [])
  t.same(both(`$substring($text('Q'), 0, 9)`, `$substring($text('Q'), 8, 8)`), [true])
  t.same(both(`$text('D') & $text('A')`, `$text('D') & $text('B')`), [], 'a day may be common to two times')
  t.same(both(`$text('D') & $text('A')`, `$text('D') & ' ' & $text('A')`), [true])
  t.same(both(`$text('D')`, `$text('D') & $text('A')`), [true], 'whatever is joined to it')
})

t.test('of a legal fact nothing stands after a sign that is not there', async (t) => {
  const mapping = await loadGood(
    t,
    mappingWith(`      promisedDueAt: { expression: "$substringAfter($text('Q'), '~')", date: yyyyMMdd }
      subject: { expression: "$substringAfter($text('Q'), '~')" }`),
  )
  t.match(await translated(mapping, { Q: '20260302~20260309' }, { Q: '20260302' }), [
    { promisedDueAt: '2026-03-09', subject: '20260309' },
    { promisedDueAt: undefined, subject: '20260302' },
  ])
})

t.test('lint refuses what would make an expression say more than the record, or not always the same', async (t) => {
  const subject = (expression: string) => problemsOf(t, `      subject: { expression: ${JSON.stringify(expression)} }`)
  t.match(await subject('$now()'), [/must not use \$now/, /reads nothing of the record/])
  t.match(await subject("$text('A') & $string($random())"), [/must not use \$random/])
  t.match(await subject("($r := $eval; $r($text('A')))"), [/must not use \$eval/])
  t.match(await subject('A & B'), [/write \$text\('A'\)/, /write \$text\('B'\)/, /reads nothing/])
  t.match(await subject("$text('A' & 'B')"), [/\$text is written \$text\('path'\)/, /reads nothing/])
  t.match(await subject('$text('), [/is no expression/])
  const name = async (expression: string) => mistakesIn(`      receiptNo: { expression: ${JSON.stringify(expression)} }`)
  for (const invented of [
    "$substring($text('A'), 0, 0) & '2020-01-01'",
    "$replace($text('A'), /.+/, '2020-01-01')",
    "($x := 'PDY'; $text('A'); $x)",
    "$optional('A')[$optional('X')='1'] & $optional('B')[$optional('X')!='1']",
    "$text('A') & '号'",
    "$text('A') & '１'",
    "$text('A') ~> $uppercase",
    "$text('A').($text('B'))",
    "$text('A')^(<$)",
    "$text('A'){'a': $}",
    "$substring($text('A'), $length($text('B')))",
    "$map($texts('A'), $uppercase)",
    '$$ & $text("A")',
    "$substring($text('A'))",
    '$trim()',
  ])
    t.match(await name(invented), [/must not choose or state( \(at character \d+\))?: it may join \$text/], invented)
  t.match(await name("'-' & $substringBefore('/', '-')"), [/never from a fixed value/, /reads nothing/])
  for (const cut of [
    "$substringBefore($text('A'), '/') & ('-' & $substring($trim($text('B')), -4, 2))",
    "$join($texts('A'), '、') & $substringAfter($optional('B'), $text('A'))",
    "$join($texts('A'))",
  ])
    t.same(await name(cut), [], cut)
  t.match(await name("$text('A') = '1' ? $text('B') : 'x'"), [/must not choose/])
  t.match(await name("$lookup({'1': 'x'}, $text('A'))"), [/must not choose/])
  t.match(await name("[$text('A'), $text('B')][0]"), [/must not choose/])
  t.match(await name("($text('A'); 'x')"), [/must not choose/])
  t.match(await name("'-'"), [/never from a fixed value/, /reads nothing/])
  t.same(await name("$text('A') & '-' & $text('B')"), [])
  t.same(await subject("$text('A') = '1' ? '甲类' : '乙类'"), [], 'a field that is no legal fact may be worded')
})

t.test('a function of a plug-in sees the record by paths, and may give nothing', async (t) => {
  const mapping = await loadGood(
    t,
    mappingWith('      subject: { from: A, call: whole }', 'plugin: ./own.ts'),
    "export const whole = (text, record) => text === 'x' ? undefined : [text, record.text('B'), record.texts('M/N').join()].join('/')",
  )
  t.match(await translated(mapping, { A: 'a', B: ' b ', M: [{ N: '1' }, { N: '2' }] }, { A: 'x' }), [
    { subject: 'a/b/1,2' },
    { applicant: { name: '甲' }, subject: undefined },
  ])
})

t.test('what a plug-in makes of a text is looked at as a text of the record is', async (t) => {
  const rules = `      subject: { from: A, call: same }
      receiptNo: { from: B, call: same, required: true, onFailure: flag }`
  const mapping = await loadGood(
    t,
    mappingWith(rules, 'plugin: ./own.ts'),
    "export const same = (text) => (text === 'none' ? undefined : text.slice(1))",
  )
  const made = await mapping.isolated!.translate(
    [{ A: 'x  ' }, { A: 'x无' }, { A: 'x a ' }, { B: 'x无' }, { B: 'none' }].map((more) =>
      recordOf({ ...row, A: 'xa', B: 'xb', ...more }),
    ),
  )
  const seen = made.map((one) =>
    one.outcome === 'drafts'
      ? [
          one.drafts[0]!.content['subject'],
          one.drafts[0]!.content['receiptNo'],
          one.drafts[0]!.flags.map(({ path, code }) => `${path} ${code}`),
        ]
      : one,
  )
  t.same(seen, [
    [undefined, 'b', []],
    [undefined, 'b', ['/content/subject placeholder']],
    ['a', 'b', []],
    ['a', undefined, ['/content/receiptNo placeholder', '/content/receiptNo missing']],
    ['a', undefined, ['/content/receiptNo missing']],
  ])
})

t.test('code that does not end, needs too much memory or ends its thread costs its own record', async (t) => {
  const text = mappingWith('      subject: { from: A, call: mad }', 'plugin: ./own.ts')
  const ownTs = `
    export const mad = (text, record) => {
      if (text === 'endless') for (;;);
      if (text === 'deep') { const dig = () => dig() + 1; return String(dig()) }
      if (text === 'greedy') { const all = []; for (;;) all.push(new Array(1e5).fill(text)) }
      if (text === 'world') return String(typeof process + typeof fetch + typeof setTimeout)
      if (text === 'clock') return String(new Date().getTime())
      if (text === 'hour') return String(Date.now())
      if (text === 'chance') return String(Math.random())
      if (text === 'behind') return String([typeof Object.getPrototypeOf(Date).now, Date(), new (new Date(0).constructor)().getTime(), typeof Intl.DateTimeFormat])
      if (text === 'day') return new Date(Date.UTC(2026, 2, 2)).toISOString().slice(0, 10) + (new Date(0) instanceof Date)
      if (text === 'later') return Promise.resolve('x')
      if (text === 'function') return () => 'x'
      if (text === 'whole') return record.text('S')
      if (text.startsWith('王小明')) throw new Error('cannot read 小明, mobile ' + record.text('S/TEL') + ', of ' + text)
      return text
    }`
  const { mapping } = await load(t, text, ownTs)
  const isolated = openIsolation(mapping!, 'mappings', { recordMs: 1000, heapMb: 192 })
  t.teardown(() => isolated.close())
  const greedy = openIsolation(mapping!, 'mappings', { recordMs: 60_000, heapMb: 192 })
  t.match(await greedy.translate([recordOf({ ...row, NO: '3', A: 'greedy' })]), [
    { caseNo: '3', error: { code: 'MAPPING_CODE_STOPPED', message: /more than 192 MB/ } },
  ])
  await greedy.close()
  const given = [
    'a',
    'endless',
    'b',
    'deep',
    'world',
    'clock',
    'hour',
    'chance',
    'behind',
    'day',
    'later',
    'function',
    'whole',
    '王小明1',
    'c',
  ]
  const made = await isolated.translate(given.map((A, NO) => recordOf({ ...row, NO: String(NO), A, S: { TEL: '13800001234' } })))
  t.match(made.map(contentOf), [
    { subject: 'a' },
    {
      caseNo: '1',
      error: { code: 'MAPPING_CODE_STOPPED', values: { at: /one\.yaml:10:33/ }, message: /did not end within 1000 ms/ },
    },
    { subject: 'b' },
    { caseNo: '3', error: { code: 'MAPPING_PLUGIN_FAILED', message: /call stack/ } },
    { subject: 'undefinedfunctionfunction' },
    { error: { code: 'MAPPING_PLUGIN_FAILED', message: /new Date\(\)/ } },
    { error: { code: 'MAPPING_PLUGIN_FAILED', message: /Date\.now/ } },
    { error: { code: 'MAPPING_PLUGIN_FAILED', message: /Math\.random/ } },
    { error: { code: 'MAPPING_PLUGIN_FAILED', message: /Date\(\)/ } },
    { subject: '2026-03-02true' },
    { error: { code: 'MAPPING_PLUGIN_FAILED', message: /without async/ } },
    { error: { code: 'MAPPING_PLUGIN_FAILED', message: /gives a function/ } },
    { error: { code: 'MAPPING_PLUGIN_FAILED', message: /S holds a structure/ } },
    { error: { code: 'MAPPING_PLUGIN_FAILED', message: /says "cannot read …, mobile …, of …"/ } },
    { subject: 'c' },
  ])
})

t.test('a plug-in that cannot be loaded is a mistake of the mapping, told at its line', async (t) => {
  const text = mappingWith('      subject: { from: A, call: x }', 'plugin: ./own.ts')
  t.match(await load(t, text, "throw new Error('at the top')\nexport const x = () => 'x'"), {
    mapping: undefined,
    problems: [{ code: 'MAPPING_INVALID', values: { at: 'mappings/dept/one.yaml:1:9' }, message: /at the top/ }],
  })
  t.match(await load(t, text, "export const x = 'x'"), {
    mapping: undefined,
    problems: [{ code: 'MAPPING_INVALID', message: /exports no function "x"/ }],
  })
})

t.test('a record is blamed for what it does alone: one that only found the thread full is translated', async (t) => {
  const ownTs = `
    const kept = []
    export const hoard = (text) => { for (let i = 0; i < Number(text); i++) kept.push(new Array(1e6).fill(i)); return text }`
  const { mapping } = await load(t, mappingWith('      subject: { from: A, call: hoard }', 'plugin: ./own.ts'), ownTs)
  const isolated = openIsolation(mapping!, 'mappings', { recordMs: 60_000, heapMb: 192 })
  t.teardown(() => isolated.close())
  const made = await isolated.translate(['9', '9', '9', '1'].map((A, NO) => recordOf({ ...row, NO: String(NO), A })))
  t.match(made.map(contentOf), [{ subject: '9' }, { subject: '9' }, { subject: '9' }, { subject: '1' }])
})

t.test('when the thread does not start, nothing is said of the records: they are read again', async (t) => {
  const { mapping } = await load(
    t,
    mappingWith('      subject: { from: A, call: x }', 'plugin: ./own.ts'),
    "export const x = () => 'x'",
  )
  await mapping!.isolated!.close()
  const files = { ...mapping!.files, './own.ts': "throw new Error('not any more')" }
  const isolated = openIsolation({ ...mapping!, files }, 'mappings')
  await t.rejects(isolated.translate([recordOf({ ...row, A: 'a' })]), { code: 'MAPPING_INVALID', message: /not any more/ })
})

t.test('a promise that nobody catches costs the record that it came of, in any batch, and repeats no value', async (t) => {
  const ownTs = `
    export const reject = (text) => { if (text.startsWith('bad')) Promise.reject(new Error(text)); return text }`
  const { mapping } = await load(t, mappingWith('      subject: { from: A, call: reject }', 'plugin: ./own.ts'), ownTs)
  const isolated = openIsolation(mapping!, 'mappings', { recordMs: 60_000, heapMb: 192 })
  t.teardown(() => isolated.close())
  const made = async (...texts: string[]) =>
    (await isolated.translate(texts.map((A, NO) => recordOf({ ...row, NO: String(NO), A })))).map(contentOf)
  const stopped = {
    error: { code: 'MAPPING_CODE_STOPPED', values: { at: /one\.yaml:10:/ }, message: /nothing caught \(Error\)/ },
  }
  t.match(await made('good', 'bad 王小明', 'good'), [{ subject: 'good' }, stopped, { subject: 'good' }])
  const [alone] = await made('bad 王小明')
  t.match(alone, stopped)
  t.notMatch((alone as { error: Error }).error.message, /小明/)
  t.match(await made('good'), [{ subject: 'good' }])
})

t.test('a plug-in does not import while it runs', async (t) => {
  const text = mappingWith('      subject: { from: A, call: x }', 'plugin: ./own.ts')
  t.match(await load(t, text, "const name = 'node:fs'\nexport const x = async () => String(await import(name))"), {
    mapping: undefined,
    problems: [{ code: 'MAPPING_INVALID', message: /must not import while it runs/ }],
  })
})

t.test('a plug-in finds no clock, chance or way out, in the commands that trace it as in its thread', async (t) => {
  const calls = [
    'new Date()',
    'Date()',
    'Date.now()',
    'Math.random()',
    "fetch('x')",
    'process.env.PATH',
    'globalThis.process.pid',
    'setTimeout(() => 0)',
  ]
  const ownTs = `
    const Math2 = Math
    export const whole = (text, record) => {
      const asked = record.text('B')
      ${calls.map((call, n) => `if (asked === '${n}') return text + String(${call})`).join('\n      ')}
      const process = 'a name of its own'
      return [Math2.max(1, 2), new Date(0).toISOString(), Date.UTC(1970, 0, 1), new Intl.NumberFormat('en').format(1), process].join(' ')
    }`
  const mapping = await loadGood(t, mappingWith('      subject: { from: A, call: whole }', 'plugin: ./own.ts'), ownTs)
  const { mapping: traced } = await traceMapping(mapping)
  const told = (translation: Translation | undefined) =>
    translation?.outcome === 'failed' ? translation.error.code : (contentOf(translation) as { subject?: string }).subject
  const good = '2 1970-01-01T00:00:00.000Z 0 1 a name of its own'
  for (const [n, call] of [...calls, 'nothing forbidden'].entries()) {
    const expected = n < calls.length ? 'MAPPING_PLUGIN_FAILED' : good
    const record = recordOf({ ...row, A: 'a', B: String(n) })
    const [inThread] = await mapping.isolated!.translate([record])
    t.equal(told(inThread), expected, `in its thread: ${call}`)
    t.equal(told(traced.translate({ ...record, tree: readRecord(record) })), expected, `traced: ${call}`)
  }
})

t.test('a plug-in cannot change what the gateway or its next record works with', async (t) => {
  const ownTs = `
    export const patch = (text) => {
      if (text === 'trim') String.prototype.trim = () => 'EVIL'
      if (text === 'map') Array.prototype.map = function () { return ['EVIL'] }
      if (text === 'json') JSON.stringify = () => 'EVIL'
      if (text === 'own') { const counts = {}; counts['constructor'] = 1; counts['toString'] = () => 'mine'; return String(counts) }
      if (text === 'theirs') {
        const [fn, list, day, map] = [() => 0, ['a'], new Date(0), new Map()]
        for (const one of [fn, list, day, map]) one.toString = () => 'mine'
        list.map = () => 'mine'
        return [fn, list, day, map, list.map(String)].join(' ')
      }
      if (text === 'error') { class Mine extends Error { constructor(said) { super(said); this.name = 'Mine' } } throw new Mine('said') }
      return text.trim()
    }`
  const text = mappingWith('      subject: { from: A, call: patch }', 'plugin: ./own.ts')
  const mapping = await loadGood(t, text, ownTs)
  const { mapping: traced } = await traceMapping(mapping)
  const expected = ['trim', 'map', 'json', 'error'].map(() => ({ error: { code: 'MAPPING_PLUGIN_FAILED' } }))
  const rows = ['trim', 'map', 'json', 'error', 'own', 'theirs', ' a '].map((A) => ({ ...row, A }))
  t.match(await translated(mapping, ...rows), [
    ...expected,
    { subject: 'mine' },
    { subject: 'mine mine mine mine mine' },
    { subject: 'a' },
  ])
  t.match(
    rows.map((value) => contentOf(traced.translate({ ...recordOf(value), tree: value }))),
    [...expected, { subject: 'mine' }, { subject: 'mine mine mine mine mine' }, { subject: 'a' }],
  )
  const patching = await load(t, text, 'String.prototype.trim = () => "EVIL"\nexport const patch = (text) => text')
  t.match(patching.problems, [{ code: 'MAPPING_INVALID', message: /read only property 'trim'/ }])
  t.equal(' a '.trim(), 'a')
  for (const ours of [Object.prototype, Function.prototype, Array.prototype, Date.prototype, Math, JSON, Error.prototype])
    t.notOk(Object.isFrozen(ours), 'what runs around it is as it was')
})

t.test('the local time of a plug-in is Beijing’s, in any zone of the machine', async (t) => {
  const made = [
    "new Date('2026-03-02T00:00:00').toISOString()",
    "new Date('2026-03-02 00:00:00').toISOString()",
    "new Date('2026/3/2').toISOString()",
    "new Date('2026-03-02').toISOString()",
    "new Date('2026-03-02T00:00:00-05:00').toISOString()",
    'new Date(2026, 2, 2, 8).toISOString()',
    'new Date(0).getHours()',
    'new Date(0)',
    "new Date(0).toLocaleString('zh-CN')",
    'new Date(0).getTimezoneOffset()',
    '(() => { const day = new Date(0); day.setHours(0); return day.getTime() })()',
    "Date.parse('nonsense')",
  ]
  const ownTs = `export const times = (): string => [${made.map((one) => `String(${one})`).join(', ')}].join('|')`
  const text = mappingWith('      subject: { from: A, call: times }', 'plugin: ./own.ts')
  const zone = process.env['TZ']
  t.teardown(() => (zone === undefined ? Reflect.deleteProperty(process.env, 'TZ') : Object.assign(process.env, { TZ: zone })))
  for (const TZ of ['America/New_York', 'Asia/Shanghai']) {
    Object.assign(process.env, { TZ })
    t.match(await translated(await loadGood(t, text, ownTs), { A: 'a' }), [
      {
        subject: [
          '2026-03-01T16:00:00.000Z',
          '2026-03-01T16:00:00.000Z',
          '2026-03-01T16:00:00.000Z',
          '2026-03-02T00:00:00.000Z',
          '2026-03-02T05:00:00.000Z',
          '2026-03-02T00:00:00.000Z',
          '8',
          'Thu Jan 01 1970 08:00:00 GMT+0800 (China Standard Time)',
          '1970/1/1 08:00:00',
          '-480',
          '-28800000',
          'NaN',
        ].join('|'),
      },
    ])
  }
})
