import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t, { type Test } from 'tap'
import { caseKeySchema } from '../core/canonical/message.ts'
import type { CorrectedRecord } from '../core/correction.ts'
import { type GatewayError, toGatewayError } from '../core/errors.ts'
import { judgeDraft } from '../core/judge-draft.ts'
import { compileMapping } from '../core/mapping/compile.ts'
import type { Construct, Example, Said } from '../core/mapping/language/construct.ts'
import { caseExamples } from '../core/mapping/language/events.ts'
import { exampleMapping, exampleRecord } from '../core/mapping/language/example.ts'
import { language } from '../core/mapping/language/index.ts'
import { listMappings, loadMapping } from '../core/mapping/load.ts'
import type { Mapping } from '../core/mapping/mapping.ts'
import { packageRoot } from '../core/package-root.ts'
import { readRecord } from '../core/read-record.ts'
import { parseYaml } from '../core/yaml.ts'
import { writeFiles } from './contract/department-database.ts'
import { temporaryFolder } from './temporary.ts'

const languageFolder = join(packageRoot, 'core/mapping/language')

const valueAt = (message: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce((node: unknown, name) => (node as Record<string, unknown> | undefined)?.[name], message)

const recordOf = (example: Example): CorrectedRecord => ({
  stream: example.stream ?? 'SQ',
  key: example.key ?? 'A-1',
  body: exampleRecord(example),
  contentType: typeof example.record === 'string' ? 'application/xml' : 'application/json',
  ...(example.corrections ? { corrections: example.corrections } : {}),
})

/** What comes of a record, with the messages whole. */
const outcomeOf = async (mapping: Mapping, record: CorrectedRecord) => {
  const translation = mapping.isolated
    ? (await mapping.isolated.translate([record]))[0]!
    : mapping.translate({ ...record, tree: readRecord(record) })
  if (translation.outcome === 'ignored') return { ignored: translation.reason }
  try {
    if (translation.outcome === 'failed') throw translation.error
    return { messages: translation.drafts.map((draft, index) => judgeDraft(draft, translation.origins[index]!, mapping).flagged) }
  } catch (thrown) {
    const { code, values } = toGatewayError(thrown)
    return { quarantined: code, field: values['field'] }
  }
}

const saidIn = (message: unknown, said: Said) =>
  Object.fromEntries(Object.keys(said).map((pointer) => [pointer, valueAt(message, pointer) ?? null]))

/** With a plug-in as the gateway loads it, in a thread of its own; else compiled here, which takes no thread. */
const compile = async (t: Test, example: Example): Promise<{ mapping: Mapping | undefined; problems: GatewayError[] }> => {
  const [text, files] = [exampleMapping(example), example.files ?? {}]
  if (!('own.ts' in files)) {
    const problems: GatewayError[] = []
    return { mapping: compileMapping('dept/one', 'v1', parseYaml('dept/one.yaml', text), { ...files }, {}, problems), problems }
  }
  const folder = temporaryFolder(t)
  const own = Object.entries(files).map(([name, body]) => [`dept/${name}`, body])
  writeFiles(folder, { 'dept/one.yaml': text, ...Object.fromEntries(own) })
  return loadMapping(folder, 'dept/one')
}

const check = async (t: Test, example: Example): Promise<void> => {
  const { result } = example
  const { mapping, problems } = await compile(t, example)
  if ('refused' in result) {
    t.match(new Set(problems.map(({ code }) => code)), new Set([result.refused]))
    return
  }
  t.same(
    problems.map(({ message }) => message),
    [],
  )
  if (!mapping) return
  if ('warned' in result) {
    t.match(new Set(mapping.warnings.map(({ code }) => code)), new Set([result.warned]))
    return
  }
  const found = await outcomeOf(mapping, recordOf(example))
  await mapping.isolated?.close()
  if (!('message' in result || 'messages' in result)) {
    t.match(found, result)
    return
  }
  const expected = 'message' in result ? [result.message] : result.messages
  if (found.messages === undefined) {
    t.same(found, result)
    return
  }
  t.equal(found.messages.length, expected.length)
  t.same(
    expected.map((said, index) => saidIn(found.messages[index], said)),
    expected,
  )
}

const constructs = language.flatMap(({ title, families }) =>
  families.flatMap((family) =>
    Object.entries(family).map(([word, construct]) => ({ name: `${title.en}: ${word}`, word, construct })),
  ),
)

t.test('every example does what the reference says', async (t) => {
  for (const { name, construct } of constructs)
    await t.test(name, async (t) => {
      t.ok(construct.examples.length > 0, 'it has an example')
      for (const example of construct.examples) await check(t, example)
    })
  await t.test('case', async (t) => {
    for (const example of caseExamples) await check(t, example)
  })
})

/** Told of by messages, or forms without a word of their own. */
const notWritten = /^(Provenance|Flags|Paths|Expressions|Objects|Code tables|Formats of dates):/

t.test('an example of a key writes that key, and one of the case every field that it may have', (t) => {
  const textOf = ({ mapping = '', content = '' }: Example) => `${mapping}\n${content}\n${exampleMapping({ mapping, content })}`
  for (const { name, word, construct } of constructs) {
    if (notWritten.test(name) || construct.examples.some((example) => new RegExp(`\\b${word}\\b`).test(textOf(example)))) continue
    t.fail(name)
  }
  for (const field of Object.keys(caseKeySchema.properties)) t.match(textOf(caseExamples[0]!), `${field}:`)
  t.end()
})

t.test('whatever is defined is in the reference', async (t) => {
  const told = new Set<unknown>(language.flatMap(({ families }) => families))
  for (const file of readdirSync(languageFolder)) {
    const defined = (await import(join(languageFolder, file))) as Record<string, unknown>
    for (const [name, value] of Object.entries(defined)) {
      const isFamily =
        typeof value === 'object' && value !== null && Object.values(value).some((one) => (one as Construct)?.examples)
      if (isFamily) t.ok(told.has(value), `${file}: ${name}`)
    }
  }
})

t.test('the compiler allows no key that is written beside the definitions', (t) => {
  const folder = join(packageRoot, 'core/mapping')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && file !== 'samples.ts',
  )
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8')
    t.notMatch(text, /(checkKeys|oneOf)\([^;]*, \['[^\]]*'\](, '\w+')?\)\n/, file)
  }
  t.end()
})

t.test('the schema for editors takes what compiles, and marks a misspelt word', async (t) => {
  const ajv = new Ajv2020({ strict: false })
  const isTaken = ajv.compile(JSON.parse(readFileSync(join(packageRoot, 'docs/config/mapping.schema.json'), 'utf8')))
  const taken = (text: string) => isTaken(parseYaml('one.yaml', text).value)
  for (const name of listMappings(join(packageRoot, 'mappings')))
    t.ok(taken(readFileSync(join(packageRoot, 'mappings', `${name}.yaml`), 'utf8')), `${name} ${JSON.stringify(isTaken.errors)}`)
  const examples = language.flatMap(({ families }) =>
    families.flatMap((family) => Object.values(family).flatMap((construct) => construct.examples)),
  )
  for (const example of [...examples, ...caseExamples]) {
    const text = exampleMapping(example)
    if (!('refused' in example.result)) t.ok(taken(text), `${text} ${JSON.stringify(isTaken.errors)}`)
    else if (example.result.refused === 'CONFIG_KEY_UNKNOWN') t.notOk(taken(text), text)
  }
})
