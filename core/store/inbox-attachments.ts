import type { Database } from 'better-sqlite3'
import type { Inbox } from './inbox-store.ts'

type Verbs = Pick<Inbox, 'name' | 'need' | 'arrive' | 'awaited' | 'awaiting'>
type State = 'named' | 'awaited' | 'there'

/** `count`: of the ledger. `release` takes the contents of a message back out of the books that nobody waits for any more. */
export const inboxAttachmentVerbs = (db: Database, count: Inbox['count']): Verbs & { release(seq: number): void } => {
  const name = db.prepare('INSERT INTO inbox_attachment (inbox_seq, digest) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const of = db.prepare('SELECT digest, state FROM inbox_attachment WHERE inbox_seq = ?')
  const set = db.prepare('UPDATE inbox_attachment SET state = ? WHERE inbox_seq = ? AND digest = ?')
  const bookOf = db.prepare('SELECT book FROM inbox WHERE seq = ?').pluck()
  const isKept = db.prepare('SELECT 1 FROM attachment WHERE digest = ? AND removed_at IS NULL').pluck()
  const waiting = db
    .prepare(`SELECT inbox_seq FROM inbox_attachment WHERE digest = ? AND state = 'awaited' ORDER BY inbox_seq`)
    .pluck()
  const promote = db.prepare(
    `UPDATE inbox SET due_at = @now WHERE seq = @seq AND state = 'ready' AND due_at IS NULL AND claimed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM inbox_attachment WHERE inbox_seq = @seq AND state = 'awaited')`,
  )
  const awaited = db.prepare(
    `SELECT ia.digest, (SELECT max(p.size) FROM partial_attachment p WHERE p.digest = ia.digest) AS size,
            (SELECT max((SELECT sum(json_extract(r.value, '$[1]') - json_extract(r.value, '$[0]')) FROM json_each(p.ranges) r))
               FROM partial_attachment p WHERE p.digest = ia.digest) AS there
       FROM inbox_attachment ia WHERE ia.inbox_seq = ? AND ia.state = 'awaited' ORDER BY ia.rowid`,
  )

  const awaiting = db.prepare("SELECT count(DISTINCT inbox_seq) FROM inbox_attachment WHERE state = 'awaited'").pluck()

  /** With what it changes in the books. */
  const move = (seq: number, digest: string, from: State, to: State): void => {
    if (from === to) return
    const book = bookOf.get(seq) as number
    set.run(to, seq, digest)
    const counted = (state: State): number => (state === 'named' ? 0 : 1)
    if (counted(to) !== counted(from)) count(book, 'attachments', counted(to) - counted(from))
    if (from === 'there') count(book, 'arrived', -1)
    if (to === 'there') count(book, 'arrived')
  }
  const linesOf = (seq: number) => of.all(seq) as { digest: string; state: State }[]

  return {
    name: (seq, digests) => {
      for (const digest of digests) name.run(seq, digest)
    },
    need: (seq, digests) => {
      for (const digest of digests) name.run(seq, digest)
      let missing = 0
      for (const { digest, state } of linesOf(seq)) {
        const to = !digests.includes(digest) ? 'named' : isKept.get(digest) === undefined ? 'awaited' : 'there'
        if (to === 'awaited') missing += 1
        move(seq, digest, state, to)
      }
      return missing
    },
    arrive: (digest, now) => {
      for (const seq of waiting.all(digest) as number[]) {
        move(seq, digest, 'awaited', 'there')
        promote.run({ seq, now })
      }
    },
    awaited: (seq) =>
      (awaited.all(seq) as { digest: string; size: number | null; there: number | null }[]).map((line) => ({
        ...line,
        there: line.there ?? 0,
      })),
    awaiting: () => awaiting.get() as number,
    release: (seq) => {
      for (const { digest, state } of linesOf(seq)) if (state === 'awaited') move(seq, digest, state, 'named')
    },
  }
}
