import { dirname, relative } from 'node:path'
import { buildSync } from 'esbuild'
import { GatewayError } from '../errors.ts'
import type { PluginFunction } from './compile-context.ts'

const importBundle = async (bundle: string): Promise<Record<string, PluginFunction>> => {
  const loaded: Record<string, unknown> = await import(`data:text/javascript;base64,${Buffer.from(bundle).toString('base64')}`)
  return Object.fromEntries(Object.entries(loaded).filter(([, value]) => typeof value === 'function')) as Record<
    string,
    PluginFunction
  >
}

const invalidPlugin = (at: string, reason: string, cause: unknown) =>
  GatewayError.of('MAPPING_INVALID', { at, reason }, { cause })

/** The functions of a bundle as `loadPlugin` gave it, perhaps long ago. Throws MAPPING_INVALID at `at`. */
export const openBundle = async (bundle: string, at: string): Promise<Record<string, PluginFunction>> => {
  try {
    return await importBundle(bundle)
  } catch (cause) {
    throw invalidPlugin(at, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** Stands for a function of a plug-in where only its name counts. */
const nameOnly: PluginFunction = () => undefined

/**
 * Bundles a department's TypeScript in memory and runs none of it, so that an installed gateway needs no build step and the bundle's text names
 * its version. The functions it gives are names; those that run come of `openBundle`. A plug-in is pure: it may import types from the contract
 * and files of its own folder, nothing else — no package, no Node module. Throws MAPPING_INVALID at `at`.
 */
export const loadPlugin = (path: string, at: string): { functions: Record<string, PluginFunction>; bundle: string } => {
  const invalid = (reason: string, cause?: unknown) => invalidPlugin(at, reason, cause)
  let bundle: string
  let inputs: string[]
  let names: string[]
  const folder = dirname(path)
  try {
    const built = buildSync({
      entryPoints: [path],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      target: 'node20',
      metafile: true,
      logLevel: 'silent',
      absWorkingDir: folder,
    })
    bundle = built.outputFiles[0]!.text
    inputs = Object.keys(built.metafile.inputs)
    names = Object.values(built.metafile.outputs)[0]!.exports
  } catch (cause) {
    const [first] = (cause as { errors?: { text: string; location?: { file: string; line: number } | null }[] }).errors ?? []
    throw invalid(
      first ? `${first.location ? `${first.location.file}:${first.location.line} ` : ''}${first.text}` : (cause as Error).message,
      cause,
    )
  }
  const outside = inputs.find((input) => relative(folder, `${folder}/${input}`).startsWith('..'))
  if (outside) throw invalid(`${outside}: a plug-in may only import from its own folder / 插件只能引用本文件夹内的文件`)
  return { functions: Object.fromEntries(names.map((name) => [name, nameOnly])), bundle }
}
