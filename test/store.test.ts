import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { GatewayError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import { sha256 } from '../core/sha256.ts'
import { lockStore } from '../core/store/lock.ts'
import { migrate, openDurable } from '../core/store/open.ts'
import { openStore } from '../core/store/open-store.ts'
import type { ClaimedMessage, Store } from '../core/store/store.ts'
import { temporaryFolder } from './temporary.ts'

const openNew = (t: Test): { store: Store; file: string } => {
  const file = join(temporaryFolder(t), 'gateway.db')
  const store = openStore(file, 1)
  t.teardown(() => store.close())
  store.commit(() => store.keepRoute('housing', '11150900PDY00001XA', '150900'))
  return { store, file }
}

const addRecord = (
  store: Store,
  key: string,
  body = `{"key":"${key}"}`,
  disposition: 'translated' | 'quarantined' = 'translated',
) => {
  const book = store.book('2026-11-23', 'housing', 'SB')
  store.count(book, 'read')
  if (disposition === 'translated') store.count(book, 'translated')
  const seq = store.addRecord({
    book,
    route: 'housing',
    stream: 'SB',
    key,
    hash: sha256(body),
    receivedAt: 1000,
    disposition,
    reason: null,
    mappingVersion: 'v1',
    contentType: 'application/json',
    charset: null,
    decoded: true,
    faulty: false,
    body: Buffer.from(body),
  })
  return { seq, book }
}

const addMessage = (store: Store, lane: string, name: string, place?: number) => {
  const { seq: recordSeq, book } = addRecord(store, `${lane}/${name}`)
  store.count(book, 'messages')
  return store.addMessage({
    recordSeq,
    book,
    lane,
    place: place ?? recordSeq,
    identity: `${lane}:${name}`,
    dataVersion: 1,
    contentHash: name,
    type: 'application.received',
    body: Buffer.from(name),
  })
}

const confirmAll = (store: Store, batch: ClaimedMessage[], now: number) => store.commit(() => store.confirm(batch, now))

const claimed = (store: Store, now = 0, limit = 100) => store.commit(() => store.claim(limit, now))

const refused = GatewayError.of('PUBLISH_REFUSED', {})

t.test('several processes may open a new store at once', { timeout: 120_000 }, async (t) => {
  const code = `
    const { openStore } = await import('./core/store/open-store.ts')
    const { openDurable } = await import('./core/store/open.ts')
    process.on('message', ({ file, migrates }) => {
      try {
        const opened = migrates ? openStore(file, 0) : openDurable(file)
        opened.close()
        process.send('opened')
      } catch (error) {
        process.send(error.message)
      }
    })
    process.send('there')`
  const openers = [1, 2, 3].map(() =>
    spawn(process.execPath, ['--import', './test/typescript/register.mjs', '--input-type=module', '--eval', code], {
      cwd: packageRoot,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  )
  t.teardown(() => {
    for (const opener of openers) opener.kill()
  })
  const answers = () => Promise.all(openers.map(async (opener) => (await once(opener, 'message'))[0] as string))
  await answers()
  const folder = temporaryFolder(t)
  const said = new Set<string>()
  // What SQLite does to a new file is over in no time: only in many rounds do they meet there.
  for (let round = 0; round < 310; round++) {
    const answered = answers()
    for (const opener of openers) opener.send({ file: join(folder, `${round}.db`), migrates: round % 31 === 0 })
    for (const answer of await answered) said.add(answer)
  }
  t.same([...said], ['opened'])
})

t.test('the store is opened so that what is committed is on the disk', async (t) => {
  const { file } = openNew(t)
  const db = new Database(file, { readonly: true })
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  db.close()
  const again = openDurable(file)
  t.equal(again.pragma('synchronous', { simple: true }), 2)
  t.equal(again.pragma('foreign_keys', { simple: true }), 1)
  again.close()
  t.throws(() => openDurable('/dev/null/nowhere/gateway.db'), { code: 'STORE_UNWRITABLE' })
})

t.test('a store whose structure or migrations were changed by hand is refused', async (t) => {
  const { file, store } = openNew(t)
  store.close()
  const db = new Database(file)
  db.exec('ALTER TABLE record ADD COLUMN note TEXT')
  t.throws(() => migrate(db, file, 2), { code: 'STORE_SCHEMA_DRIFT' })
  db.close()

  const folder = temporaryFolder(t)
  const migrations = join(folder, 'migrations')
  mkdirSync(migrations)
  const source = join(packageRoot, 'core/store/migrations')
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(migrations, name))
  const other = openDurable(join(folder, 'other.db'))
  migrate(other, 'other.db', 1, migrations)
  writeFileSync(join(migrations, '9999-more.sql'), 'CREATE TABLE more (n INTEGER) STRICT')
  migrate(other, 'other.db', 2, migrations)
  t.same(other.prepare('SELECT count(*) FROM more').pluck().get(), 0, 'a later migration is applied once')
  migrate(other, 'other.db', 3, migrations)
  writeFileSync(join(migrations, '9999-more.sql'), 'CREATE TABLE more (n TEXT) STRICT')
  t.throws(() => migrate(other, 'other.db', 4, migrations), { code: 'STORE_SCHEMA_DRIFT' })
  other.close()
})

t.test('only one gateway may run on a store', async (t) => {
  const { file } = openNew(t)
  const unlock = lockStore(file)
  t.throws(() => lockStore(file), { code: 'STORE_IN_USE' })
  unlock()
  lockStore(file)()
})

t.test('a commit that throws changes nothing', async (t) => {
  const { store } = openNew(t)
  t.throws(() =>
    store.commit(() => {
      addMessage(store, 'A', '1')
      throw new Error('on purpose')
    }),
  )
  t.equal(store.waiting(), 0)
  t.same(store.books(), [])
})

t.test('messages of a lane leave one at a time and in order; lanes do not wait for each other', async (t) => {
  const { store } = openNew(t)
  store.commit(() => {
    for (const name of ['1', '2', '3']) for (const lane of ['A', 'B']) addMessage(store, lane, name)
  })
  const order: string[] = []
  for (let turn = 0; turn < 3; turn++) {
    const batch = claimed(store)
    t.same(batch.map(({ lane }) => lane).sort(), ['A', 'B'])
    t.same(claimed(store), [], 'what is claimed cannot be claimed again')
    order.push(...batch.map(({ identity }) => identity))
    confirmAll(store, batch, 5)
  }
  t.same(
    order.filter((id) => id.startsWith('A')),
    ['A:1', 'A:2', 'A:3'],
  )
  t.equal(store.waiting(), 0)
})

t.test('a failed attempt is kept, and its lane waits for the time of the next one', async (t) => {
  const { store } = openNew(t)
  store.commit(() => {
    for (const name of ['1', '2']) addMessage(store, 'A', name)
  })
  const [first] = claimed(store)
  store.commit(() => store.retry(first!, { outcome: 'refused', error: refused }, 10, 500))
  t.same(claimed(store, 499), [])
  t.notOk(store.hasReady(499))
  const [again] = claimed(store, 500)
  t.match(again, { identity: 'A:1', attempt: 2 })
  store.commit(() => store.confirm([first!], 501))
  t.equal(store.waiting(), 2, 'the answer to an earlier attempt confirms nothing')
  store.commit(() => store.confirm([again!], 502))
  t.match(claimed(store, 503), [{ identity: 'A:2' }])
})

t.test('after a crash what was claimed is sent again', async (t) => {
  const { store } = openNew(t)
  store.commit(() => addMessage(store, 'A', '1'))
  claimed(store)
  t.equal(
    store.commit(() => store.releaseClaims(20)),
    1,
  )
  t.match(claimed(store, 20), [{ identity: 'A:1', attempt: 2 }])
})

t.test('what was in flight when its lane was held waits when its attempt fails, or the gateway was killed', async (t) => {
  for (const end of ['failed', 'killed'] as const) {
    const { store } = openNew(t)
    store.commit(() => addMessage(store, 'A', 'first'))
    confirmAll(store, claimed(store), 5)
    store.commit(() => addMessage(store, 'A', 'second'))
    const [second] = claimed(store)
    // As a late rejection of the first does.
    const { recordSeq } = store.messageOf('A:first:1')!
    store.commit(() => {
      const { book, place } = store.standing(store.messageOf('A:first:1')!.seq)
      store.reopenQuarantine(recordSeq, book, 'A', place, refused, 10)
      store.advance('A')
    })
    store.commit(() => {
      if (end === 'failed') store.retry(second!, { outcome: 'refused', error: refused }, 11, 11)
      else store.releaseClaims(11)
    })
    t.same(claimed(store, 12), [], end)
    store.commit(() => {
      store.closeQuarantine(recordSeq, 'discarded', 'test', 'because', 13)
      store.advance('A')
    })
    t.match(claimed(store, 14), [{ identity: 'A:second', attempt: 2 }])
  }
})

t.test('what takes a place before a message in flight waits for its answer, and goes first if that is none', async (t) => {
  const { store } = openNew(t)
  let place = 0
  store.commit(() => {
    place = addRecord(store, 'early', 'early', 'translated').seq
    addMessage(store, 'A', 'later')
  })
  const [later] = claimed(store)
  store.commit(() => addMessage(store, 'A', 'earlier', place))
  t.same(claimed(store, 10), [], 'one of a lane is in flight')
  store.commit(() => store.retry(later!, { outcome: 'interrupted', error: refused }, 11, 11))
  const [earlier] = claimed(store, 12)
  t.match(earlier, { identity: 'A:earlier' })
  t.same(claimed(store, 13), [])
  confirmAll(store, [earlier!], 14)
  t.match(claimed(store, 15), [{ identity: 'A:later', attempt: 2 }])
})

t.test('an open quarantine line holds back what comes after it in its lane, and nothing else', async (t) => {
  const { store } = openNew(t)
  store.commit(() => {
    addMessage(store, 'A', 'before')
    const { seq, book } = addRecord(store, 'bad', 'bad', 'quarantined')
    store.quarantine(seq, book, 'A', seq, refused, 30)
    addMessage(store, 'A', 'after')
    addMessage(store, 'B', 'other')
  })
  const batch = claimed(store)
  t.same(
    batch.map(({ identity }) => identity),
    ['A:before', 'B:other'],
  )
  confirmAll(store, batch, 31)
  t.same(claimed(store, 32), [])
  const [line] = store.openQuarantine({ limit: 10 })
  t.match(line, { code: 'PUBLISH_REFUSED', lane: 'A', state: 'open' })
  t.ok(store.books().every(({ balanced }) => balanced))
  store.commit(() => {
    const closed = store.closeQuarantine(line!.recordSeq, 'discarded', 'test', 'because', 33)
    store.setDisposition(line!.recordSeq, 'ignored', 'because', null)
    store.count(closed!.book, 'ignored')
    store.advance('A')
  })
  t.match(claimed(store, 34), [{ identity: 'A:after' }])
  t.ok(store.books().every(({ balanced }) => balanced))
  t.equal(
    store.commit(() => store.closeQuarantine(line!.recordSeq, 'replayed', 'test', null, 35)),
    undefined,
    'a line is closed once',
  )
})

t.test('a correction takes the place of what it corrects', async (t) => {
  const { store } = openNew(t)
  let place = 0
  store.commit(() => {
    const { seq, book } = addRecord(store, 'bad', 'bad', 'quarantined')
    place = seq
    store.quarantine(seq, book, 'A', seq, refused, 30)
    addMessage(store, 'A', 'later')
  })
  store.commit(() => {
    store.closeQuarantine(place, 'superseded', 'gateway', null, 40)
    addMessage(store, 'A', 'corrected', place)
    store.advance('A')
  })
  const [first] = claimed(store, 41)
  t.equal(first?.identity, 'A:corrected')
  store.commit(() => store.confirm([first!], 42))
  t.match(claimed(store, 43), [{ identity: 'A:later' }])
})

t.test('the books agree with a count of the lines themselves', async (t) => {
  const { store } = openNew(t)
  store.commit(() => {
    for (const name of ['1', '2', '3']) addMessage(store, name, name)
  })
  const batch = claimed(store, 0, 2)
  confirmAll(store, batch, 5)
  t.same(store.books(), store.recount())
  t.match(store.books(), [{ read: 3, translated: 3, messages: 3, confirmed: 2, waiting: 1, balanced: true }])
  t.same(store.books({ route: 'other' }), [])
})

t.test('retention ends for what is finished, never for what is open', async (t) => {
  const { store } = openNew(t)
  store.commit(() => {
    addMessage(store, 'A', 'done')
    const [message] = store.claim(1, 0)
    store.confirm([message!], 5)
    addMessage(store, 'B', 'waiting')
    const { seq, book } = addRecord(store, 'bad', 'bad', 'quarantined')
    store.quarantine(seq, book, null, seq, refused, 30)
  })
  t.same(
    store.commit(() => store.prune(1000, 0, 10)),
    { bodies: 0, lines: 0 },
  )
  t.same(
    store.commit(() => store.prune(1001, 0, 10)),
    { bodies: 1, lines: 0 },
  )
  t.equal(store.record(1)?.body, null)
  t.ok(store.newestRecord('housing', 'SB', 'A/done'), 'its line still tells duplicates')
  t.same(
    store.commit(() => store.prune(1001, 1001, 10)),
    { bodies: 0, lines: 1 },
  )
  t.equal(store.record(1), undefined)
  t.equal(store.waiting(), 1)
  t.equal(store.openQuarantine({ limit: 5 }).length, 1)
  t.match(store.books(), [{ read: 3, balanced: true }])
})

t.test('checkpoints and health survive a restart', async (t) => {
  const { store, file } = openNew(t)
  store.commit(() => {
    store.setCheckpoint('housing', { page: 3 }, 1)
    store.report('source:housing', 'failing', { code: 'X' }, 10)
    store.report('source:housing', 'failing', { code: 'Y' }, 20)
  })
  const again = openStore(file, 2)
  t.same(again.checkpoint('housing'), { page: 3 })
  t.match(again.health(), [{ component: 'source:housing', state: 'failing', changedAt: 10, seenAt: 20, detail: { code: 'Y' } }])
  again.close()
})
