// needs: rabbitmq
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { requireSafeSqlite } from '../core/transport/embedded/file.ts'
import { openEmbedded, openEmbeddedAttachments } from '../core/transport/embedded.ts'
import { partitionOf } from '../core/transport/lane.ts'
import { createRabbitmqPlace } from './contract/rabbitmq-place.ts'
import { type TransportPlace, testTransport } from './contract/transport-contract.ts'
import { collect, connected, createMessage, createMessages, realClock, until } from './contract/transport-messages.ts'

const createEmbeddedPlace = async (t: Test): Promise<TransportPlace> => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-transport-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return {
    open({ window = 500, gateway } = {}) {
      const options = { file: 'queue.sqlite', partitions: 4, window, pollMs: 10 }
      const transport = openEmbedded(options, realClock, folder, { gateway })
      transport.open()
      return transport
    },
    openAttachments({ gateway } = {}) {
      const options = { file: 'queue.sqlite', partitions: 4, window: 500, pollMs: 10 }
      const transport = openEmbeddedAttachments(options, realClock, folder, { gateway })
      t.teardown(() => transport.close(0))
      transport.open()
      return transport
    },
    async deadLetters() {
      const db = new Database(join(folder, 'queue.sqlite'))
      try {
        return db.prepare<[], string>('select id from dead_letter order by seq').pluck().all()
      } finally {
        db.close()
      }
    },
  }
}

await testTransport(t, 'the embedded transport', createEmbeddedPlace)
await testTransport(t, 'the RabbitMQ transport', async (t) => createRabbitmqPlace(t))

t.test('two processes share one embedded file; when the subscriber is killed, the other takes over what it held', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-transport-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'queue.sqlite')
  const child = fork(join(import.meta.dirname, 'contract/embedded-process.ts'), [file])
  t.teardown(() => child.kill('SIGKILL'))
  let [published, held] = [0, 0]
  child.on('message', (message: { published?: number; held?: number }) => {
    published += message.published ?? 0
    held += message.held ?? 0
  })
  await until('the other process holds all partitions', () => held === 60)
  t.equal(published, 60)

  const transport = openEmbedded({ file, partitions: 4, window: 500, pollMs: 10 }, realClock)
  t.teardown(() => transport.close(0))
  transport.open()
  await connected(transport)
  const { deliveries, ids } = collect(transport)
  t.same(await transport.publish(createMessage(60)), { outcome: 'confirmed' })
  t.same(ids(), [], 'while the other process subscribes, this one waits')
  child.kill('SIGKILL')
  await until('all have come here', () => deliveries.length >= 61)
  t.same(ids().sort(), [...createMessages(60), createMessage(60)].map(({ id }) => id).sort())
  t.equal(deliveries.filter(({ redelivered }) => redelivered).length, 60)
})

t.test('an embedded file that cannot be opened is told and tried again; wrong ones are refused', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-transport-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const open = (partitions: number) => {
    const transport = openEmbedded({ file: 'sub/queue.sqlite', partitions, window: 500, pollMs: 10 }, realClock, folder)
    t.teardown(() => transport.close(0))
    transport.open()
    return transport
  }
  writeFileSync(join(folder, 'sub'), 'a file where the folder should be')
  const transport = open(4)
  t.match(transport.state(), { state: 'connecting', error: { code: 'STORE_UNWRITABLE' } })
  t.equal((await transport.publish(createMessage(1))).outcome, 'interrupted')
  rmSync(join(folder, 'sub'))
  await connected(transport)

  t.match(open(8).state(), { state: 'connecting', error: { code: 'BROKER_TOPOLOGY_MISMATCH' } })
  const db = new Database(join(folder, 'sub/queue.sqlite'))
  t.teardown(() => db.close())
  db.pragma('user_version = 4')
  t.match(open(4).state(), { state: 'connecting', error: { code: 'STORE_SCHEMA_DRIFT' } })
  db.pragma('user_version = 1')

  // Another process holds the write lock for longer than SQLite waits: nothing is stored, and that is known.
  db.exec('begin immediate')
  const refused = await transport.publish(createMessage(1))
  db.exec('rollback')
  t.match(refused, { outcome: 'refused', error: { code: 'STORE_UNWRITABLE' } })
  t.match(transport.state(), { state: 'connecting', error: { code: 'STORE_UNWRITABLE' } })
  await connected(transport)
  t.same(await transport.publish(createMessage(1)), { outcome: 'confirmed' })

  t.throws(() => requireSafeSqlite('3.51.2'), { code: 'STORE_SQLITE_UNSAFE' })
  t.throws(() => requireSafeSqlite('3.46.9'), { code: 'STORE_SQLITE_UNSAFE' })
  for (const version of ['3.51.3', '3.52.0', '4.0.0']) t.doesNotThrow(() => requireSafeSqlite(version))
})

