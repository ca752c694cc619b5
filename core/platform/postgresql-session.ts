import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { GatewayError } from '../errors.ts'
import { packageRoot } from '../package-root.ts'
import { sha256 } from '../sha256.ts'
import type { PostgresqlOptions } from './store-options.ts'

const migrations = join(packageRoot, 'core/platform/migrations/postgresql')

/** A server that does not answer for so long is given up; the batch comes again. */
const timeoutMs = 30_000

const int8Oid = 20

/** Counts, versions and times are below 2^53: a bigint is a number here. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === int8Oid ? Number : pg.types.getTypeParser(oid, format)),
} as pg.CustomTypesConfig

/** Brings the database to the newest migration. Throws STORE_SCHEMA_DRIFT when an applied one has since been edited. */
const migrate = async (client: pg.Client, name: string): Promise<void> => {
  await client.query('BEGIN')
  // Two receivers may start at once; the lock ends with the transaction.
  await client.query("SELECT pg_advisory_xact_lock(hashtext('qianzhi platform migration'))")
  await client.query(
    'CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  )
  const { rows } = await client.query<{ name: string; checksum: string }>('SELECT name, checksum FROM migration ORDER BY name')
  const files = readdirSync(migrations)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ file, sql: readFileSync(join(migrations, file), 'utf8') }))
  const checksums = new Map(files.map(({ file, sql }) => [file, sha256(sql).toString('hex')]))
  for (const applied of rows) {
    if (checksums.get(applied.name) !== applied.checksum)
      throw GatewayError.of('STORE_SCHEMA_DRIFT', { file: name, migration: applied.name })
  }
  for (const { file, sql } of files.slice(rows.length)) {
    await client.query(sql)
    await client.query('INSERT INTO migration (name, checksum) VALUES ($1, $2)', [file, checksums.get(file)])
  }
  await client.query('COMMIT')
}

/**
 * One connection to PostgreSQL, made when it is first needed and again after it was lost. `use` hands it to one caller at a
 * time; whatever goes wrong ends the connection, and with it a transaction that is open, and is thrown as STORE_UNWRITABLE.
 */
export const createPostgresqlSession = (options: PostgresqlOptions, baseFolder: string) => {
  const { host, port, database, user, password, tls } = options
  const name = `postgresql://${host}:${port}/${database}`
  let client: pg.Client | undefined
  let last: Promise<unknown> = Promise.resolve()

  const connect = async (): Promise<pg.Client> => {
    const opened = new pg.Client({
      host,
      port,
      database,
      user,
      ...(password !== undefined && { password }),
      ...(tls && {
        ssl: { rejectUnauthorized: true, ...(tls.ca !== undefined && { ca: readFileSync(resolve(baseFolder, tls.ca)) }) },
      }),
      application_name: 'qianzhi platform',
      options: '-c synchronous_commit=on',
      connectionTimeoutMillis: timeoutMs,
      statement_timeout: timeoutMs,
      query_timeout: 2 * timeoutMs,
      keepAlive: true,
      types,
    })
    // The waiting query hears of it as well; unheard here, a lost connection would end the process.
    opened.on('error', () => {
      if (client === opened) client = undefined
    })
    try {
      await opened.connect()
      await migrate(opened, name)
      return opened
    } catch (thrown) {
      await end(opened)
      throw thrown
    }
  }

  /** A connection that is already broken has nothing to say goodbye to. */
  const end = (opened: pg.Client): Promise<void> => opened.end().catch(() => undefined)

  const attempt = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    try {
      client ??= await connect()
      return await work(client)
    } catch (thrown) {
      const broken = client
      client = undefined
      if (broken) await end(broken)
      if (thrown instanceof GatewayError) throw thrown
      const { message, code } = thrown as Error & { code?: string }
      throw GatewayError.of(
        'STORE_UNWRITABLE',
        { file: name, reason: [code, message].filter(Boolean).join(' ') },
        { cause: thrown },
      )
    }
  }

  return {
    use<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
      const answer = last.then(() => attempt(work))
      last = answer.catch(() => undefined)
      return answer
    },
    async close(): Promise<void> {
      await last
      if (client) await end(client)
    },
  }
}
