/** The reference of the mapping language, from the definitions that the compiler uses. Every example is run as a test. */
import { caseKeySchema } from '../canonical/message.ts'
import type { Text } from '../errors.ts'
import type { Construct, Example, Result, Said } from '../mapping/language/construct.ts'
import { caseExamples } from '../mapping/language/events.ts'
import { exampleMapping, exampleRecord } from '../mapping/language/example.ts'
import { language } from '../mapping/language/index.ts'

const fenced = (kind: string, text: string): string => `\`\`\`${kind}\n${text.trimEnd()}\n\`\`\``

const both = ({ zh, en }: Text): string => `${zh} / ${en}`

const saidOf = (said: Said): string =>
  Object.entries(said)
    .map(([pointer, value]) =>
      value === null ? `\`${pointer}\` 没有 / absent` : `\`${pointer}\` = \`${JSON.stringify(value)}\``,
    )
    .join('<br>')

const resultOf = (result: Result): string => {
  if ('message' in result) return saidOf(result.message)
  if ('messages' in result) return result.messages.map((said, index) => `${index + 1}. ${saidOf(said)}`).join('<br>')
  if ('ignored' in result) return `忽略 ignored: ${result.ignored}`
  if ('refused' in result) return `lint 不通过 / refused by lint: [\`${result.refused}\`](errors.md)`
  if ('warned' in result) return `lint 提醒 / lint warns: [\`${result.warned}\`](errors.md)`
  const at = result.field === undefined ? '' : ` \`${result.field}\``
  return `隔离 quarantined: [\`${result.quarantined}\`](errors.md)${at}`
}

const recordOf = ({ record, stream, key, corrections = [] }: Example): string[] => {
  const names = [stream === undefined ? '' : `$stream ${stream}`, key === undefined ? '' : `$key ${key}`].filter(Boolean)
  return [
    ...(names.length === 0 ? [] : [`\`${names.join(', ')}\``]),
    ...(record === undefined || (typeof record === 'object' && Object.keys(record).length === 0)
      ? []
      : [fenced(typeof record === 'string' ? 'xml' : 'json', typeof record === 'string' ? record : JSON.stringify(record))]),
    ...corrections.map(
      ({ pointer, value, by, reason }) => `更正 / corrected: \`${pointer}\` = ${JSON.stringify(value)}，${by}，${reason}`,
    ),
  ]
}

const exampleText = (example: Example): string => {
  const { about, mapping, content, files = {}, result } = example
  const written = [mapping, content === undefined ? undefined : `# content:\n${content}`].filter((part) => part !== undefined)
  return [
    ...(about ? [`*${both(about)}*`] : []),
    ...(written.length === 0 ? [] : [fenced('yaml', written.join('\n'))]),
    ...Object.entries(files).map(([name, text]) => fenced(name.split('.').at(-1)!, text)),
    ...recordOf(example),
    `→ ${resultOf(result)}`,
  ].join('\n\n')
}

const constructText = (word: string, { meaning, examples }: Construct): string[] => [
  `### \`${word}\``,
  meaning.zh,
  meaning.en,
  ...examples.map(exampleText),
]

const caseSection = (): string[] => [
  '## 办件 case / case',
  [
    '| 字段 Field | 必填 Required | 说明 Meaning |',
    '|---|---|---|',
    ...Object.entries(caseKeySchema.properties).map(
      ([name, schema]) =>
        `| \`${name}\` | ${(caseKeySchema.required as string[] | undefined)?.includes(name) ? '✓' : ''} | ${String(schema.description ?? '').replace(/\|/g, '\\|')} |`,
    ),
  ].join('\n'),
  ...caseExamples.map(exampleText),
]

export const mappingPage = (): string[] => [
  '# 映射语言 / The mapping language',
  '编译器所识的每个写法，及其例子；每个例子都作为测试运行。怎样用见[映射语言指南](../mapping.md)。',
  'Every construct that the compiler knows, with examples that are run as tests. How to use them is told in [the guide](../mapping.md).',
  '例子里没有写的部分如下；`# content:` 之后是写在 `content` 之下的字段。 / What an example leaves out is as follows; after `# content:` come fields of `content`.',
  fenced('yaml', exampleMapping()),
  fenced('json', exampleRecord()),
  ...language.flatMap(({ title, families }, index) => [
    ...(index === 1 ? caseSection() : []),
    `## ${both(title)}`,
    ...families.flatMap((family) => Object.entries(family).flatMap(([word, construct]) => constructText(word, construct))),
  ]),
]
