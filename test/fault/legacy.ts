/** The legacy system of the crash test: a PostgreSQL database of its own, one table for each stage, and clerks who keep writing. */
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Random } from './random.ts'

/**
 * In the order of a case. `field` is where the mapping puts the version of the row, `mode` how the gateway reads the table. Reading by
 * number has no overlap: a checkpoint that ran ahead of the records would lose rows.
 */
export const stages = [
  { table: 'applications', type: 'application.received', field: 'subject', mode: 'time' },
  { table: 'acceptances', type: 'acceptance.decided', field: 'reason', mode: 'flag' },
  { table: 'reviews', type: 'review.step', field: 'opinion', mode: 'number' },
  { table: 'closings', type: 'case.closed', field: 'reason', mode: 'flag' },
  { table: 'collections', type: 'result.collected', field: 'documentNumber', mode: 'anti-join' },
] as const

export type Table = (typeof stages)[number]['table']

export const sentTable = 'collections_sent'

export interface LegacyRow {
  table: Table
  id: string
  caseNo: string
  /** Counts the steps of review; empty in the other tables. */
  sequence: string
  /** Of the row: rises with every update. */
  version: number
  /** No code table has its code: the gateway must quarantine it. */
  isBad: boolean
}

/** The codes that clerks write: one that every table of codes has, and one that none has. */
export const codes = { good: '1', bad: '9' }

const server = { host: '127.0.0.1', port: 5432, user: 'postgres' }

const columns = `id text PRIMARY KEY, case_no text NOT NULL, sequence text NOT NULL, code text NOT NULL, applicant text NOT NULL DEFAULT '云远山',
  item_code text NOT NULL DEFAULT '11150900PDY000028A2000131000100', item_name text NOT NULL DEFAULT '食品生产许可',
  version integer NOT NULL DEFAULT 1,
  at text NOT NULL DEFAULT '2026-03-02 09:00:00', changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  change bigint NOT NULL DEFAULT nextval('changes'), taken char(1) NOT NULL DEFAULT '0'`

/** Makes the database; `close` drops it. */
export const openLegacy = async (database: string) => {
  const maintenance = new pg.Client({ ...server, database: 'postgres' })
  await maintenance.connect()
  await maintenance.query(`CREATE DATABASE ${database}`)
  const client = new pg.Client({ ...server, database })
  await client.connect()
  await client.query('CREATE SEQUENCE changes')
  for (const { table } of stages) await client.query(`CREATE TABLE ${table} (${columns})`)
  await client.query(`CREATE TABLE ${sentTable} (id text PRIMARY KEY)`)
  return {
    connection: { ...server, database },
    client,
    async rows(): Promise<LegacyRow[]> {
      const all: LegacyRow[] = []
      for (const { table } of stages) {
        const { rows } = await client.query(`SELECT id, case_no, sequence, version, code FROM ${table}`)
        for (const { id, case_no: caseNo, sequence, version, code } of rows) {
          all.push({ table, id, caseNo, sequence, version, isBad: code === codes.bad })
        }
      }
      return all
    },
    async close(): Promise<void> {
      await client.end()
      await maintenance.query(`DROP DATABASE ${database} WITH (FORCE)`)
      await maintenance.end()
    },
  }
}

interface Row {
  table: Table
  id: string
  isBad: boolean
}
interface Case {
  no: string
  rows: Row[]
}

/** A case has two steps of review. */
const course: { table: Table; sequence: string }[] = [
  { table: 'applications', sequence: '' },
  { table: 'acceptances', sequence: '' },
  { table: 'reviews', sequence: '1' },
  { table: 'reviews', sequence: '2' },
  { table: 'closings', sequence: '' },
  { table: 'collections', sequence: '' },
]
const casesInHand = 40
/** Keeps the load steady, at some two hundred rows a second at most; nothing waits for it. */
const paceMs = 4

/**
 * Clerks who open cases, carry them on, and correct what they wrote: about every thirtieth row gets a code that nobody knows, and
 * most of those are put right later. `stop` resolves with the number of row versions written, or throws what ended the writing.
 */
export const startWriting = (client: pg.Client, random: Random) => {
  const cases: Case[] = []
  let opened = 0
  let written = 0
  let stopping = false
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!
  const codeOf = (isBad: boolean): string => (isBad ? codes.bad : codes.good)

  const carryOn = async ({ no, rows }: Case): Promise<void> => {
    const { table, sequence } = course[rows.length]!
    const isBad = table !== 'collections' && random(30) === 0
    const id = sequence === '' ? no : `${no}-${sequence}`
    await client.query(`INSERT INTO ${table} (id, case_no, sequence, code) VALUES ($1, $2, $3, $4)`, [
      id,
      no,
      sequence,
      codeOf(isBad),
    ])
    rows.push({ table, id, isBad })
    written += 1
  }

  const correct = async (row: Row): Promise<void> => {
    // What was collected is not read again: an anti-join knows no changes.
    if (row.table === 'collections') return
    row.isBad = row.isBad ? random(4) === 0 : random(30) === 0
    const set = `code = $2, version = version + 1, changed_at = clock_timestamp(), change = nextval('changes'), taken = '0'`
    await client.query(`UPDATE ${row.table} SET ${set} WHERE id = $1`, [row.id, codeOf(row.isBad)])
    written += 1
  }

  const act = async (): Promise<void> => {
    if (cases.length < casesInHand) {
      opened += 1
      cases.push({ no: `GZ2026${String(opened).padStart(7, '0')}`, rows: [] })
      return carryOn(cases.at(-1)!)
    }
    const index = random(cases.length)
    const one = cases[index]!
    const what = random(10)
    if (what < 5 && one.rows.length < course.length) return carryOn(one)
    if (what < 8) return correct(pick(one.rows))
    if (what < 9) {
      await client.query('BEGIN')
      for (const row of one.rows) await correct(row)
      await client.query('COMMIT')
      return
    }
    if (one.rows.length === course.length) cases.splice(index, 1)
  }

  const write = async (): Promise<void> => {
    while (!stopping) {
      await act()
      await wait(paceMs)
    }
  }
  const writing = write()
  writing.catch(() => undefined)

  return {
    /** Rejects when writing fails. */
    writing,
    async stop(): Promise<number> {
      stopping = true
      await writing
      return written
    },
  }
}
