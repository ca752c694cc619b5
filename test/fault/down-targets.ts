/** What the crash test of the way down writes to: two tables of a database, a service that dies in the middle of calls, and a folder. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { targetWsdl } from '../departments/target-soap.ts'
import { freePort } from '../free-port.ts'
import { type Log, type Program, startProgram } from './children.ts'
import type { Random } from './random.ts'

/** One effect of a message, as its target has it. */
export interface Effect {
  id: string
  case_no: string
}

/** `manual`: what its service does not answer for waits for a person, and so does the rest of its case. */
export const systems = ['once', 'asked', 'http', 'soap', 'manual', 'folder'] as const
export type System = (typeof systems)[number]

/** Of a system's file, all that is not the same for all of them. */
export interface TargetOptions {
  adapter: string
  options: object
  deliver: { mapping: string; options: object }
}

export interface Target {
  system: System
  file: TargetOptions
  /** In the order of their effects. */
  effects(): Promise<Effect[]>
}

const server = { host: '127.0.0.1', port: 5432, user: 'postgres' }

export const openTables = async (database: string, undo: (() => Promise<void>)[]) => {
  const maintenance = new pg.Client({ ...server, database: 'postgres' })
  await maintenance.connect()
  await maintenance.query(`CREATE DATABASE ${database}`)
  const client = new pg.Client({ ...server, database })
  await client.connect()
  undo.push(async () => {
    await client.end()
    await maintenance.query(`DROP DATABASE ${database} WITH (FORCE)`)
    await maintenance.end()
  })
  await client.query('CREATE TABLE nothing (no text PRIMARY KEY, n int, at text, name text)')
  const columns = 'case_no text NOT NULL, sequence text, n bigserial'
  await client.query(`CREATE TABLE written_once (id text NOT NULL, ${columns})`)
  await client.query(`CREATE TABLE written_asked (id text PRIMARY KEY, ${columns})`)
  /** What every system reads: never a row. */
  const reading: Pick<TargetOptions, 'adapter' | 'options'> = {
    adapter: 'db',
    options: {
      engine: 'postgresql',
      connection: { ...server, database },
      streams: [{ table: 'nothing', key: ['no'], mode: 'watermark', watermark: { column: 'n', kind: 'number' } }],
    },
  }
  const table = (system: 'once' | 'asked', options: object): Target => ({
    system,
    file: { ...reading, deliver: { mapping: 'hall/rows', options } },
    effects: async () => (await client.query<Effect>(`SELECT id, case_no FROM written_${system} ORDER BY n`)).rows,
  })
  return {
    targets: [
      table('once', {
        writes: { W: { table: 'written_once', unknown: 'idempotent' } },
        applied: { table: 'qz_applied', column: 'id', create: true },
      }),
      table('asked', { writes: { W: { table: 'written_asked', key: ['id'], unknown: 'confirm' } } }),
    ],
    endSessions: () =>
      client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'qianzhi' AND datname = $1", [
        database,
      ]),
  }
}

const byHttp = (baseUrl: string, unknown: 'confirm' | 'manual') => ({
  service: { baseUrl, timeoutMs: 2000 },
  writes: {
    W: {
      path: '/cases',
      under: 'data',
      rules: [{ over: 'http', path: 'status', equals: ['201'], means: 'accepted' }],
      unknown,
      ...(unknown === 'confirm' && {
        confirm: {
          path: '/cases/{no}',
          rules: [
            { path: 'no', matches: '.+', means: 'applied' },
            { over: 'http', path: 'status', equals: ['404'], means: 'absent' },
          ],
        },
      }),
    },
  },
})

const bySoap = (endpoint: string) => {
  const common = { document: { parameter: 'xmlString' }, answer: { kind: 'xml-string' } }
  return {
    service: { wsdl: targetWsdl, endpoint, timeoutMs: 2000 },
    writes: {
      W: {
        operation: 'submit',
        ...common,
        under: 'xmlString/Request/Data',
        fixed: { systemCode: 'SPPT' },
        rules: [{ path: 'Answer/Code', equals: ['0'], means: 'accepted' }],
        unknown: 'confirm',
        confirm: {
          operation: 'find',
          ...common,
          values: { 'xmlString/Query/no': 'no' },
          rules: [
            { path: 'Answer/Code', equals: ['0'], means: 'applied' },
            { path: 'Answer/Code', equals: ['404'], means: 'absent' },
          ],
        },
      },
    },
  }
}

