/** Reads the three sides' own files and tables, past their programs. */
import Database from 'better-sqlite3'
import { openStore } from '../../core/store/open-store.ts'
import type { Installation } from './installation.ts'
import { system } from './installation.ts'
import { type LegacyRow, stages } from './legacy.ts'
import type { Evidence } from './verdict.ts'

const fieldOf = new Map<string, string>(stages.map(({ type, field }) => [type, field]))

const versionOf = (type: string, body: string): number => Number(JSON.parse(body).data.content[fieldOf.get(type)!])

interface Line {
  id: string
  identity: string
  dataVersion: number
  lane: string
  type: string
  body: string
}

const readRows = <T>(file: string, query: string): T[] => {
  const db = new Database(file, { readonly: true, timeout: 10_000 })
  try {
    return db.prepare(query).all() as T[]
  } finally {
    db.close()
  }
}

const withVersion = <T extends Line>({ type, body, ...line }: T) => ({ ...line, version: versionOf(type, body) })

const readGateway = (file: string): Evidence['gateway'] => {
  const lines = readRows<Line & { state: string; isHeld: number }>(
    file,
    `SELECT m.identity || ':' || m.data_version AS id, m.identity, m.data_version AS dataVersion, o.lane, m.type, m.body, o.state,
            o.state <> 'confirmed' AND EXISTS (SELECT 1 FROM quarantine q WHERE q.lane = o.lane AND q.state = 'open' AND q.place <= o.place) AS isHeld
       FROM outbox o JOIN message m ON m.seq = o.message_seq ORDER BY o.lane, o.place, o.message_seq`,
  )
  const quarantined = readRows<{ stream: string; key: string; body: string }>(
    file,
    `SELECT r.stream, r.key, r.body FROM quarantine q JOIN record r ON r.seq = q.record_seq WHERE q.state = 'open'`,
  )
  const store = openStore(file, Date.now())
  try {
    return {
      messages: lines.map((line) => ({ ...withVersion(line), isHeld: line.isHeld === 1 })),
      quarantined: quarantined.map(({ body, ...line }) => ({ ...line, version: Number(JSON.parse(body).version) })),
      books: store.books(),
      recount: store.recount(),
    }
  } finally {
    store.close()
  }
}

const readPlatform = (file: string, deadLetters: number): Evidence['platform'] => {
  const sums = ['received', 'duplicates', 'conflicts', 'refused', 'stale'].map((name) => `coalesce(sum(${name}), 0) AS ${name}`)
  const [counts] = readRows<Evidence['platform']['counts']>(file, `SELECT ${sums.join(', ')} FROM tally`)
  const lines = readRows<Line>(
    file,
    'SELECT id, identity, data_version AS dataVersion, lane, type, body FROM message ORDER BY arrival',
  )
  return { messages: lines.map(withVersion), counts: counts!, deadLetters }
}

/** Cheap: how far the gateway is with its messages. `moving`: claimed, or free to be. */
export const progressOf = ({ gatewayStore }: Installation) => {
  const [progress] = readRows<{ confirmed: number; claimed: number; moving: number }>(
    gatewayStore,
    `SELECT count(*) FILTER (WHERE state = 'confirmed') AS confirmed, count(*) FILTER (WHERE state = 'claimed') AS claimed,
            count(*) FILTER (WHERE state IN ('ready', 'claimed')) AS moving FROM outbox`,
  )
  return progress!
}

export const gather = (rows: LegacyRow[], { gatewayStore, platformStore }: Installation, deadLetters: number): Evidence => ({
  system,
  rows,
  gateway: readGateway(gatewayStore),
  platform: readPlatform(platformStore, deadLetters),
})
