/** The `schema:` of a mapping: what its XML records hold, by an XML Schema or a WSDL in the department's folder. */
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { decodeText } from '../codec/charset.ts'
import { elementPath } from '../codec/xml.ts'
import { readSchemas, referencesIn, SchemaFault, type SchemaFile } from '../codec/xsd.ts'
import { GatewayError, type Text } from '../errors.ts'
import type { StreamFields } from '../probe.ts'
import { systemReason } from '../system-reason.ts'
import type { YamlFile, YamlPath } from '../yaml.ts'
import { isOwnFile } from './codes/declared-tables.ts'
import { comparePaths, findUnknownStreams, type PathFindings } from './compare-paths.ts'
import { checkKeys, isMapping } from './compile-context.ts'
import { wordsOf } from './language/construct.ts'
import { schemaParts } from './language/top.ts'
import type { Mapping } from './mapping.ts'

const entriesOf = (schema: unknown): unknown[] => (Array.isArray(schema) ? schema : [schema])

/** The files that a mapping's `schema:` names; not yet those that they include. */
export const schemaFilesOf = (schema: unknown): string[] =>
  entriesOf(schema).flatMap((entry) =>
    isMapping(entry) && typeof entry['file'] === 'string' ? [posix.normalize(entry['file'])] : [],
  )

/** The text of a schema file, by its own declaration of the charset; undefined when there is no such file. Throws CONFIG_UNREADABLE. */
export const readSchemaText = (path: string, shownAs: string): string | undefined => {
  if (!existsSync(path)) return undefined
  try {
    return decodeText(readFileSync(path))
  } catch (cause) {
    const reason = cause instanceof GatewayError ? cause.text : systemReason(cause)
    throw GatewayError.of('CONFIG_UNREADABLE', { file: shownAs, reason }, { cause })
  }
}

/** A schema file and all that it includes or imports. `missing`: what `textOf` does not have. */
export const gatherSchemas = (
  first: string,
  textOf: (file: string) => string | undefined,
): { files: SchemaFile[]; missing: string[] } => {
  const files = new Map<string, SchemaFile>()
  const missing: string[] = []
  const wanted = [first]
  for (let file = wanted.pop(); file !== undefined; file = wanted.pop()) {
    if (files.has(file) || missing.includes(file)) continue
    const text = isOwnFile(file) && !/^[a-z]+:/i.test(file) ? textOf(file) : undefined
    if (text === undefined) {
      missing.push(file)
      continue
    }
    const folder = posix.dirname(file)
    const references = referencesIn({ file, text }).map(({ location, kind }) => ({
      kind,
      file: /^[a-z]+:/i.test(location) ? location : posix.join(folder, location),
    }))
    const includes = references.filter(({ kind }) => kind === 'include').map((reference) => reference.file)
    files.set(file, { file, text, includes })
    wanted.push(...references.map((reference) => reference.file))
  }
  return { files: [...files.values()], missing }
}

/** What the schemas say of the records of each stream. `files` are the mapping's own files by name. */
export const recordSchemasOf = (
  yaml: YamlFile,
  schema: unknown,
  files: Readonly<Record<string, string>>,
  problems: GatewayError[],
): StreamFields[] => {
  if (schema === undefined || schema === null) return []
  const textOf = (file: string) => (Object.hasOwn(files, file) ? files[file] : undefined)
  return entriesOf(schema).flatMap((entry, index): StreamFields[] => {
    const path: YamlPath = Array.isArray(schema) ? ['schema', index] : ['schema']
    const refuse = (reason: Text, at: YamlPath = path): [] => {
      problems.push(GatewayError.of('MAPPING_INVALID', { at: yaml.at(at), reason }))
      return []
    }
    if (!isMapping(entry))
      return refuse({ zh: 'schema 须写成 { file: …, records: … }', en: 'schema is written { file: …, records: … }' })
    checkKeys({ yaml, problems }, entry, path, wordsOf(schemaParts))
    const { file, records, stream } = entry
    if (typeof file !== 'string' || typeof records !== 'string' || !new RegExp(elementPath).test(records))
      return refuse({
        zh: 'schema 须写 file（模式文件）与 records（从顶层元素到记录的路径，如 Records/Record）',
        en: 'schema needs file, and records: the path from the outermost element to a record, such as Records/Record',
      })
    try {
      const gathered = gatherSchemas(posix.normalize(file), textOf)
      if (gathered.missing.length > 0) {
        const shown = gathered.missing.join(', ')
        return refuse(
          {
            zh: `本部门文件夹里没有模式文件 ${shown}：请一并存入，并把 schemaLocation 改为文件名`,
            en: `the department's folder has no schema file ${shown}: save it there, and let schemaLocation name the file`,
          },
          [...path, 'file'],
        )
      }
      const { fieldsAt } = readSchemas(gathered.files)
      const steps = records.split('/')
      const [name, above] = [steps.at(-1)!, steps.slice(0, -1)]
      if (name === '*') {
        const elements = (fieldsAt(above) ?? []).filter((one) => !one.name.startsWith('@'))
        if (elements.length === 0)
          return refuse({
            zh: `模式没有说 ${records} 处有哪些元素`,
            en: `the schema does not say which elements there are at ${records}`,
          })
        return elements.map((one) => ({ stream: typeof stream === 'string' ? stream : one.name, fields: one.fields }))
      }
      return [{ stream: typeof stream === 'string' ? stream : name, fields: fieldsAt(steps) }]
    } catch (thrown) {
      if (thrown instanceof SchemaFault) return refuse(thrown.reason, [...path, 'file'])
      throw thrown
    }
  })
}

/** The paths of a mapping by the schemas of its records. What is wrong inside a schema is found where a path leads to it. */
export const compareWithSchemas = (
  mapping: Pick<Mapping, 'name' | 'paths'>,
  schemas: readonly StreamFields[],
  at: string,
): PathFindings => {
  try {
    const { problems, warnings } = comparePaths(mapping, schemas)
    return { problems: [...findUnknownStreams(mapping, schemas), ...problems], warnings }
  } catch (thrown) {
    if (!(thrown instanceof SchemaFault)) throw thrown
    return { problems: [GatewayError.of('MAPPING_INVALID', { at, reason: thrown.reason })], warnings: [] }
  }
}
