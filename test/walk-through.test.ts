// needs: postgresql
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { packageRoot } from '../core/package-root.ts'
import { temporaryFolder } from './temporary.ts'

/** What a page asks of its reader, in order: a file to write, or commands to run with what they print. */
type Step =
  | { file: string; text: string }
  /** `exit` is that of the last command; every other must succeed. */
  | { commands: string; exit: number; output: string | undefined }

/** The fenced blocks of a page. A line `File: …` before one names the file that it is; a block of text is what the commands before it print. */
const stepsOf = (page: string): Step[] => {
  const steps: Step[] = []
  const fences = /(?:^(?:文件：|File: )`([^`\n]+)`\n\n)?^```(\w+)(?: exit=(\d))?\n([\s\S]*?)^```$/gm
  for (const [, file, kind, exit, text] of page.matchAll(fences)) {
    const last = steps.at(-1)
    if (file !== undefined) steps.push({ file, text: text! })
    else if (kind === 'sh') steps.push({ commands: text!, exit: Number(exit ?? 0), output: undefined })
    else if (kind === 'text' && last && 'commands' in last) last.output = text!
    else throw new Error(`a block that is neither a file, commands nor their output: ${text}`)
  }
  return steps
}

const pageOf = (name: string): string => readFileSync(join(packageRoot, 'docs', name), 'utf8')

const chinese = stepsOf(pageOf('connect-your-database.zh-CN.md'))
const english = stepsOf(pageOf('connect-your-database.md'))

/** Without comments: they are in the language of the page. */
const uncommented = (step: Step): Step =>
  'file' in step ? { ...step, text: step.text.replace(/ *(?:^|\s)(?:#|--) .*$/gm, '') } : step

/** A checkout as a reader has it after `npm ci`. */
const checkout = (t: Test): string => {
  const folder = temporaryFolder(t)
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: packageRoot, encoding: 'utf8' })
  for (const file of listed.split('\0').filter((name) => name !== ''))
    cpSync(join(packageRoot, file), join(folder, file), { recursive: true })
  cpSync(join(packageRoot, 'dist'), join(folder, 'dist'), { recursive: true })
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** The server of the tests, and a database and an account that no other run has. */
const server = { host: process.env['PGHOST'] ?? '127.0.0.1', port: Number(process.env['QIANZHI_POSTGRESQL_PORT'] ?? 5432) }

const withServer = (t: Test): ((text: string) => string) => {
  const own = randomBytes(4).toString('hex')
  const [database, account] = [`forestry_bureau_${own}`, `qianzhi_reader_${own}`]
  t.teardown(async () => {
    const admin = new pg.Client({ ...server, user: 'postgres', database: 'postgres' })
    await admin.connect()
    await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    await admin.query(`DROP ROLE IF EXISTS ${account}`)
    await admin.end()
  })
  return (text) =>
    text
      .replaceAll('forestry_bureau', database)
      .replaceAll('qianzhi_reader', account)
      .replaceAll('127.0.0.1', server.host)
      .replaceAll('5432', String(server.port))
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Each line of `expected` is a line of `printed`, in this order; `…` stands for anything. */
const missingLine = (expected: string, printed: string): string | undefined => {
  const lines = printed.split('\n').map((line) => line.trimEnd())
  let next = 0
  for (const line of expected.split('\n').filter((text) => text.trim() !== '')) {
    const pattern = new RegExp(`^${line.trimEnd().split('…').map(escaped).join('.*')}$`)
    const found = lines.findIndex((text, index) => index >= next && pattern.test(text))
    if (found < 0) return line
    next = found + 1
  }
  return undefined
}

t.test('the Chinese and the English page ask the same of their reader', (t) => {
  t.same(english.map(uncommented), chinese.map(uncommented))
  t.ok(chinese.length > 15, 'and they ask something')
  t.end()
})

t.test('whoever follows the page sees what it says', (t) => {
  const folder = checkout(t)
  const inPlace = withServer(t)
  const state = join(temporaryFolder(t), 'exported')
  writeFileSync(state, '')
  for (const step of chinese) {
    if ('file' in step) {
      mkdirSync(dirname(join(folder, step.file)), { recursive: true })
      writeFileSync(join(folder, step.file), inPlace(step.text))
      continue
    }
    const { commands, exit, output } = step
    // One shell for the reader, with what was exported before; it goes on after the command that is to fail, which is the last.
    const script = `set -e\n. '${state}'\n${exit === 0 ? '' : 'set +e\n'}${inPlace(commands)}\nstatus=$?\nexport -p > '${state}'\nexit $status`
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
    const printed = `${stdout}${stderr}`
    t.equal(status, exit, `${commands.trim().split('\n').at(-1)}\n${status === exit ? '' : printed}`)
    if (output !== undefined)
      t.equal(missingLine(inPlace(output), printed), undefined, `what it prints: ${output.split('\n')[0]}`)
  }
  t.end()
})
