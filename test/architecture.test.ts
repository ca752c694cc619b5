import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { createProgram } from '../core/cli/program.ts'
import { catalogue } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import { loadAdapters } from '../core/registry.ts'

const filesIn = (folder: string): string[] =>
  readdirSync(join(packageRoot, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(packageRoot, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))

const read = (file: string): string => readFileSync(join(packageRoot, file), 'utf8')

const product = ['core', 'adapters', 'mappings'].flatMap(filesIn)

t.test('no file of the product holds two ideas: none is longer than 300 lines, the error table apart', async (t) => {
  for (const file of product.filter((name) => name !== 'core/errors.ts')) {
    const lines = read(file).split('\n').length
    t.ok(lines <= 300, `${file} has ${lines} lines`)
  }
})

t.test('every error code is thrown somewhere, and what is thrown is in the catalogue', async (t) => {
  const sources = product
    .filter((name) => name !== 'core/errors.ts')
    .map(read)
    .join('\n')
  for (const code of Object.keys(catalogue)) {
    if (code !== 'UNEXPECTED') t.ok(sources.includes(`'${code}'`), `${code} is used`)
  }
  for (const [, code] of sources.matchAll(/GatewayError\.of\(\s*'([A-Z_]+)'/g)) t.ok(code! in catalogue, `${code} is known`)
})

t.test('every error says in both languages what is wrong and what to do next, with the same values', async (t) => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
  for (const [code, { title, hint }] of Object.entries(catalogue)) {
    t.same(names(title.zh), names(title.en), code)
    t.match(title.zh, /\p{Script=Han}/u, code)
    t.match(hint.zh, /\p{Script=Han}/u, code)
    t.ok(hint.en.endsWith('.'), code)
  }
})

t.test('both READMEs name every command, and the two commands of a newcomer', async (t) => {
  const program = createProgram({
    out: () => undefined,
    err: () => undefined,
    env: {},
    interrupted: new AbortController().signal,
    exit: () => undefined,
  })
  for (const file of ['README.md', 'README.zh-CN.md']) {
    const text = read(file)
    for (const command of program.commands) t.match(text, `\`${command.name()}\``, `${file}: ${command.name()}`)
    t.match(text, 'npm ci && npm start')
    t.match(text, 'npm test')
  }
})

t.test('the references name every adapter and every error code', async (t) => {
  const adapters = read('docs/reference/adapters.md')
  for (const kind of (await loadAdapters()).keys()) t.match(adapters, `## ${kind}\n`)
  const errors = read('docs/reference/errors.md')
  for (const code of Object.keys(catalogue)) t.match(errors, `\`${code}\``)
})

t.test('the architecture page names every room', async (t) => {
  const page = read('docs/architecture.md')
  for (const entry of readdirSync(join(packageRoot, 'core'), { withFileTypes: true })) {
    if (entry.isDirectory()) t.match(page, `core/${entry.name}`)
  }
})

t.test('no two tests of a suite have the same name', async (t) => {
  for (const file of readdirSync(join(packageRoot, 'test')).filter((name) => name.endsWith('.test.ts'))) {
    const names = [...read(`test/${file}`).matchAll(/^t\.test\(\s*(['"`])(.+?)\1,/gm)].map(([, , name]) => name)
    t.same(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
      file,
    )
  }
})
