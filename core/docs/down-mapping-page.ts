/** The reference of mappings of the way down, from the definitions that the compiler uses. Every example is run as a test. */
import type { Text } from '../errors.ts'
import { downExample, downExampleMapping } from '../mapping/down/example.ts'
import { type DownExample, type DownResult, downLanguage } from '../mapping/down/language.ts'

const fenced = (kind: string, text: string): string => `\`\`\`${kind}\n${text.trimEnd()}\n\`\`\``
const both = ({ zh, en }: Text): string => `${zh} / ${en}`

const resultOf = (result: DownResult): string => {
  if ('ignored' in result) return `忽略 ignored: ${result.ignored}`
  if ('refused' in result) return `lint 不通过 / refused by lint: [\`${result.refused}\`](errors.md)`
  if ('quarantined' in result) return `等人处理 waits for a person: [\`${result.quarantined}\`](errors.md)`
  return result.operations.map(({ write, values }) => `\`${write}\` \`${JSON.stringify(values)}\``).join('<br>')
}

const exampleText = (example: DownExample): string =>
  [
    ...(example.about ? [`*${both(example.about)}*`] : []),
    fenced('yaml', downExampleMapping(example)),
    ...(example.content ? [`\`content\`: \`${JSON.stringify(example.content)}\``] : []),
    `→ ${resultOf(example.result)}`,
  ].join('\n\n')

export const downMappingPage = (): string[] => [
  '# 下行映射 / Mappings of the way down',
  '平台的消息怎样变成对本系统的写入。文件在 `mappings/<部门>/down/`；代码表的文件名从部门文件夹算起，与上行共用。每个例子都作为测试运行。',
  'How messages of the platform become writes to the system. Files are in `mappings/<department>/down/`; files of code tables are named as seen from the department’s folder, and shared with the way up. Every example is run as a test.',
  '`qianzhi test` 按 `down/samples/<映射>/` 下的样例检查，见[下行](../write-back.md)。 / `qianzhi test` checks a mapping against its samples in `down/samples/<mapping>/`.',
  '路径从消息的 `data` 起（`case/…`、`content/…`、`stage/…`），另有 `type`。例子所用的消息： / Paths begin at the `data` of the message, with `type` beside it. The message of the examples:',
  fenced('json', JSON.stringify(downExample({}), null, 2)),
  ...downLanguage.flatMap(({ title, family }) => [
    `## ${both(title)}`,
    ...Object.entries(family).flatMap(([word, { meaning, examples }]) => [
      `### \`${word}\``,
      meaning.zh,
      meaning.en,
      ...examples.map(exampleText),
    ]),
  ]),
]