t.test('a lane keeps its partition for ever, and lanes spread over all of them', async (t) => {
  // Worked out with an independent implementation of FNV-1a; a change here would tear cases apart.
  t.same(
    ['', 'a', 'case-1', '150902/办件𠮷'].map((lane) => partitionOf(lane, 8)),
    [1, 0, 1, 6],
  )
  const counts = new Map<number, number>()
  for (let number = 0; number < 8000; number++) {
    const partition = partitionOf(`12150902PDY00001X4-20261101-${String(number).padStart(4, '0')}`, 8)
    counts.set(partition, (counts.get(partition) ?? 0) + 1)
  }
  t.equal(counts.size, 8)
  t.ok(Math.min(...counts.values()) > 800, `smallest share ${Math.min(...counts.values())} of 1000`)
})

t.test('a file of the version that knew one queue keeps its messages', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-transport-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'queue.sqlite')
  const db = new Database(file)
  db.exec(`
    create table partition (number integer primary key, handed_over integer not null default 0) strict;
    create table message (seq integer primary key autoincrement, partition integer not null references partition (number),
      id text not null, type text not null, lane text not null, body text not null, sent_at integer not null) strict;
    create index message_by_partition on message (partition, seq);
    create table dead_letter (seq integer primary key, partition integer not null, id text not null, type text not null,
      lane text not null, body text not null, sent_at integer not null, rejected_at integer not null) strict;
    insert into partition values (0, 7), (1, 0), (2, 0), (3, 0);
    insert into message values (7, 0, 'kept', 'application.received', 'case-1', '{}', 1);
    insert into dead_letter values (3, 0, 'dead', 'application.received', 'case-1', '{}', 1, 2);
    pragma user_version = 1;
  `)
  db.close()
  const transport = openEmbedded({ file, partitions: 4, window: 500, pollMs: 10 }, realClock)
  t.teardown(() => transport.close(0))
  transport.open()
  await connected(transport)
  const { deliveries } = collect(transport)
  await transport.publish(createMessage(1))
  await until('both have come', () => deliveries.length === 2)
  t.match(
    deliveries.find(({ id }) => id === 'kept'),
    { redelivered: true },
  )
})

t.test('a file of the version that knew text alone keeps its messages, and takes bytes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-transport-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'queue.sqlite')
  const db = new Database(file)
  db.exec(`
    create table partition (queue text not null, number integer not null, handed_over integer not null default 0, primary key (queue, number)) strict;
    create table message (seq integer primary key autoincrement, queue text not null, partition integer not null, id text not null,
      type text not null, lane text not null, body text not null, sent_at integer not null,
      foreign key (queue, partition) references partition (queue, number)) strict;
    create index message_by_partition on message (queue, partition, seq);
    create table dead_letter (seq integer primary key, queue text not null, partition integer not null, id text not null, type text not null,
      lane text not null, body text not null, sent_at integer not null, rejected_at integer not null) strict;
    insert into partition (queue, number, handed_over) values ('up', 0, 7), ('up', 1, 0), ('up', 2, 0), ('up', 3, 0);
    insert into message values (7, 'up', 0, 'old', 'application.received', 'a', '{"旧":1}', 1);
    insert into dead_letter values (3, 'up', 0, 'dead', 'application.received', 'a', '{}', 1, 2);
    pragma user_version = 2;
  `)
  db.close()
  const options = { file, partitions: 4, window: 500, pollMs: 10 }
  const [transport, chunks] = [openEmbedded(options, realClock), openEmbeddedAttachments(options, realClock)]
  for (const one of [transport, chunks]) {
    t.teardown(() => one.close(0))
    one.open()
    await connected(one)
  }
  const { deliveries } = collect(transport)
  await until('the old one is there', () => deliveries.length === 1)
  t.match(deliveries, [{ id: 'old', body: '{"旧":1}', redelivered: true }])
  t.same(await transport.publish(createMessage(1)), { outcome: 'confirmed' })
  await until('a new one is there', () => deliveries.length === 2)
  t.equal(deliveries[1]!.redelivered, false, 'no number was used twice')
  const bytes: Buffer[] = []
  chunks.subscribe(async (batch) => {
    bytes.push(...batch.map(({ body }) => body))
    return batch.map(() => 'ack')
  })
  const body = Buffer.from([0, 255, 128])
  await chunks.publish(createMessage(2, { address: 'attachments.up.150902.12150902PDY00001X4', body }))
  await until('the bytes are there', () => bytes.length === 1)
  t.ok(bytes[0]!.equals(body))
})
