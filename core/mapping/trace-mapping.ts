import { GatewayError, type Text } from '../errors.ts'
import { compileFiles, type MappingFiles } from './compile-files.ts'
import { versionOf } from './load.ts'
import type { Mapping } from './mapping.ts'
import type { OwnCode } from './own-code.ts'
import { createTracer, type Tracer } from './trace.ts'

export interface TracedMapping {
  mapping: Mapping
  trace: Tracer
}

/**
 * Compiles the files of a mapping version again, for tracing; plug-ins from their bundle. Throws MAPPING_VERSION_UNKNOWN when they are not
 * the files of that version, or when the program of now finds mistakes in them. `shown` is how the mappings' folder is named to people.
 */
export const traceMapping = async (
  given: MappingFiles,
  { shown = 'mappings', own }: { shown?: string; own?: OwnCode } = {},
): Promise<TracedMapping> => {
  const { name, version, files } = given
  const unusable = (reason: string | Text, cause?: unknown) =>
    GatewayError.of('MAPPING_VERSION_UNKNOWN', { mapping: name, version, reason }, { cause })
  if (versionOf(files) !== version)
    throw unusable({ zh: '留存的文件与版本号不符', en: 'the files that were kept are not those of this version' })
  const problems: GatewayError[] = []
  const trace = createTracer()
  const mapping = await compileFiles(given, problems, own ? { trace, own } : { trace }, shown)
  if (problems.length > 0) throw unusable(problems[0]!.text, problems[0])
  return { mapping, trace }
}
