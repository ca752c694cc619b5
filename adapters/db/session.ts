import { type AdapterContext, GatewayError, type Text } from '../../core/contract.ts'
import type { Cells, Connection, Fault, SqlDriver } from './driver.ts'
import { type Column, raw, type Sql } from './sql.ts'

/** A connection whose every wait ends: by an answer, by the time-out or by the abort. What it throws is in the catalogue's words. */
export interface Session {
  query(statement: Sql): Promise<Cells[]>
  describe(statement: Sql): Promise<Column[]>
  stream(statement: Sql, size: number): AsyncGenerator<Cells[], void, undefined>
  /** Commits when `work` resolves. When anything fails the connection is given up, and with it the transaction. */
  transaction(work: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface Sessions {
  open(signal: AbortSignal, readOnly: boolean): Promise<Session>
  /** Gives up every connection that is still open. */
  destroy(): void
}

export const optionsInvalid = (system: string, reason: Text, cause?: unknown): GatewayError =>
  GatewayError.of('SOURCE_OPTIONS_INVALID', { system, reason }, { cause })

/** Connection, account, database, schema, statement: the server quotes names and the statement, which hold no value of a row. */
const namingClasses = /^(08|28|3D|3F|42)/
/** From the first quote or bracket to the last, or to the end: a value may hold quotes itself. An apostrophe inside a word is none. */
const quoted = /(?:["(“”„«»（]|(?<![A-Za-z])['‘’])(?:.*(?:[")“”„«»）]|['‘’](?![A-Za-z]))|.*)/su

/** The driver's sentence, without what the server quotes from a row: that may be personal, and sentences reach logs. */
const sentenceOf = ({ message }: Error, { state }: Fault): string =>
  state === undefined || namingClasses.test(state) ? message : message.replace(quoted, '…')

const toSourceError = (driver: SqlDriver, system: string, timeoutMs: number, thrown: unknown): unknown => {
  if (!(thrown instanceof Error) || thrown instanceof GatewayError) return thrown
  const fault = driver.faultOf(thrown)
  const { kind, code } = fault
  const said = sentenceOf(thrown, fault)
  const sentence = said.includes(code) ? said : `${code} ${said}`.trim()
  const { about } = fault
  const reason = about ? { zh: `${sentence}：${about.zh}`, en: `${sentence}: ${about.en}` } : sentence
  const because = { cause: thrown }
  switch (kind) {
    case 'unreachable':
      return GatewayError.of('SOURCE_UNREACHABLE', { system, reason }, because)
    case 'timeout':
      return GatewayError.of('SOURCE_TIMEOUT', { system, timeoutMs }, because)
    case 'denied':
      return GatewayError.of('SOURCE_DENIED', { system, reason }, because)
    case 'invalid':
      return GatewayError.of('SOURCE_ANSWER_INVALID', { system, reason }, because)
    case 'failure':
      return GatewayError.of('SOURCE_FAULT', { system, code, reason: said || code }, because)
    default:
      return GatewayError.of('SOURCE_OPTIONS_INVALID', { system, reason }, because)
  }
}

/** Opens sessions of one system and knows which are open. */
export const createSessions = (driver: SqlDriver, context: AdapterContext, timeoutMs: number): Sessions => {
  const { system } = context
  const opened = new Set<Connection>()

  const guard = async <T>(connection: Connection, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    const over = new AbortController()
    const stop = () => over.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    let answered = false
    try {
      const alarm = context.wait(timeoutMs, over.signal).then(() => {
        throw GatewayError.of('SOURCE_TIMEOUT', { system, timeoutMs })
      })
      const answer = work().finally(() => {
        answered = true
      })
      return await Promise.race([answer, alarm])
    } catch (error) {
      if (!answered) connection.destroy()
      signal.throwIfAborted()
      throw toSourceError(driver, system, timeoutMs, error)
    } finally {
      signal.removeEventListener('abort', stop)
      over.abort()
    }
  }

  const sessionOn = (connection: Connection, signal: AbortSignal): Session => {
    const guarded = <T>(work: () => Promise<T>) => guard(connection, signal, work)
    const query = (statement: Sql) => guarded(() => connection.query(statement))
    return {
      query,
      describe: (statement) => guarded(() => connection.describe(statement)),
      async *stream(statement, size) {
        const batches = connection.stream(statement, size)
        let ended = false
        try {
          for (;;) {
            const batch = await guarded(() => batches.next())
            ended = batch.done === true
            if (batch.done) return
            yield batch.value
          }
        } finally {
          if (!ended) connection.destroy()
        }
      },
      async transaction(work) {
        try {
          await query(raw(driver.begin))
          await work()
          await query(raw('COMMIT'))
        } catch (error) {
          connection.destroy()
          throw error
        }
      },
      async close() {
        opened.delete(connection)
        try {
          await guarded(() => connection.end())
        } catch {
          // Nothing is lost with a connection that cannot say goodbye.
          connection.destroy()
        }
      },
    }
  }

  return {
    async open(signal, readOnly) {
      const connection = driver.open(readOnly)
      opened.add(connection)
      try {
        await guard(connection, signal, () => connection.connect())
      } catch (error) {
        opened.delete(connection)
        connection.destroy()
        throw error
      }
      return sessionOn(connection, signal)
    },
    destroy() {
      for (const connection of opened) connection.destroy()
      opened.clear()
    },
  }
}
