/** What every transport must do. Each implementation runs it over places (queues of their own) that it makes and removes. */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Delivery, DeliveryVerdict, Transport } from '../../core/transport/transport.ts'
import { acknowledge, collect, connected, createMessage, createMessages, publishAll, until } from './transport-messages.ts'

export { connected, realClock, until } from './transport-messages.ts'

export interface TransportPlace {
  /** A further transport on the same queues, opened, but perhaps not yet connected. */
  open(options?: { window?: number; gateway?: string }): Transport
  /** The same for chunks of attachments. */
  openAttachments(options?: { gateway?: string }): Transport<Buffer>
  /** The ids of the dead letters, in order. */
  deadLetters(): Promise<string[]>
}

const idsByLane = (messages: { id: string; lane: string }[]): Record<string, string[]> => {
  const lanes: Record<string, string[]> = {}
  for (const { id, lane } of messages) {
    lanes[lane] ??= []
    lanes[lane].push(id)
  }
  return lanes
}

export const testTransport = (t: Test, name: string, createPlace: (t: Test) => Promise<TransportPlace>): Promise<unknown> =>
  t.test(`${name} keeps the contract of a transport`, async (suite) => {
    const scenario = (
      title: string,
      body: (
        t: Test,
        place: TransportPlace,
        open: (options?: { window?: number; gateway?: string }) => Promise<Transport>,
      ) => Promise<void>,
    ) =>
      suite.test(title, async (t) => {
        const place = await createPlace(t)
        const open = async (options?: { window?: number; gateway?: string }): Promise<Transport> => {
          const transport = place.open(options)
          t.teardown(() => transport.close(0))
          await connected(transport)
          return transport
        }
        await body(t, place, open)
      })

    await scenario(
      'what is sent to a gateway comes to it alone, and back where there is no such gateway',
      async (t, _place, open) => {
        const [platform, first, second] = [await open(), await open({ gateway: 'first' }), await open({ gateway: 'second' })]
        const at = {
          platform: collect(platform),
          first: collect(first, { queue: 'down.first' }),
          second: collect(second, { queue: 'down.second' }),
        }
        const to = (address: string, from: number) =>
          createMessages(from + 50)
            .slice(from)
            .map((message) => ({ ...message, address }))
        const [toFirst, toSecond, toNobody] = [to('down.first', 0), to('down.second', 50), to('down.third', 100)]
        const outcomes = await publishAll(platform, [...toFirst, ...toSecond, ...toNobody])
        t.same(
          outcomes.map(({ outcome }) => outcome),
          [...toFirst, ...toSecond].map(() => 'confirmed').concat(toNobody.map(() => 'returned')),
        )
        await publishAll(first, [createMessage(200)])
        await until(
          'all have arrived',
          () => at.first.deliveries.length + at.second.deliveries.length + at.platform.deliveries.length >= 101,
        )
        t.same(idsByLane(at.first.deliveries), idsByLane(toFirst))
        t.same(idsByLane(at.second.deliveries), idsByLane(toSecond))
        t.same(at.platform.ids(), ['message-200'])
      },
    )

    await scenario(
      'messages are confirmed and arrive once, whole, in order per lane, over several partitions',
      async (t, _place, open) => {
        const transport = await open()
        const sent = createMessages(400)
        const outcomes = await publishAll(transport, sent)
        t.ok(outcomes.every(({ outcome }) => outcome === 'confirmed'))
        const running = new Set<string>()
        const taken: Delivery[] = []
        let sideBySide = 0
        transport.subscribe(async (batch) => {
          const lanes = [...new Set(batch.map(({ lane }) => lane))]
          t.notOk(
            lanes.some((lane) => running.has(lane)),
            'a lane is with the taker only once',
          )
          for (const lane of lanes) running.add(lane)
          sideBySide = Math.max(sideBySide, running.size - lanes.length)
          await wait(1)
          for (const lane of lanes) running.delete(lane)
          taken.push(...batch)
          return acknowledge(batch)
        })
        await until('all have arrived', () => taken.length >= sent.length)
        t.same(idsByLane(taken), idsByLane(sent))
        t.ok(sideBySide > 0, 'partitions are taken side by side')
        const { id, type, lane, body } = sent[7]!
        t.same(
          taken.find((delivery) => delivery.id === id),
          { id, type, lane, body, redelivered: false },
        )
      },
    )

    await scenario('what was confirmed comes again when the taker dies before its verdict', async (t, _place, open) => {
      const sent = createMessages(120)
      const first = await open()
      await publishAll(first, sent)
      let seen = 0
      first.subscribe((batch) => {
        seen += batch.length
        return new Promise(() => undefined)
      })
      await until('the first taker holds some', () => seen > 0)
      await first.close(0)
      const second = collect(await open())
      await until('all have come again', () => second.deliveries.length >= sent.length)
      t.same(idsByLane(second.deliveries), idsByLane(sent))
      t.ok(second.deliveries.filter(({ redelivered }) => redelivered).length >= seen, 'what the first taker saw says so')
    })

    await scenario('a rejected delivery goes to the dead letters and stops nobody else', async (t, place, open) => {
      const transport = await open()
      const sent = createMessages(40)
      await publishAll(transport, sent)
      const taken: string[] = []
      const poisoned = new Set(['message-3', 'message-4', 'message-17'])
      transport.subscribe(async (batch) => {
        taken.push(...batch.map(({ id }) => id))
        return batch.map(({ id }) => (poisoned.has(id) ? 'reject' : 'ack'))
      })
      await until('three are dead', async () => (await place.deadLetters()).length === 3)
      await until('all have been seen', () => taken.length >= sent.length)
      t.same((await place.deadLetters()).sort(), [...poisoned].sort())
      t.equal(new Set(taken).size, taken.length, 'nothing came twice')
    })

    await scenario('a delivery to be tried again comes again, with all that follow, in order', async (t, place, open) => {
      const transport = await open()
      const sent = Array.from({ length: 150 }, (_, number) => createMessage(number, { lane: 'one case' }))
      await publishAll(transport, sent)
      const acked: string[] = []
      let refusals = 0
      transport.subscribe(
        async (batch) => {
          const stop = refusals < 3 ? batch.findIndex(({ id }) => id === 'message-41') : -1
          if (stop >= 0) refusals++
          return batch.map(({ id }, index) => {
            if (stop >= 0 && index >= stop) return 'retry'
            acked.push(id)
            return 'ack'
          })
        },
        { maxBatch: 60 },
      )
      await until('all are taken', () => acked.length >= sent.length)
      t.same(
        acked,
        sent.map(({ id }) => id),
      )
      t.equal(refusals, 3)
      t.same(await place.deadLetters(), [])
    })

    await scenario('each verdict counts by itself: only the one to be tried again comes again', async (t, place, open) => {
      const transport = await open()
      const sent = Array.from({ length: 6 }, (_, number) => createMessage(number, { lane: 'one case' }))
      await publishAll(transport, sent)
      const verdicts: DeliveryVerdict[] = ['ack', 'reject', 'ack', 'retry', 'ack', 'reject']
      const taken: string[] = []
      transport.subscribe(async (batch) =>
        batch.map(({ id }) => {
          const again = taken.includes(id)
          taken.push(id)
          return again ? 'ack' : verdicts[Number(id.slice(-1))]!
        }),
      )
      await until('the fourth has come again', () => taken.filter((id) => id === 'message-3').length === 2)
      await until('two are dead', async () => (await place.deadLetters()).length === 2)
      t.same([...taken].sort(), [...sent.map(({ id }) => id), 'message-3'].sort())
      t.same(await place.deadLetters(), ['message-1', 'message-5'])
    })

    await scenario('a taker that throws, or answers too few verdicts, gets the batch again', async (t, place, open) => {
      const transport = await open()
      const sent = createMessages(1)
      await publishAll(transport, sent)
      let calls = 0
      transport.subscribe(async (batch) => {
        calls++
        if (calls === 1) throw new Error('the disk of the taker is full')
        return calls === 2 ? [] : acknowledge(batch)
      })
      await until('the third call was answered', () => calls === 3)
      t.same(await place.deadLetters(), [])
    })

    await scenario('capacity is 0 with a full window, and listeners hear when it rises', async (t, _place, open) => {
      const transport = await open({ window: 10 })
      t.equal(transport.capacity(), 10)
      const publishing = publishAll(transport, createMessages(10))
      t.equal(transport.capacity(), 0)
      const risen = new Promise<number>((resolve) => {
        const stop = transport.onChange(() => {
          if (transport.capacity() === 0) return
          stop()
          resolve(transport.capacity())
        })
      })
      t.ok((await risen) > 0)
      await publishing
      t.equal(transport.capacity(), 10)
    })

    await scenario('a subscription that is closed at any moment of its beginning comes to an end', async (t, _place, open) => {
      const transport = await open()
      for (let turns = 0; turns < 60; turns++) {
        const subscription = transport.subscribe(async (batch) => acknowledge(batch))
        for (let turn = 0; turn < turns; turn++) await nextTurn()
        let closed = false
        void subscription.close().then(() => (closed = true))
        await until(`the one closed after ${turns} turns has ended`, () => closed)
      }
      t.equal(transport.state().state, 'connected')
    })

    await scenario('close waits for the confirms; after it nothing is sent', async (t, _place, open) => {
      const transport = await open()
      const publishing = publishAll(transport, createMessages(50))
      await transport.close(10_000)
      t.same(transport.state(), { state: 'closed' })
      t.equal(transport.capacity(), 0)
      t.ok((await publishing).every(({ outcome }) => outcome === 'confirmed'))
      const late = await transport.publish(createMessage(99))
      t.equal(late.outcome, 'interrupted')
      t.equal(late.outcome === 'interrupted' && late.error.code, 'PUBLISH_INTERRUPTED')
      const { ids } = collect(await open())
      await until('the confirmed ones arrive', () => ids().length >= 50)
      t.notOk(ids().includes('message-99'))
    })

    await scenario('a closed subscription settles what is in hand and leaves the rest in order', async (t, _place, open) => {
      const transport = await open()
      const sent = Array.from({ length: 30 }, (_, number) => createMessage(number, { lane: 'one case' }))
      await publishAll(transport, sent)
      const first: string[] = []
      let answer = (): void => undefined
      const subscription = transport.subscribe(
        async (batch) => {
          first.push(...batch.map(({ id }) => id))
          await new Promise<void>((resolve) => {
            answer = resolve
          })
          return acknowledge(batch)
        },
        { maxBatch: 10 },
      )
      await until('a batch is in hand', () => first.length > 0)
      const closing = subscription.close()
      answer()
      await closing
      const rest = collect(transport)
      await until('the rest arrives', () => first.length + rest.deliveries.length >= sent.length)
      t.same(
        [...first, ...rest.ids()],
        sent.map(({ id }) => id),
      )
    })

    await scenario('a second subscriber waits until the first is gone', async (t, _place, open) => {
      const [publisher, one, two] = [await open(), await open(), await open()]
      const first = collect(one)
      await publishAll(publisher, createMessages(20))
      await until('the first takes all', () => first.deliveries.length === 20)
      const second = collect(two)
      await publishAll(publisher, createMessages(20))
      await until('the first takes all again', () => first.deliveries.length === 40)
      t.equal(second.deliveries.length, 0)
      await one.close(5000)
      await publishAll(publisher, createMessages(20))
      await until('the second takes over', () => second.deliveries.length === 20)
      t.equal(first.deliveries.length, 40)
    })

    await scenario('batches are no larger than asked for', async (t, _place, open) => {
      const transport = await open()
      await publishAll(transport, createMessages(200))
      const { deliveries, batches } = collect(transport, { maxBatch: 7 })
      await until('all have arrived', () => deliveries.length >= 200)
      t.ok(batches.every((length) => length >= 1 && length <= 7))
      t.ok(
        batches.some((length) => length > 1),
        'deliveries come together where there are several',
      )
    })

    await scenario('a body of 1 MiB with Chinese and four-byte characters survives byte for byte', async (t, _place, open) => {
      const transport = await open()
      const part = '乌兰察布市“一网通办”𠮷𡃁é\u0000\\n"'
      const body = part.repeat(Math.ceil(2 ** 20 / Buffer.byteLength(part)))
      t.ok(Buffer.byteLength(body) >= 2 ** 20)
      const sent = createMessage(1, { body, lane: '乌兰察布/办件𠮷' })
      t.same(await transport.publish(sent), { outcome: 'confirmed' })
      const { deliveries } = collect(transport)
      await until('it arrives', () => deliveries.length === 1)
      t.ok(Buffer.from(deliveries[0]!.body).equals(Buffer.from(body)))
      t.equal(deliveries[0]!.lane, sent.lane)
    })

    await scenario('chunks travel beside messages, byte for byte with what is said of them', async (t, place, open) => {
      const messages = await open({ gateway: 'first' })
      const [up, down] = [place.openAttachments(), place.openAttachments({ gateway: 'first' })]
      await connected(up)
      await connected(down)
      const taken = { up: [] as Delivery<Buffer>[], down: [] as Delivery<Buffer>[] }
      const take = (list: Delivery<Buffer>[]) => async (batch: Delivery<Buffer>[]) => {
        list.push(...batch)
        return batch.map((): DeliveryVerdict => 'ack')
      }
      up.subscribe(take(taken.up))
      down.subscribe(take(taken.down), { queue: 'attachments.down.first' })
      const { deliveries } = collect(messages)
      // Not UTF-8 at any place.
      const bytes = Buffer.alloc(2 ** 20, Buffer.from([0, 255, 128, 10, 13]))
      const headers = { digest: 'sha256:00', offset: 0, size: 2 ** 40 }
      const chunk = (number: number, address: string, body: Buffer) =>
        createMessage(number, { type: 'attachment.chunk', lane: 'sha256:00', address, headers, body })
      const outcomes = await Promise.all([
        ...Array.from({ length: 5 }, (_, n) => up.publish(chunk(n, 'attachments.up.150902.12150902PDY00001X4', bytes))),
        up.publish(chunk(5, 'attachments.down.first', Buffer.alloc(0))),
        messages.publish(createMessage(6)),
      ])
      t.ok(outcomes.every(({ outcome }) => outcome === 'confirmed'))
      await until('all are there', () => taken.up.length + taken.down.length + deliveries.length >= 7)
      t.same(
        taken.up.map(({ id }) => id),
        [0, 1, 2, 3, 4].map((n) => `message-${n}`),
      )
      t.same(taken.up[0], {
        ...{ id: 'message-0', type: 'attachment.chunk', lane: 'sha256:00' },
        body: bytes,
        headers,
        redelivered: false,
      })
      t.same(
        taken.down.map(({ body }) => body.length),
        [0],
      )
      t.same(
        deliveries.map(({ id }) => id),
        ['message-6'],
      )
      const nowhere = await up.publish(chunk(7, 'attachments.down.nobody', bytes))
      t.equal(nowhere.outcome, 'returned')
    })

    await scenario('an id of 255 bytes arrives whole', async (t, _place, open) => {
      const transport = await open()
      const id = '办'.repeat(85)
      t.equal(Buffer.byteLength(id), 255)
      t.same(await transport.publish(createMessage(1, { id })), { outcome: 'confirmed' })
      const { ids } = collect(transport)
      await until('it arrives', () => ids().length === 1)
      t.same(ids(), [id])
    })

    await scenario('probe names the server and takes nothing', async (t, _place, open) => {
      const transport = await open()
      await publishAll(transport, createMessages(3))
      t.match((await transport.probe(AbortSignal.timeout(10_000))).server, /^(RabbitMQ|SQLite) \d+\.\d+/)
      await t.rejects(transport.probe(AbortSignal.abort(new Error('never mind'))), { message: 'never mind' })
      const { ids } = collect(transport)
      await until('the messages are still there', () => ids().length === 3)
    })
  })
