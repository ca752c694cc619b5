import t from 'tap'
import type { GatewayError } from '../core/errors.ts'
import { compileDown } from '../core/mapping/down/compile.ts'
import { downExample, downExampleMapping } from '../core/mapping/down/example.ts'
import { type DownExample, downLanguage } from '../core/mapping/down/language.ts'
import { dateWriter } from '../core/mapping/down/write-date.ts'
import { parseYaml } from '../core/yaml.ts'

const resultOf = (example: DownExample) => {
  const problems: GatewayError[] = []
  const yaml = parseYaml('mappings/dept/down/in.yaml', downExampleMapping(example))
  const mapping = compileDown('dept/in', 'v1', yaml, { ...example.files }, problems)
  if (problems[0]) return { refused: problems[0].code }
  const translation = mapping.translate(downExample(example))
  if (translation.outcome === 'ignored') return { ignored: translation.reason }
  if (translation.outcome === 'failed') return { quarantined: translation.error.code }
  return { operations: translation.operations }
}

for (const { title, family } of downLanguage) {
  t.test(`every example of ${title.en} does what the reference says`, async (t) => {
    for (const [word, { examples }] of Object.entries(family)) {
      for (const example of examples) t.same(resultOf(example), example.result, word)
      const written = examples.some((example) => new RegExp(`\\b${word}\\b`).test(downExampleMapping(example)))
      t.ok(written, `an example of ${word} writes it`)
    }
  })
}

t.test('a time is written on the clock of the target, and never made up', async (t) => {
  const write = (format: string, zone: string, moment: string) => {
    const writer = dateWriter(format, zone)
    return 'refused' in writer ? 'refused' : writer(moment)
  }
  t.equal(write('yyyy-MM-dd HH:mm:ss', '+08:00', '2026-03-02T00:30:00+08:00'), '2026-03-02 00:30:00')
  t.equal(write('yyyy-MM-dd HH:mm:ss', 'Z', '2026-03-02T00:30:00+08:00'), '2026-03-01 16:30:00')
  t.equal(write('yyyy年MM月dd日', '+08:00', '2026-03-02T23:59:59+08:00'), '2026年03月02日')
  t.equal(write('yyyyMMddHHmmssS', '+08:00', '2026-03-02T01:02:03.045+08:00'), '20260302010203045')
  t.equal(write('yyyy-MM-ddTHH:mm:ssXXX', '+09:00', '2026-03-02T23:30:00+08:00'), '2026-03-03T00:30:00+09:00')
  t.equal(write('yyyy/MM/dd', '+08:00', '2026-03-02'), '2026/03/02')
  t.equal(write('yyyy/M/d H:mm', '+08:00', '2026-03-02T08:05:00+08:00'), '2026/3/2 8:05', 'without leading zeros')
  t.equal(write('yyyy/M/d H:m', '+08:00', '2026-12-20T00:00:00+08:00'), '2026/12/20 0:0')
  t.equal(write('yyyy/MM/dd HH:mm', '+08:00', '2026-03-02'), undefined)
  t.equal(write('yyyy/M/d H:mm', '+08:00', '2026-03-02'), undefined)
  t.equal(write('HH:mm', '+08:00', '2026-03-02'), 'refused')
  t.equal(write('yyyy-MM-ddTHH:mm:ssZ', '+08:00', '2026-03-02T01:02:03+08:00'), 'refused', 'a letter Z would say another time')
})

t.test('all mistakes of a mapping are told where they stand', async (t) => {
  const problems: GatewayError[] = []
  const text = `zone: Beijing
operation: []
codes: { kind: { "1": natural } }
operations:
  - write: SB
    type: application.recieved
    values:
      A: { form: x }
      B: { from: content/x, date: HH:mm }
      C: { from: content/x, codes: kinds }
      D: { from: content/x, date: yyyyMMdd, codes: kind }
      E: { constant: [1] }
      F: { each: content/list }
      G: 7
  - values: { A: x }
ignore:
  - { when: { path: a, equals: b } }
`
  compileDown('dept/in', 'v1', parseYaml('in.yaml', text), {}, problems)
  t.same(
    problems.map(({ code, values }) => `${String(values['at']).replace('in.yaml:', '')} ${code}`).sort(),
    [
      '10:36 MAPPING_INVALID',
      '11:10 MAPPING_INVALID',
      '12:22 MAPPING_INVALID',
      '13:10 MAPPING_INVALID',
      '14:10 MAPPING_INVALID',
      '15:5 MAPPING_INVALID',
      '17:5 MAPPING_INVALID',
      '1:7 MAPPING_INVALID',
      '2:1 CONFIG_KEY_UNKNOWN',
      '6:11 MAPPING_INVALID',
      '8:10 MAPPING_INVALID',
      '8:12 CONFIG_KEY_UNKNOWN',
      '9:35 MAPPING_INVALID',
    ].sort(),
  )
})

t.test('a path that no message of its types has is a mistake, with what was probably meant', async (t) => {
  const strayOf = (lines: string): string[] => {
    const problems: GatewayError[] = []
    compileDown('dept/in', 'v1', parseYaml('in.yaml', lines), {}, problems)
    return problems.map(
      ({ message, values }) => `${String(values['at']).replace('in.yaml:', '')} ${message.replaceAll('\n', ' ')}`,
    )
  }
  const operation = (values: string, type = 'application.received') =>
    `operations:\n  - write: SB\n    type: ${type}\n    values: ${values}\n`
  t.same(strayOf(operation('{ A: case/sourceCaseNo, B: type, C: dataVersion, D: source/system, E: $key }')), [])
  t.same(
    strayOf(operation('{ A: "content/form/fields[name=\'x\']/value", B: { each: content/materials, values: { MC: name } } }')),
    [],
  )
  t.same(
    strayOf(
      operation('{ A: content/closedAt, B: content/receivedAt, C: content/decidedAt }', '[application.received, case.closed]'),
    ).length,
    1,
  )
  t.match(strayOf(operation('{ A: content/aplicant/name }')), [/^4:18 .*content\/aplicant\/name.*“applicant”.*"applicant"/s])
  t.match(strayOf(operation('{ A: case/itemCodee }')), [/itemCode”/])
  t.match(strayOf(operation('{ B: { each: content/materials, values: { MC: nam } } }')), [/ nam.*“name”/s])
  t.match(strayOf(operation('{ A: "content/form/fields[nam=\'x\']/value" }')), [/“name”/])
  t.match(strayOf(operation('{ A: content/decidedAt }', 'supplement.received')), [/supplement\.received.*content\/decidedAt/s])
  const when = 'when: { path: content/chanel, equals: window }'
  t.match(strayOf(operation('{ A: case/itemCode }').replace('    values', `    ${when}\n    values`)), [/“channel”/])
  t.match(strayOf(`${operation('{ A: case/itemCode }')}ignore:\n  - { ${when}, reason: x }\n`), [
    /任何消息都没有 content\/chanel.*“channel”/s,
  ])
  t.same(
    strayOf('operations:\n  - write: SB\n    values: { A: content/decidedAt }\n'),
    [],
    'an operation for whatever comes reads what any type has',
  )
})
