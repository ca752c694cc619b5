import type { TSchema } from '@sinclair/typebox'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { bucketOptions } from '../attachments/bucket-options.ts'
import {
  asyncApi,
  controls,
  definitionOf,
  eventTypes,
  fieldsOf,
  invariants,
  schemaOf,
  schemaPathOf,
  vocabularyTable,
} from '../canonical/index.ts'
import { gatewaySchema, systemSchema } from '../config/schema.ts'
import type { Adapter, SinkDefinition } from '../contract.ts'
import { catalogue } from '../errors.ts'
import { transportKinds } from '../transport/kinds.ts'
import { charactersPage } from './characters-page.ts'
import { downMappingPage } from './down-mapping-page.ts'
import { mappingPage } from './mapping-page.ts'
import { mappingSchema } from './mapping-schema.ts'
import { optionTable } from './option-table.ts'

const generated = '<!-- 由 `qianzhi docs` 生成，请勿手改。 / Written by `qianzhi docs`; do not edit. -->'

const page = (...parts: string[]): string => `${[generated, ...parts].join('\n\n')}\n`

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** A secret is shown as it is to be written: where it is, never itself. */
const withoutSecrets = (schema: TSchema, value: unknown): unknown => {
  if (schema.secret === true) return { env: 'MY_SECRET' }
  if (Array.isArray(value)) return value.map((entry) => withoutSecrets(schema.items ?? {}, entry))
  if (typeof value !== 'object' || value === null) return value
  const branches = [schema, ...((schema.anyOf as TSchema[] | undefined) ?? [])]
  const properties: Record<string, TSchema> = Object.assign({}, ...branches.map((branch) => branch.properties))
  const [any] = branches.flatMap((branch) => Object.values((branch.patternProperties ?? {}) as Record<string, TSchema>))
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, withoutSecrets(properties[name] ?? any ?? ({} as TSchema), entry)]),
  )
}

const sinkSection = (kind: string, { options, examples }: SinkDefinition): string[] => [
  `### ${kind}: 写入 deliver.options / writing`,
  optionTable(options),
  ...examples.flatMap((example) => [
    `${example.title.zh} / ${example.title.en}`,
    `\`\`\`yaml\n${stringify({ deliver: { options: withoutSecrets(options, example.options) } }).trimEnd()}\n\`\`\``,
  ]),
]

const adaptersPage = (adapters: Adapter[]): string =>
  page(
    '# 适配器 / Adapters',
    '每个适配器是 `adapters/` 下的一个文件夹；选项写在 `config/adapters/<系统>.yaml` 的 `options` 下。',
    'Each adapter is a folder of `adapters/`; its options go under `options` in `config/adapters/<system>.yaml`.',
    ...adapters.flatMap((adapter) => [
      `## ${adapter.kind}`,
      adapter.summary.zh,
      adapter.summary.en,
      optionTable(adapter.options),
      ...adapter.examples.flatMap(({ title, options }) => [
        `${title.zh} / ${title.en}`,
        `\`\`\`yaml\n${stringify({ adapter: adapter.kind, options: withoutSecrets(adapter.options, options) }).trimEnd()}\n\`\`\``,
      ]),
      ...(adapter.sink ? sinkSection(adapter.kind, adapter.sink) : []),
    ]),
  )

const configurationPage = (): string =>
  page(
    '# 配置 / Configuration',
    '密钥不写在配置里，写成 `{env: 变量名}` 或 `{file: 文件}`。`qianzhi lint` 一次列出所有错误。',
    'A secret is never written in configuration, but as `{env: NAME}` or `{file: path}`. `qianzhi lint` lists every mistake at once.',
    '## config/gateway.yaml',
    optionTable(gatewaySchema),
    ...Object.entries(transportKinds).flatMap(([kind, { options }]) => [`### transport: kind: ${kind}`, optionTable(options)]),
    '### bucket',
    optionTable(bucketOptions),
    '## config/adapters/&lt;system&gt;.yaml',
    optionTable(systemSchema),
  )

const errorsPage = (): string =>
  page(
    '# 错误代码 / Error codes',
    '`later`：情况变化后会自行重试成功；`never`：须有人处理。 / `later`: may succeed by itself; `never`: a person must act.',
    [
      '| 代码 Code | 含义 Meaning | 下一步 Next step | 重试 Retry |',
      '|---|---|---|---|',
      ...Object.entries(catalogue).map(
        ([code, { title, hint, retry }]) => `| \`${code}\` | ${title.zh}<br>${title.en} | ${hint.zh}<br>${hint.en} | ${retry} |`,
      ),
    ].join('\n'),
  )

