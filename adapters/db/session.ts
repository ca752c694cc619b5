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
  /** Ends the session, and keeps its connection a moment for the next one. Only of a session in which nothing failed. */
  rest(): Promise<void>
}

export interface Sessions {
  open(signal: AbortSignal, readOnly: boolean): Promise<Session>
  /** Gives up every connection that is still open, after a goodbye where nothing is under way. */
  close(): Promise<void>
}

/** A connection rests so long: a run that begins sooner finds it, and one every few seconds costs the server no connection in between. */
const restMs = 2000
/** Greatest age of a connection that is used again: a changed password, address or server is noticed by then. */
const maxAgeMs = 60_000
/** A server that does not answer keeps nobody from stopping. */
const goodbyeMs = 1000

interface Resting {
  connection: Connection
  openedAt: number
  readOnly: boolean
  /** Aborted when somebody takes it. */
  taken: AbortController
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
  let resting: Resting | undefined

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

  const goodbye = async (connection: Connection, signal: AbortSignal): Promise<void> => {
    try {
      await guard(connection, signal, () => connection.end())
    } catch {
      // Nothing is lost with a connection that cannot say goodbye.
      connection.destroy()
    } finally {
      opened.delete(connection)
    }
  }

  const takeResting = (): Resting | undefined => {
    const found = resting
    resting = undefined
    found?.taken.abort()
    return found
  }

  /** Not bound to a run: what stops a run need not cut the goodbye short. */
  const endResting = async (): Promise<void> => {
    const found = takeResting()
    if (found) await goodbye(found.connection, new AbortController().signal)
  }

  const letRest = async (connection: Connection, openedAt: number, readOnly: boolean, signal: AbortSignal): Promise<void> => {
    if (driver.reopens || signal.aborted || context.now() - openedAt > maxAgeMs) return goodbye(connection, signal)
    await endResting()
    const taken = new AbortController()
    resting = { connection, openedAt, readOnly, taken }
    void context.wait(restMs, taken.signal).then(
      () => (taken.signal.aborted ? undefined : endResting()),
      // Somebody has taken it.
      () => undefined,
    )
  }

  const connect = async (signal: AbortSignal, readOnly: boolean): Promise<Connection> => {
    const connection = driver.open(readOnly)
    opened.add(connection)
    try {
      await guard(connection, signal, () => connection.connect())
    } catch (error) {
      opened.delete(connection)
      connection.destroy()
      throw error
    }
    return connection
  }

  /** The resting connection, if it stands: the server may have ended it meanwhile. */
  const wake = async (signal: AbortSignal, readOnly: boolean): Promise<Resting | undefined> => {
    const found = takeResting()
    if (!found) return undefined
    const { connection } = found
    if (found.readOnly !== readOnly) {
      await goodbye(connection, signal)
      return undefined
    }
    try {
      await guard(connection, signal, () => connection.query(driver.version))
      return found
    } catch {
      opened.delete(connection)
      connection.destroy()
      signal.throwIfAborted()
      return undefined
    }
  }

  const sessionOn = (connection: Connection, openedAt: number, readOnly: boolean, signal: AbortSignal): Session => {
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
      close: () => goodbye(connection, signal),
      rest: () => letRest(connection, openedAt, readOnly, signal),
    }
  }

  return {
    async open(signal, readOnly) {
      const woken = await wake(signal, readOnly)
      if (woken) return sessionOn(woken.connection, woken.openedAt, readOnly, signal)
      const openedAt = context.now()
      return sessionOn(await connect(signal, readOnly), openedAt, readOnly, signal)
    },
    async close() {
      const said = new AbortController()
      await Promise.race([endResting(), context.wait(goodbyeMs, said.signal)])
      said.abort()
      for (const connection of opened) connection.destroy()
      opened.clear()
    },
  }
}
