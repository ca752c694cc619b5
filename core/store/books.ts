import type { Database, Statement } from 'better-sqlite3'
import type { BookLine, Counter, Store } from './store.ts'

type BookVerbs = Pick<Store, 'book' | 'count' | 'books' | 'recount'>

const counters: Counter[] = [
  'read',
  'duplicates',
  'translated',
  'ignored',
  'echoes',
  'unexchanged',
  'messages',
  'confirmed',
  'receipted',
  'disputed',
  'rejected',
  'attachments',
  'sent',
  'arrived',
]

/** What is open is always counted from the lines themselves, so that the balance compares two independent sums. */
const openLines = {
  conflicts: "SELECT book, count(*) AS n FROM quarantine WHERE state = 'open' AND code = 'EXCHANGE_CONFLICT' GROUP BY book",
  quarantined: "SELECT book, count(*) AS n FROM quarantine WHERE state = 'open' GROUP BY book",
  waiting: "SELECT book, count(*) AS n FROM outbox WHERE state <> 'confirmed' GROUP BY book",
  unsent: "SELECT book, count(*) AS n FROM transfer WHERE state IN ('open', 'stopped') GROUP BY book",
}

const recounted = {
  read: 'SELECT book, count(*) AS n FROM record GROUP BY book',
  translated: "SELECT book, count(*) AS n FROM record WHERE disposition = 'translated' GROUP BY book",
  ignored: "SELECT book, count(*) AS n FROM record WHERE disposition = 'ignored' GROUP BY book",
  echoes:
    "SELECT r.book, count(*) AS n FROM withheld w JOIN record r ON r.seq = w.record_seq WHERE w.reason = 'echo' GROUP BY r.book",
  unexchanged:
    "SELECT r.book, count(*) AS n FROM withheld w JOIN record r ON r.seq = w.record_seq WHERE w.reason = 'unexchanged' GROUP BY r.book",
  messages: 'SELECT book, count(*) AS n FROM outbox GROUP BY book',
  receipted: "SELECT book, count(*) AS n FROM outbox WHERE receipt = 'accepted' GROUP BY book",
  disputed: "SELECT book, count(*) AS n FROM outbox WHERE receipt = 'disputed' GROUP BY book",
  rejected: "SELECT book, count(*) AS n FROM outbox WHERE receipt = 'rejected' GROUP BY book",
  confirmed: "SELECT book, count(*) AS n FROM outbox WHERE state = 'confirmed' GROUP BY book",
  attachments: 'SELECT book, count(*) AS n FROM transfer GROUP BY book',
  sent: "SELECT book, count(*) AS n FROM transfer WHERE state IN ('sent', 'arrived') GROUP BY book",
  arrived: "SELECT book, count(*) AS n FROM transfer WHERE state = 'arrived' GROUP BY book",
}

type Sums = Omit<BookLine, 'balanced'>

const toLine = (line: Sums): BookLine => ({
  ...line,
  balanced:
    line.read === line.translated + line.quarantined + line.ignored &&
    line.messages === line.confirmed + line.waiting &&
    line.attachments === line.sent + line.unsent,
})

export const bookVerbs = (db: Database): BookVerbs => {
  const find = db.prepare('SELECT book FROM ledger WHERE day = ? AND route = ? AND stream = ?').pluck()
  const make = db.prepare('INSERT INTO ledger (day, route, stream) VALUES (?, ?, ?)')
  const add = Object.fromEntries(
    counters.map((counter) => [counter, db.prepare(`UPDATE ledger SET ${counter} = ${counter} + ? WHERE book = ?`)]),
  ) as Record<Counter, Statement<[number, number]>>
  const lines = db.prepare(
    'SELECT * FROM ledger WHERE (@route IS NULL OR route = @route) AND (@day IS NULL OR day = @day) ORDER BY day, route, stream',
  )

  const sums = (queries: Record<string, string>): Map<number, Partial<Sums>> => {
    const byBook = new Map<number, Partial<Sums>>()
    for (const [column, sql] of Object.entries(queries)) {
      for (const { book, n } of db.prepare(sql).all() as { book: number; n: number }[]) {
        byBook.set(book, { ...byBook.get(book), [column]: n })
      }
    }
    return byBook
  }
  const read = (queries: Record<string, string>, filter: { route?: string; day?: string } = {}): BookLine[] => {
    const counted = sums(queries)
    const rows = lines.all({ route: filter.route ?? null, day: filter.day ?? null }) as (Sums & { book: number })[]
    return rows.map(({ book, ...row }) => {
      const zeros = Object.fromEntries(Object.keys(queries).map((column) => [column, 0]))
      return toLine({ ...row, ...zeros, ...counted.get(book) })
    })
  }

  return {
    book: (day, route, stream) =>
      (find.get(day, route, stream) as number | undefined) ?? Number(make.run(day, route, stream).lastInsertRowid),
    count: (book, counter, by = 1) => void add[counter].run(by, book),
    // One transaction, so that counters and open lines are of the same moment.
    books: (filter) => db.transaction(() => read(openLines, filter))(),
    recount: () => db.transaction(() => read({ ...openLines, ...recounted }))(),
  }
}
