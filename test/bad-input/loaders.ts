/** Bad configuration and bad mappings, loaded by the loaders of the product from files. All problems of a case are expected, in order. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadConfig } from '../../core/config/load.ts'
import type { GatewayError } from '../../core/errors.ts'
import { loadMapping } from '../../core/mapping/load.ts'
import { loadAdapters } from '../../core/registry.ts'
import { type Case, type Family, type Refusal, refusalsOf } from './case.ts'
import { inFolder } from './gateway.ts'
import { installation } from './installation.ts'

export interface LoaderCase {
  name: string
  /** File, what stands there in the good one, and what stands there instead. */
  change?: [file: string, from: string, to: string]
  /** Whole files in place of the good ones, or beside them. */
  files?: Record<string, string | Uint8Array>
  expect: Refusal[]
}

const adapters = await loadAdapters()

const changed = ({ change, files }: Pick<LoaderCase, 'change' | 'files'>): Record<string, string | Uint8Array> => {
  const all: Record<string, string | Uint8Array> = { ...installation, ...files }
  if (!change) return all
  const [file, from, to] = change
  const text = String(all[file])
  if (text.split(from).length !== 2) throw new Error(`"${from}" must be in ${file} once`)
  return { ...all, [file]: text.replace(from, () => to) }
}

const written = <T>(given: Pick<LoaderCase, 'change' | 'files'>, load: (folder: string) => Promise<T>): Promise<T> =>
  inFolder((folder) => {
    for (const [name, content] of Object.entries(changed(given))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    return load(folder)
  })

const family =
  (load: (folder: string) => Promise<Refusal[]>) =>
  (name: string, cases: LoaderCase[]): Family => ({
    name,
    cases: cases.map((given): Case => ({ name: given.name, find: () => written(given, load), expected: given.expect })),
  })

const configurationIn = async (folder: string): Promise<GatewayError[]> =>
  (await loadConfig(join(folder, 'config'), { adapters, env: { EMPTY: '', DB_PASSWORD: 'geheim' } })).problems

const mappingIn = async (folder: string): Promise<GatewayError[]> => {
  const { problems, warnings } = await loadMapping(join(folder, 'mappings'), 'dept/one')
  return [...problems, ...(problems.length > 0 ? [] : warnings)]
}

type Mistake = Pick<LoaderCase, 'change' | 'files'>

/** What the loaders say of one mistake, as errors. */
export const configurationProblems = (mistake: Mistake): Promise<GatewayError[]> => written(mistake, configurationIn)
export const mappingProblems = (mistake: Mistake): Promise<GatewayError[]> => written(mistake, mappingIn)

/** `config/` and all that it names. */
export const configurationFamily = family(async (folder) => refusalsOf(await configurationIn(folder)))

/** `mappings/dept/one.yaml` with its code tables and plug-in. What lint only tells of comes last. */
export const mappingFamily = family(async (folder) => refusalsOf(await mappingIn(folder)))
