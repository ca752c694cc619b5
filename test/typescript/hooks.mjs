import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { threadId } from 'node:worker_threads'

/** By the digest of what was compiled: each thread and process of a suite finds what another has compiled. */
const folder = fileURLToPath(new URL('../../node_modules/.cache/qianzhi-typescript/', import.meta.url))

const compile = async (file, text) => {
  const { transformSync } = await import('esbuild')
  return transformSync(text, { loader: 'ts', format: 'esm', target: 'node20', sourcemap: 'inline', sourcefile: file }).code
}

const compiled = async (file) => {
  const text = readFileSync(file, 'utf8')
  const kept = `${folder}${createHash('sha256').update(`${file}\0${text}`).digest('hex')}.js`
  if (existsSync(kept)) return readFileSync(kept, 'utf8')
  const code = await compile(file, text)
  mkdirSync(folder, { recursive: true })
  // Renamed when it is whole: suites and their threads run side by side.
  const made = `${kept}.${process.pid}.${threadId}`
  writeFileSync(made, code)
  renameSync(made, kept)
  return code
}

/** A hook of Node's loader: https://nodejs.org/api/module.html#loadurl-context-nextload */
export const load = async (url, context, nextLoad) =>
  url.startsWith('file:') && url.endsWith('.ts')
    ? { format: 'module', source: await compiled(fileURLToPath(url)), shortCircuit: true }
    : nextLoad(url, context)
