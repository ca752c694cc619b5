import t from 'tap'
import type { RecordView } from '../core/contract.ts'
import { runBundle } from '../core/mapping/plugin-realm.ts'

const nothing: RecordView = { text: () => undefined, texts: () => [] }

/** Functions of a plug-in, each an expression over `text` and `record`. */
const realmOf = (functions: Record<string, string>) =>
  runBundle(
    Object.entries(functions)
      .map(([name, body]) => `const ${name} = (text, record) => ${body}`)
      .concat(`\nexport { ${Object.keys(functions).join(', ')} }`)
      .join('\n'),
  )

t.test('a plug-in has the built-ins of the language and none of the gateway’s', async (t) => {
  const names = ['Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams', 'structuredClone', 'process', 'performance']
  const { known, base64, wrong } = await realmOf({
    known: `[${names.map((name) => `typeof ${name}`).join()}].filter((type) => type !== 'undefined').length`,
    base64: `decodeURIComponent(escape(atob(text))) + btoa('ok')`,
    wrong: `{ try { return atob('~') } catch (error) { return error instanceof Error && error.message } }`,
  })
  t.equal(known!('', nothing), 0)
  t.equal(base64!(Buffer.from('甲局').toString('base64'), nothing), '甲局b2s=')
  t.match(wrong!('', nothing), /atob/)
})

t.test('whatever a plug-in is given leads to its own built-ins only', async (t) => {
  const own = (value: string) =>
    `(({ value }) => Function.prototype.isPrototypeOf.call(Object.prototype, value) || value)({ value: ${value} })`
  const values = [
    ...[
      'fetch',
      'atob',
      'Math.random',
      'Date.prototype.getHours',
      'Object.getOwnPropertyDescriptor(Object.prototype, "toString").get',
    ],
    ...['record', 'record.text', 'record.texts', 'record.texts("A")', 'Intl.NumberFormat', 'String.prototype.localeCompare'],
    '(() => { try { record.text("B") } catch (error) { return error } })()',
    '(() => { try { Math.random() } catch (error) { return error } })()',
  ]
  const { check } = await realmOf({ check: `[${values.map((value) => own(value)).join()}].map(String).join()` })
  const record: RecordView = {
    texts: () => ['a'],
    text: () => {
      throw new TypeError('B has 2 values')
    },
  }
  t.equal(check!('', record), values.map(() => 'true').join())
})

t.test('what a plug-in does to its built-ins is refused, and the next record finds them as they were', async (t) => {
  const changes = {
    errors: `{ Error.prototype.toString = () => 'kept' }`,
    message: `{ TypeError.prototype.message = 'kept' }`,
    prepared: `{ Error.prepareStackTrace = () => 'kept' }`,
    json: `{ JSON.parse = () => 'kept' }`,
    later: `{ fetch.kept = text }`,
    method: `{ [].map.kept = text }`,
    reader: `{ record.text.constructor.prototype.kept = text }`,
  }
  const { look, replaced, ...made } = await realmOf({
    ...changes,
    replaced: `{ globalThis.Array = 1 }`,
    look: `[String(new Error('x')), new TypeError().message, new Error('x').stack, typeof Array, JSON.parse('1'), fetch.kept, look.kept, [].map.kept].join()`,
  })
  for (const change of Object.keys(changes)) t.throws(() => made[change]!('', nothing), change)
  // Nothing is thrown there; nothing is changed either.
  replaced!('', nothing)
  t.equal(look!('', nothing), 'Error: x,,Error: x,function,1,,,')
})

t.test('a class of errors of a plug-in may have a name of its own', async (t) => {
  const { mine } = await realmOf({
    mine: `{ class Mine extends TypeError { constructor(said) { super(said); this.name = 'Mine' } } return String(new Mine('said')) }`,
  })
  t.equal(mine!('', nothing), 'Mine: said')
})

t.test('a text without a zone is of Beijing, however it is written, and one that names its zone is of that', async (t) => {
  const { read } = await realmOf({ read: `new Date(text).toISOString()` })
  const zone = process.env['TZ']
  t.teardown(() => (zone === undefined ? Reflect.deleteProperty(process.env, 'TZ') : Object.assign(process.env, { TZ: zone })))
  for (const TZ of ['America/New_York', 'Asia/Shanghai']) {
    Object.assign(process.env, { TZ })
    for (const [text, at] of [
      ['2026-03-02', '2026-03-02T00:00:00.000Z'],
      ['2026-03-02 ', '2026-03-01T16:00:00.000Z'],
      [' 2026-03-02', '2026-03-01T16:00:00.000Z'],
      ['202603', '+202602-12-31T16:00:00.000Z'],
      ['2026-03-02 09:00 UT', '2026-03-02T09:00:00.000Z'],
      ['2026-03-02 09:00 UTC', '2026-03-02T09:00:00.000Z'],
      ['2026-03-02 09:00:00 GMT+9', '2026-03-02T00:00:00.000Z'],
      ['2026-03-02 09:00:00+09', '2026-03-02T00:00:00.000Z'],
      ['2 Mar 2026', '2026-03-01T16:00:00.000Z'],
    ] as const)
      t.equal(read!(text, nothing), at, `${text} in ${TZ}`)
  }
})

t.test('what a plug-in writes for people follows no language of the machine', async (t) => {
  const { made } = await realmOf({
    made: `[
      (1234567.5).toLocaleString(), (5n).toLocaleString([]), 'ä'.localeCompare('z', undefined, {}), ['b', 'a'].toLocaleString(), 'i'.toLocaleUpperCase(),
      ...[undefined, [], 'xx'].map((locales) => new Intl.NumberFormat(locales).resolvedOptions().locale),
      Intl.Collator().resolvedOptions().locale, new (new Intl.PluralRules('en').constructor)().resolvedOptions().locale,
      new Intl.NumberFormat('de').format(1.5), new Date(0).toLocaleString(undefined, { timeZone: undefined }),
    ].join('|')`,
  })
  t.equal(made!('', nothing), '1,234,567.5|5|-1|b,a|I|zh-CN|zh-CN|zh-CN|zh-CN|zh|1,5|1970/1/1 08:00:00')
})
