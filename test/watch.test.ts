import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stateOf } from '../core/config/changes.ts'
import { packageRoot } from '../core/package-root.ts'
import { writeFiles } from './contract/department-database.ts'
import { temporaryFolder, until } from './temporary.ts'

const mapping = `
plugin: ./own.ts
codes: { kind: codes/kind.yaml }
case: { sourceCaseNo: no }
events:
  - type: application.received
    content:
      receivedAt: { from: at, date: yyyy-MM-dd }
      applicant: { name: { from: name, call: plain }, kind: { from: kind, codes: kind } }
`
const files = {
  'dept/one.yaml': mapping,
  'dept/own.ts': 'export const plain = (text: string): string => text\n',
  'dept/codes/kind.yaml': 'rows: [{ code: "1", value: natural }]\n',
  'dept/samples/one/a.yaml': `stream: R
row: { no: "1", at: "2026-03-02", name: 甲, kind: "1" }
expected:
  messages:
    - type: application.received
      case: { sourceCaseNo: "1" }
      content: { receivedAt: "2026-03-02", applicant: { name: 甲, kind: natural } }
      flags: []
`,
}

/** `qianzhi test --watch` as a process of its own, with the lines that it has printed. */
const watching = async (t: Test, folder: string, ...words: string[]) => {
  const script = join(packageRoot, 'core/cli/main.ts')
  const child = spawn(process.execPath, [...process.execArgv, script, 'test', '--watch', '--mappings', folder, ...words])
  t.teardown(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  let complained = ''
  child.stderr.on('data', (chunk) => {
    complained += chunk
  })
  const lines = () => printed.split('\n').slice(0, -1)
  const next = async (what: string): Promise<string> => {
    const known = lines().length
    await until(`${what} ${complained}`, () => lines().length > known)
    return lines().at(-1)!
  }
  // From TypeScript it starts in seconds, on a busy machine in many.
  await until(`the first line ${complained}`, () => lines().length === 1, 60_000)
  return { child, lines, next }
}

const good = /^\d\d:\d\d:\d\d ✓ 样例 \/ samples: 1 符合 as expected, 0 不符 not$/

t.test('each change of a mapping, code table, plug-in or sample gives one line, and Ctrl-C ends it well', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, files)
  const { child, lines, next } = await watching(t, folder)
  t.match(lines()[0], good)
  const change = async (name: string, text: string): Promise<string> => {
    const line = next(name)
    writeFileSync(join(folder, name), text)
    return line
  }
  const sample = /✗ 样例 \/ samples: 0 符合 as expected, 1 不符 not; mappings\/dept\/samples\/one\/a\.yaml$/
  const back = async (name: keyof typeof files) => t.match(await change(name, files[name]), good, `${name} is mended`)
  t.match(await change('dept/codes/kind.yaml', 'rows: [{ code: "1", value: other }]\n'), sample)
  await back('dept/codes/kind.yaml')
  t.match(await change('dept/own.ts', "export const plain = (): string => '乙'\n"), sample)
  await back('dept/own.ts')
  t.match(
    await change(
      'dept/samples/one/a.yaml',
      files['dept/samples/one/a.yaml'].replace('name: 甲, kind: natural', 'name: 乙, kind: natural'),
    ),
    sample,
  )
  await back('dept/samples/one/a.yaml')
  t.match(
    await change('dept/one.yaml', mapping.replace('yyyy-MM-dd', 'yyyy')),
    /✗ .*; MAPPING_INVALID mappings\/dept\/one\.yaml:8:\d+$/,
  )
  await back('dept/one.yaml')
  const gone = next('the folder is away')
  renameSync(folder, `${folder}-away`)
  t.match(await gone, /✗ CONFIG_UNREADABLE/)
  const here = next('the folder is back')
  renameSync(`${folder}-away`, folder)
  t.match(await here, good)
  t.equal(lines().length, 11, 'a line for each, and no more')
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})

t.test('one mapping may be watched, also before its folder is there, and a program may read the lines', async (t) => {
  const made = temporaryFolder(t)
  writeFiles(made, files)
  const folder = join(temporaryFolder(t), 'later')
  const { child, lines, next } = await watching(t, folder, 'dept/one', '--json')
  t.match(JSON.parse(lines()[0]!), { code: 'CONFIG_UNREADABLE' })
  const here = next('the folder is there')
  renameSync(made, folder)
  t.match(JSON.parse(await here), { passed: 1, failed: 0, faults: [] })
  const line = next('the mapping is away')
  rmSync(join(folder, 'dept/one.yaml'))
  t.match(JSON.parse(await line), { code: 'COMMAND_USAGE' })
  child.kill('SIGINT')
  t.equal((await once(child, 'exit'))[0], 0)
})

t.test('the state of a folder is another when a file came, went or was written, and only then', (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, files)
  const states = [stateOf(folder), stateOf(folder)]
  t.equal(states[0], states[1])
  writeFileSync(join(folder, 'dept/new.yaml'), '')
  states.push(stateOf(folder))
  writeFileSync(join(folder, 'dept/new.yaml'), 'a')
  states.push(stateOf(folder))
  rmSync(join(folder, 'dept/new.yaml'))
  t.equal(stateOf(folder), states[0])
  t.equal(new Set(states).size, 3)
  t.equal(stateOf(join(folder, 'nowhere')), '')
  symlinkSync('loop', join(folder, 'dept/loop'))
  t.match(stateOf(folder), /dept\/loop ELOOP/, 'what cannot be read is a state, too')
  t.end()
})