const messagesPage = (): string =>
  page(
    '# 消息 / Messages',
    '规范见 `docs/schemas/`，传输见 `docs/asyncapi.json`。 / Schemas are in `docs/schemas/`, the transport in `docs/asyncapi.json`.',
    ...eventTypes.flatMap((type) => {
      const { title, description } = definitionOf(type)
      const rows = fieldsOf(type).map(({ path, schema, required }) => {
        const marks = [
          schema.legalFact ? '法律事实 legal fact' : '',
          schema.personal ? `个人信息 personal: ${schema.personal}` : '',
          schema.codeList ? `\`${schema.codeList}\`` : '',
        ]
        return `| \`${path}\` | ${required ? '✓' : ''} | ${String(schema['description'] ?? '').replace(/\|/g, '\\|')} | ${marks.filter(Boolean).join('; ')} |`
      })
      return [
        `## ${type}`,
        `${title.zh}：${description.zh}`,
        `${title.en}: ${description.en}`,
        ['| 字段 Field | 必填 Required | 说明 Description | 标记 Marks |', '|---|---|---|---|', ...rows].join('\n'),
      ]
    }),
    '# 业务规则 / Rules',
    [
      '| 规则 Rule | 处理 Severity | 含义 Meaning |',
      '|---|---|---|',
      ...invariants.map(({ name, severity, title }) => `| \`${name}\` | ${severity} | ${title.zh}<br>${title.en} |`),
    ].join('\n'),
    '# 代码表 / Code lists',
    ...vocabularyTable().flatMap(({ list, title, values }) => [
      `## ${list}`,
      `${title.zh} / ${title.en}`,
      [
        '| 代码 Code | 中文 | English |',
        '|---|---|---|',
        ...values.map(({ code, text }) => `| \`${code}\` | ${text.zh} | ${text.en} |`),
      ].join('\n'),
    ]),
  )

/** Help as the terminal shows it, one section per command. */
const commandsPage = (program: Command): string => {
  const help = (command: Command): string => {
    let text = ''
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 120 })
    command.outputHelp()
    return text.trimEnd()
  }
  const all = program.commands.flatMap((command) => [command, ...command.commands])
  return page(
    '# 命令 / Commands',
    '在检出的目录里：`npm run --silent qianzhi -- <命令>`。 / In a checkout: `npm run --silent qianzhi -- <command>`.',
    ...all.map((command) => {
      const name = command.parent === program ? command.name() : `${command.parent!.name()} ${command.name()}`
      return `## qianzhi ${name}\n\n\`\`\`text\n${help(command)}\n\`\`\``
    }),
  )
}

/** For editors: one schema per file kind; the options of a system depend on its adapter. */
const systemFileSchema = (adapters: Adapter[]) => ({
  ...systemSchema,
  dependentRequired: { options: ['mapping'], mapping: ['options'] },
  anyOf: [{ required: ['options', 'mapping'] }, { required: ['deliver'] }],
  allOf: adapters.map(({ kind, options, sink }) => ({
    if: { properties: { adapter: { const: kind } }, required: ['adapter'] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: { properties: { options, ...(sink ? { deliver: { properties: { options: sink.options } } } : {}) } },
  })),
})

const gatewayFileSchema = () => ({
  ...gatewaySchema,
  properties: {
    ...gatewaySchema.properties,
    bucket: bucketOptions,
    transport: {
      anyOf: Object.entries(transportKinds).map(([kind, { options }]) => ({
        ...options,
        properties: { kind: { const: kind }, ...options.properties },
        required: ['kind', ...(options.required ?? [])],
      })),
    },
  },
})

/** A secret may be given as where it is; and what has a default need not be written. */
const forEditors = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(forEditors)
  if (typeof schema !== 'object' || schema === null) return schema
  const node = schema as Record<string, unknown>
  if (node['secret'] === true) {
    const place = (name: string) => ({
      type: 'object',
      properties: { [name]: { type: 'string' } },
      required: [name],
      additionalProperties: false,
    })
    return { title: node['title'], description: node['description'], anyOf: [place('env'), place('file')] }
  }
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, forEditors(value)]))
  const properties = node['properties'] as Record<string, Record<string, unknown>> | undefined
  if (properties && Array.isArray(node['required'])) {
    copy['required'] = (node['required'] as string[]).filter((name) => properties[name]?.['default'] === undefined)
  }
  return copy
}

const dialect = 'https://json-schema.org/draft/2020-12/schema'

/** Every generated file by its path under `docs/`. */
export const generatedDocs = (adapters: Adapter[], program: Command): Map<string, string> =>
  new Map([
    ...eventTypes.map((type): [string, string] => [schemaPathOf(type), json({ $schema: dialect, ...schemaOf(type) })]),
    ...controls.map(({ type, schema }): [string, string] => [`schemas/${type}.json`, json(schema)]),
    ['asyncapi.json', json(asyncApi())],
    ['config/gateway.schema.json', json({ $schema: dialect, ...(forEditors(gatewayFileSchema()) as object) })],
    ['config/system.schema.json', json({ $schema: dialect, ...(forEditors(systemFileSchema(adapters)) as object) })],
    ['config/mapping.schema.json', json(mappingSchema())],
    ['reference/adapters.md', adaptersPage(adapters)],
    ['reference/configuration.md', configurationPage()],
    ['reference/characters.md', page(...charactersPage())],
    ['reference/mapping.md', page(...mappingPage())],
    ['reference/down-mapping.md', page(...downMappingPage())],
    ['reference/errors.md', errorsPage()],
    ['reference/messages.md', messagesPage()],
    ['reference/commands.md', commandsPage(program)],
  ])