/** How many of a thousand calls kill it before their effect, and as many behind it. */
const deathsInThousand = 15

/** Started again whenever it has died, and killed from outside as well. */
export const openService = async (folder: string, random: Random, log: Log, undo: (() => Promise<void>)[]) => {
  const port = await freePort()
  const file = join(folder, 'service.db')
  let running: Program | undefined
  let deaths = 0
  let mode: 'mortal' | 'calm' | 'over' = 'mortal'
  const keep = async (): Promise<void> => {
    while (mode !== 'over') {
      const risk = mode === 'mortal' ? deathsInThousand : 0
      running = startProgram('test/fault/target-process.js', [String(port), file, String(random(1_000_000)), String(risk)], log)
      const { signal, code } = await running.ended
      if (signal !== 'SIGKILL') throw new Error(`the service ended by itself (${signal ?? code})`)
      deaths += 1
    }
  }
  const kept = keep()
  kept.catch(() => undefined)
  const strike = (): void => running?.kill('SIGKILL')
  undo.push(async () => {
    mode = 'over'
    strike()
    await kept.catch(() => undefined)
  })
  const baseUrl = `http://127.0.0.1:${port}`
  const effectsAt = async (door: string): Promise<Effect[]> => {
    const db = new Database(file, { readonly: true })
    const rows = db.prepare<[string], Effect>('SELECT id, case_no FROM effect WHERE door = ? ORDER BY n').all(door)
    db.close()
    return rows
  }
  const target = (system: System, adapter: string, reading: object, writing: object): Target => ({
    system,
    file: { adapter, options: reading, deliver: { mapping: 'hall/cases', options: writing } },
    effects: () => effectsAt(system),
  })
  const listening = async () => ({
    listen: { port: await freePort() },
    streams: [{ path: '/rows', format: 'json', stream: 'rows', key: ['no'] }],
  })
  const asking = {
    wsdl: targetWsdl,
    endpoint: `${baseUrl}/soap`,
    operation: 'find',
    parameters: { xmlString: '<Query/>' },
    answer: { kind: 'xml-string', part: 'findResponse/return', records: 'Answer/Row' },
    stream: 'rows',
    key: ['no'],
  }
  return {
    targets: [
      target('http', 'http', await listening(), byHttp(`${baseUrl}/http`, 'confirm')),
      target('manual', 'http', await listening(), byHttp(`${baseUrl}/manual`, 'manual')),
      target('soap', 'soap', asking, bySoap(`${baseUrl}/soap`)),
    ],
    strike,
    deaths: () => deaths,
    /** Dies no more. */
    calm(): void {
      mode = 'calm'
      strike()
    },
  }
}

/** A name holds the operation: written twice it is the same file. In the order in which they appeared. */
export const openFolder = (folder: string): Target => {
  const [out, incoming] = [join(folder, 'out'), join(folder, 'in')]
  for (const name of [out, incoming]) mkdirSync(name)
  return {
    system: 'folder',
    file: {
      adapter: 'file',
      options: { folder: incoming, pattern: '*.json', format: 'json', stream: 'rows', key: ['no'] },
      deliver: {
        mapping: 'hall/cases',
        options: { writes: { W: { folder: out, name: '{no}_{digest}.json', format: 'json', unknown: 'idempotent' } } },
      },
    },
    effects: async () =>
      readdirSync(out)
        .filter((name) => name.endsWith('.json'))
        .map((name) => ({ at: statSync(join(out, name), { bigint: true }).mtimeNs, read: readFileSync(join(out, name), 'utf8') }))
        .sort((one, other) => Number(one.at - other.at))
        .map(({ read }) => {
          const { no, caseNo } = JSON.parse(read)
          return { id: no, case_no: caseNo }
        }),
  }
}
