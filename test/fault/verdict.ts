/** Compares what the legacy system holds, what the gateway keeps, and what the platform has. Knows nothing of how they came there. */
import type { BookLine } from '../../core/store/store.ts'
import { type LegacyRow, stages } from './legacy.ts'

interface Message {
  id: string
  identity: string
  dataVersion: number
  lane: string
  /** The version of the legacy row that it tells of, read from its content. */
  version: number
}

export interface Evidence {
  system: string
  rows: LegacyRow[]
  gateway: {
    /** By lane, in the order in which they may leave. `isHeld`: an open quarantine line stands before it. */
    messages: (Message & { state: string; isHeld: boolean })[]
    quarantined: { stream: string; key: string; version: number }[]
    books: BookLine[]
    recount: BookLine[]
  }
  platform: {
    /** In the order of arrival. */
    messages: Message[]
    counts: { received: number; duplicates: number; conflicts: number; refused: number; stale: number }
    deadLetters: number
  }
}

const identityOf = (system: string, { table, caseNo, sequence }: LegacyRow): string =>
  `${system}:${caseNo}:${stages.find((stage) => stage.table === table)!.type}:${sequence}:`

const group = <T>(list: T[], keyOf: (one: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const key = keyOf(one)
    const found = groups.get(key)
    if (found) found.push(one)
    else groups.set(key, [one])
  }
  return groups
}

const sum = (lines: BookLine[], counter: 'messages' | 'confirmed' | 'waiting' | 'quarantined' | 'duplicates'): number =>
  lines.reduce((total, line) => total + line[counter], 0)

/** A row is safe where its newest version is: at the platform, behind an open quarantine line of its case, or, when it is bad, in quarantine. */
const findMissing = ({ system, rows, gateway, platform }: Evidence): LegacyRow[] => {
  const versionsOf = (messages: Message[]) => new Map(messages.map(({ identity, version }) => [identity, version]))
  const arrived = versionsOf(platform.messages)
  const held = versionsOf(gateway.messages.filter(({ isHeld }) => isHeld))
  const quarantined = new Set(gateway.quarantined.map(({ stream, key, version }) => `${stream} ${key} ${version}`))
  return rows.filter((row) => {
    if (row.isBad) return !quarantined.has(`${row.table} ${row.id} ${row.version}`)
    const identity = identityOf(system, row)
    return arrived.get(identity) !== row.version && held.get(identity) !== row.version
  })
}

const findDoubled = ({ platform }: Evidence): Message[] => {
  const seen = new Set<string>()
  return platform.messages.filter(({ identity, version }) => seen.size === seen.add(`${identity} ${version}`).size)
}

/** Messages of rows, or of versions of rows, that the legacy system never had. */
const findInvented = ({ system, rows, platform }: Evidence): Message[] => {
  const newest = new Map(rows.map((row) => [identityOf(system, row), row.version]))
  return platform.messages.filter(({ identity, version }) => !(version >= 1 && version <= (newest.get(identity) ?? 0)))
}

/** Lanes that arrived in another order than the gateway's own. */
const findDisordered = ({ gateway, platform }: Evidence): string[] => {
  const idsOf = (messages: Message[]) =>
    new Map([...group(messages, ({ lane }) => lane)].map(([lane, list]) => [lane, list.map(({ id }) => id).join()]))
  const sent = idsOf(gateway.messages.filter(({ state }) => state === 'confirmed'))
  return [...idsOf(platform.messages)].filter(([lane, ids]) => sent.get(lane) !== ids).map(([lane]) => lane)
}

/** Facts whose versions did not arrive as 1, 2, 3 …, each telling of a later version of its row. */
const findWentBack = ({ platform }: Evidence): string[] =>
  [...group(platform.messages, ({ identity }) => identity)]
    .filter(([, list]) =>
      list.some(({ dataVersion, version }, at) => dataVersion !== at + 1 || version <= (list[at - 1]?.version ?? 0)),
    )
    .map(([identity]) => identity)

const findUnequal = ({ gateway, platform }: Evidence): string[] => {
  const confirmed = new Set(gateway.messages.filter(({ state }) => state === 'confirmed').map(({ id }) => id))
  const arrived = new Set(platform.messages.map(({ id }) => id))
  return [...[...confirmed].filter((id) => !arrived.has(id)), ...[...arrived].filter((id) => !confirmed.has(id))]
}

const findBooksOff = ({ gateway: { books, recount } }: Evidence): BookLine[] =>
  books.filter((line, index) => {
    const { duplicates: _, ...counted } = recount[index]!
    const { duplicates, ...booked } = line
    return !line.balanced || JSON.stringify(booked) !== JSON.stringify(counted)
  })

/** Everything that must be zero, the figures beside it, and some of what was found where something is not. */
export const judge = (evidence: Evidence) => {
  const { gateway, platform } = evidence
  const { received, duplicates, conflicts, refused, stale } = platform.counts
  const confirmed = sum(gateway.books, 'confirmed')
  const distinct = platform.messages.length
  const found = {
    missing: findMissing(evidence),
    doubled: findDoubled(evidence),
    invented: findInvented(evidence),
    disordered: findDisordered(evidence),
    wentBack: findWentBack(evidence),
    unequal: findUnequal(evidence),
    stuck: gateway.messages.filter(({ state, isHeld }) => state !== 'confirmed' && !isHeld),
    booksOff: findBooksOff(evidence),
  }
  const count = (fault: keyof typeof found): number => found[fault].length
  const faults = {
    missing: count('missing'),
    doubled: count('doubled'),
    invented: count('invented'),
    disordered: count('disordered'),
    wentBack: count('wentBack'),
    unequal: count('unequal'),
    stuck: count('stuck'),
    booksOff: count('booksOff'),
    conflicts,
    refused,
    stale,
    deadLetters: platform.deadLetters,
    confirmedMinusDistinct: confirmed - distinct,
    receivedMinusBooked: received - duplicates - distinct - conflicts - refused,
  }
  return {
    ok: Object.values(faults).every((number) => number === 0),
    faults,
    rows: evidence.rows.length,
    messages: sum(gateway.books, 'messages'),
    confirmed,
    distinctAtPlatform: distinct,
    laterVersionsAtPlatform: platform.messages.filter(({ dataVersion }) => dataVersion > 1).length,
    quarantined: sum(gateway.books, 'quarantined'),
    heldBehindQuarantine: sum(gateway.books, 'waiting'),
    duplicatesDroppedByPlatform: duplicates,
    duplicatesDroppedByGateway: sum(gateway.books, 'duplicates'),
    examples: Object.entries(found).flatMap(([fault, list]) => list.slice(0, 3).map((example) => ({ fault, example }))),
  }
}
