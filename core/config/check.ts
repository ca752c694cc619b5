import type { TSchema } from '@sinclair/typebox'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { typeReason } from '../canonical/index.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, type Text } from '../errors.ts'
import { pointerToPath } from '../json-pointer.ts'
import type { YamlFile, YamlPath } from '../yaml.ts'

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: true, strictTypes: false, verbose: true, discriminator: false })
formats.default(ajv)
ajv.addKeyword({ keyword: 'secret', schemaType: 'boolean' })
// What fields of messages say of themselves: a file may hold them, too.
ajv.addVocabulary(['personal', 'identifier', 'codeList', 'legalFact', 'matchKey'])

const compiled = new WeakMap<TSchema, ValidateFunction>()

const validatorOf = (schema: TSchema): ValidateFunction => {
  const known = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, known)
  return known
}

const shown = (value: unknown): string => {
  // Credentials in an address are a secret, also where none may stand.
  const text = (JSON.stringify(value) ?? String(value)).replace(/:\/\/[^@/\s"]*@/g, '://***@')
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const expectations: Record<string, (params: Record<string, unknown>, schema: Record<string, unknown>) => Text> = {
  type: ({ type }) => typeReason(type),
  enum: ({ allowedValues }) => ({
    zh: `应为 ${(allowedValues as unknown[]).join('、')} 之一`,
    en: `must be one of ${(allowedValues as unknown[]).join(', ')}`,
  }),
  pattern: ({ pattern }, { description }) => {
    if (String(pattern).endsWith('(ms|s|m|h|d)$'))
      return { zh: '写成数字加单位 ms、s、m、h 或 d，如 10s', en: 'write a number and its unit ms, s, m, h or d, such as 10s' }
    const [zh, en] = typeof description === 'string' ? description.split(' / ') : []
    return zh === undefined || en === undefined ? { zh: `须符合 ${pattern}`, en: `must match ${pattern}` } : { zh, en }
  },
  format: ({ format }, { description }) => {
    if (format === 'date') return { zh: '应为日期，如 2025-10-09', en: 'must be a day, as 2025-10-09' }
    const [zh, en] = String(description ?? format).split(' / ')
    return { zh: zh!, en: en ?? zh! }
  },
  minimum: ({ limit }) => ({ zh: `不得小于 ${limit}`, en: `must be at least ${limit}` }),
  maximum: ({ limit }) => ({ zh: `不得大于 ${limit}`, en: `must be at most ${limit}` }),
  minLength: () => ({ zh: '不得为空', en: 'must not be empty' }),
  maxLength: ({ limit }) => ({ zh: `最多 ${limit} 个字符`, en: `must have at most ${limit} characters` }),
  minItems: ({ limit }) => ({ zh: `至少 ${limit} 项`, en: `needs at least ${limit} entries` }),
}

const constants = (schema: { anyOf?: { const?: unknown }[] } | undefined): unknown[] | undefined =>
  schema?.anyOf?.every((option) => option.const !== undefined) ? schema.anyOf.map((option) => option.const) : undefined

const describe = (error: ErrorObject): Text => {
  const choices = error.keyword === 'anyOf' ? constants(error.parentSchema as { anyOf?: { const?: unknown }[] }) : undefined
  if (choices) return { zh: `应为 ${choices.join('、')} 之一`, en: `must be one of ${choices.join(', ')}` }
  const describer = expectations[error.keyword]
  if (describer) return describer(error.params as Record<string, unknown>, (error.parentSchema ?? {}) as Record<string, unknown>)
  const { description } = (error.parentSchema ?? {}) as { description?: string }
  const [zh, en] = (description ?? error.message ?? error.keyword).split(' / ')
  return { zh: zh!, en: en ?? zh! }
}

/** Errors inside the branches of a union say nothing by themselves: the union's own error speaks for them, unless one branch was meant. */
const meaningful = (errors: ErrorObject[]): ErrorObject[] => {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf')
  return errors.filter((error) => {
    if (error.keyword === 'anyOf') return true
    return !unions.some((union) => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`))
  })
}

/** What the schema cannot say of the value at `path`. A secret is never shown. */
export const invalidValue = (yaml: YamlFile, path: YamlPath, expected: Text): GatewayError => {
  const written = yaml.written(path)
  const found = written === undefined ? { zh: '（未填）', en: '(none)' } : shown(written)
  return GatewayError.of('CONFIG_VALUE_INVALID', { at: yaml.at(path), key: path.join('.'), found, expected })
}

const toError = (error: ErrorObject, yaml: YamlFile, base: YamlPath): GatewayError => {
  const path = pointerToPath(error.instancePath, base)
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty'])
    const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {})
    return GatewayError.of('CONFIG_KEY_UNKNOWN', { at: yaml.keyAt([...path, key]), key, suggestion: didYouMean(key, known) })
  }
  if (error.keyword === 'required') {
    return GatewayError.of('CONFIG_KEY_MISSING', { at: yaml.at(path), key: String(error.params['missingProperty']) })
  }
  const isSecret = (error.parentSchema as { secret?: boolean } | undefined)?.secret === true
  return GatewayError.of('CONFIG_VALUE_INVALID', {
    at: yaml.at(path),
    key: path.join('.'),
    // As the file has it: the value itself may hold secrets by now.
    found: isSecret ? '***' : shown(yaml.written(path) ?? error.data),
    expected: describe(error),
  })
}

/** Checks `value` (changed in place: defaults are filled in) and says of every mistake where it stands in the file. */
export const checkAgainst = (schema: TSchema, value: unknown, yaml: YamlFile, base: YamlPath = []): GatewayError[] => {
  const validate = validatorOf(schema)
  if (validate(value)) return []
  return meaningful(validate.errors ?? []).map((error) => toError(error, yaml, base))
}
