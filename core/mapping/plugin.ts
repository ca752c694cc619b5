import { existsSync } from 'node:fs'
import { basename, dirname, relative } from 'node:path'
import { types } from 'node:util'
import { buildSync } from 'esbuild'
import { GatewayError, type Text } from '../errors.ts'
import type { PluginFunction } from './compile-context.ts'
import { runBundle } from './plugin-realm.ts'

const invalidPlugin = (at: string, reason: Text, cause?: unknown) => GatewayError.of('MAPPING_INVALID', { at, reason }, { cause })

/** The functions of a bundle as `loadPlugin` gave it, perhaps long ago. Throws MAPPING_INVALID at `at`. */
export const openBundle = async (bundle: string, at: string): Promise<Record<string, PluginFunction>> => {
  try {
    return await runBundle(bundle)
  } catch (cause) {
    const said = types.isNativeError(cause) ? cause.message : String(cause)
    throw invalidPlugin(at, { zh: `插件在载入时出错“${said}”`, en: `the plug-in fails while it is loaded: ${said}` }, cause)
  }
}

/** What the bundler says of a mistake; `file` as seen from the plug-in's folder. */
interface Said {
  text: string
  location?: { file: string; line: number; column: number } | null
}

const inWords: [said: RegExp, words: Text][] = [
  [
    /^Could not resolve "(.+)"$/,
    {
      zh: '引用不到“$1”；插件只能引用本文件夹内的文件，不能用软件包或 Node 模块',
      en: 'it cannot import "$1"; a plug-in may only import from its own folder, no package and no Node module',
    },
  ],
  [/^Expected (.+) but found (.+)$/, { zh: '此处应为 $1，而写的是 $2', en: 'expected $1 but found $2' }],
  [/^Unexpected (.+)$/, { zh: '此处不应有 $1', en: 'unexpected $1' }],
  [/^Unterminated (.+)$/, { zh: '没有结束：$1', en: 'unterminated $1' }],
  [/^No matching export in "(.+)" for import "(.+)"$/, { zh: '$1 没有导出“$2”', en: '$1 exports no "$2"' }],
  [/^The symbol "(.+)" has already been declared$/, { zh: '“$1”重复声明', en: '"$1" is declared twice' }],
]

/** Where in the plug-in, and what; no path of the machine. */
const reasonOf = ({ text, location }: Said, folder: string): Text => {
  const where = location ? `${location.file}:${location.line}:${location.column + 1} ` : ''
  const said = text.replaceAll(`${folder}/`, '')
  for (const [pattern, { zh, en }] of inWords)
    if (pattern.test(said)) return { zh: where + said.replace(pattern, zh), en: where + said.replace(pattern, en) }
  return { zh: `${where}无法编译（${said}）`, en: `${where}it cannot be compiled: ${said}` }
}

/** Stands for a function of a plug-in where only its name counts. */
const nameOnly: PluginFunction = () => undefined

/**
 * Bundles a department's TypeScript in memory and runs none of it, so that an installed gateway needs no build step and the bundle's text names
 * its version. The functions it gives are names; those that run come of `openBundle`. A plug-in is pure: it may import types from the contract
 * and files of its own folder, nothing else — no package, no Node module. Throws MAPPING_INVALID at `at`.
 */
export const loadPlugin = (path: string, at: string): { functions: Record<string, PluginFunction>; bundle: string } => {
  const invalid = (reason: Text, cause?: unknown) => invalidPlugin(at, reason, cause)
  if (!existsSync(path)) throw invalid({ zh: `没有插件文件 ${basename(path)}`, en: `there is no plug-in file ${basename(path)}` })
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
    const [first] = (cause as { errors?: Said[] }).errors ?? []
    throw invalid(reasonOf(first ?? { text: (cause as Error).message }, folder), cause)
  }
  const outside = inputs.find((input) => relative(folder, `${folder}/${input}`).startsWith('..'))
  if (outside)
    throw invalid({
      zh: `${outside}：插件只能引用本文件夹内的文件`,
      en: `${outside}: a plug-in may only import from its own folder`,
    })
  // One of a file of its own folder is part of the bundle by now.
  if (/\bimport\s*\(/.test(bundle))
    throw invalid({
      zh: '插件不得在运行时引用（import(…)）：在文件开头用 import … from',
      en: 'a plug-in must not import while it runs (import(…)): write import … from at the top',
    })
  return { functions: Object.fromEntries(names.map((name) => [name, nameOnly])), bundle }
}
