/** Where it was measured: figures of two machines are not to be compared. */
import { execFileSync } from 'node:child_process'
import { statfsSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import Database from 'better-sqlite3'
import { packageRoot } from '../../core/package-root.ts'

/** A store on a disk in memory would sync for nothing: the page must say it. Numbers of statfs(2). */
const fileSystems: Record<number, string> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlay',
}

const git = (...words: string[]): string => execFileSync('git', words, { cwd: packageRoot, encoding: 'utf8' }).trim()

const commit = (): string =>
  `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ', with changes not yet committed'}`

const sqlite = (): string => {
  const db = new Database(':memory:')
  try {
    return String(db.prepare('SELECT sqlite_version()').pluck().get())
  } finally {
    db.close()
  }
}

/** Other programs on the machine make every figure worse: what they did just before the first run. */
const loadBefore = loadavg()[0]!.toFixed(2)

export const describeMachine = (versions: Record<string, string>, script = 'bench'): Record<string, string> => {
  const [cpu] = cpus()
  const { type } = statfsSync(tmpdir())
  return {
    machine: `${cpu?.model ?? 'unknown'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}`,
    'load before': `${loadBefore} (mean of one minute)`,
    disk: fileSystems[type] ?? `file system 0x${type.toString(16)}`,
    versions: Object.entries({ Node: process.versions.node, SQLite: sqlite(), ...versions })
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    command: `npm run ${script} -- ${process.argv.slice(2).join(' ')}`.replace(/ -- $/, ''),
  }
}
