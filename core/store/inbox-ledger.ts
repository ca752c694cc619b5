import type { Database, Statement } from 'better-sqlite3'
import type { Inbox, InboxBookLine, InboxCounter } from './inbox-store.ts'

const counters: InboxCounter[] = [
  'received',
  'duplicates',
  'delivered',
  'rejected',
  'ignored',
  'refused',
  'attachments',
  'arrived',
]

/** What is open is always counted from the lines themselves, so that the balance compares two independent sums. */
const openLines = `SELECT book, count(*) AS open, sum(state = 'quarantined' AND detail ->> '$.code' = 'EXCHANGE_CONFLICT') AS conflicts
  FROM inbox WHERE state NOT IN ('delivered', 'rejected', 'ignored', 'refused') GROUP BY book`

const recounted = `SELECT book, count(*) AS received, sum(state = 'delivered') AS delivered, sum(state = 'rejected') AS rejected,
  sum(state = 'ignored') AS ignored, sum(state = 'refused') AS refused FROM inbox GROUP BY book`

const ofAttachments = (what: string): string =>
  `SELECT i.book, ${what} FROM inbox_attachment a JOIN inbox i ON i.seq = a.inbox_seq GROUP BY i.book`
const awaitedLines = ofAttachments("sum(a.state = 'awaited') AS awaited")
const recountedAttachments = ofAttachments("sum(a.state <> 'named') AS attachments, sum(a.state = 'there') AS arrived")

type Sums = Omit<InboxBookLine, 'balanced'> & { book: number }

const toLine = ({ book: _, ...line }: Sums): InboxBookLine => ({
  ...line,
  balanced:
    line.received === line.delivered + line.rejected + line.ignored + line.refused + line.open &&
    line.attachments === line.arrived + line.awaited,
})

export const inboxLedger = (db: Database): Pick<Inbox, 'book' | 'count' | 'books' | 'recount'> => {
  const find = db.prepare('SELECT book FROM inbox_ledger WHERE day = ? AND system = ? AND type = ?').pluck()
  const make = db.prepare('INSERT INTO inbox_ledger (day, system, type) VALUES (?, ?, ?)')
  const add = Object.fromEntries(
    counters.map((counter) => [counter, db.prepare(`UPDATE inbox_ledger SET ${counter} = ${counter} + ? WHERE book = ?`)]),
  ) as Record<InboxCounter, Statement<[number, number]>>
  const lines = db.prepare(
    'SELECT * FROM inbox_ledger WHERE (@system IS NULL OR system = @system) AND (@day IS NULL OR day = @day) ORDER BY day, system, type',
  )
  const open = db.prepare(openLines)
  const awaited = db.prepare(awaitedLines)
  const again = db.prepare(recounted)
  const againAttachments = db.prepare(recountedAttachments)
  const byBook = <Line extends object>(statement: Statement): Map<number, Line> =>
    new Map((statement.all() as (Line & { book: number })[]).map(({ book, ...line }) => [book, line as unknown as Line]))

  const read = (filter: { system?: string; day?: string }, fromLines: boolean): InboxBookLine[] => {
    const openOf = byBook<{ open: number; conflicts: number }>(open)
    const awaitedOf = byBook<{ awaited: number }>(awaited)
    const none = { received: 0, delivered: 0, rejected: 0, ignored: 0, refused: 0, attachments: 0, arrived: 0 }
    const countedOf = fromLines ? [byBook<Partial<typeof none>>(again), byBook<Partial<typeof none>>(againAttachments)] : []
    const rows = lines.all({ system: filter.system ?? null, day: filter.day ?? null }) as Sums[]
    return rows.map((row) =>
      toLine({
        ...row,
        ...(fromLines ? none : {}),
        ...Object.assign({}, ...countedOf.map((counted) => counted.get(row.book))),
        ...(openOf.get(row.book) ?? { open: 0, conflicts: 0 }),
        ...(awaitedOf.get(row.book) ?? { awaited: 0 }),
      }),
    )
  }
  return {
    book: (day, system, type) =>
      (find.get(day, system, type) as number | undefined) ?? Number(make.run(day, system, type).lastInsertRowid),
    count: (book, counter, by = 1) => void add[counter].run(by, book),
    books: (filter = {}) => db.transaction(() => read(filter, false))(),
    recount: () => db.transaction(() => read({}, true))(),
  }
}
