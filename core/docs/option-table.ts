import type { TSchema } from '@sinclair/typebox'

interface OptionRow {
  path: string
  type: string
  byDefault: string
  description: string
}

const typeOf = (schema: TSchema): string => {
  if (schema['secret'] === true) return '密钥 secret'
  if (schema['const'] !== undefined) return `\`${String(schema['const'])}\``
  const options = schema['anyOf'] as TSchema[] | undefined
  if (options) return [...new Set(options.map(typeOf))].join(' \\| ')
  if (schema['enum']) return (schema['enum'] as unknown[]).map((value) => `\`${String(value)}\``).join(' \\| ')
  if (schema['type'] === 'array') return `[${typeOf((schema['items'] ?? {}) as TSchema)}]`
  return String(schema['type'] ?? '任意 any')
}

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ')

/** Of an object whose names are the user's own. */
const byAnyName = (schema: TSchema): TSchema =>
  Object.values(schema['patternProperties'] as Record<string, TSchema>)[0] ?? ({} as TSchema)

const objectsIn = (schema: TSchema): TSchema[] => {
  if (schema['properties']) return [schema]
  if (schema['patternProperties']) return [{ ...schema, properties: { '<名称 name>': byAnyName(schema) } }]
  if (schema['items']) return objectsIn(schema['items'] as TSchema)
  return ((schema['anyOf'] as TSchema[] | undefined) ?? []).flatMap(objectsIn)
}

const rowsOf = (schema: TSchema, prefix: string): OptionRow[] => {
  const required = new Set((schema['required'] as string[] | undefined) ?? [])
  return Object.entries((schema['properties'] ?? {}) as Record<string, TSchema>).flatMap(([name, property]) => {
    const path = `${prefix}${name}`
    const inner = objectsIn(property).flatMap((object) => rowsOf(object, `${path}${property['type'] === 'array' ? '[]' : ''}.`))
    const byDefault = property['default']
    const isPlain = byDefault !== undefined && !(typeof byDefault === 'object' && inner.length > 0)
    const own: OptionRow = {
      path,
      type: typeOf(property),
      byDefault: isPlain
        ? `\`${JSON.stringify(byDefault)}\``
        : required.has(name) && byDefault === undefined
          ? '必填 required'
          : '',
      description: String(property['description'] ?? property['title'] ?? ''),
    }
    return [own, ...inner]
  })
}

/** A Markdown table of every option of a schema, nested ones with their path. Titles and descriptions come from the schema itself. */
export const optionTable = (schema: TSchema): string => {
  const seen = new Set<string>()
  const rows = rowsOf(schema, '').filter(({ path }) => !seen.has(path) && seen.add(path))
  return [
    '| 选项 Option | 类型 Type | 默认 Default | 说明 Description |',
    '|---|---|---|---|',
    ...rows.map(
      ({ path, type, byDefault, description }) =>
        `| \`${path}\` | ${type.replace(/(?<!\\)\|/g, '\\|')} | ${cell(byDefault)} | ${cell(description)} |`,
    ),
  ].join('\n')
}
