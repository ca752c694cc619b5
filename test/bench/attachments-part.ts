/** One process of `npm run bench:attachments`: the gateway, the platform, the department, or one end of a bare copy over the broker. */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { keepHeapSmall } from '../../core/cli/heap.ts'
import { systemClock } from '../../core/clock.ts'
import { loadConfig } from '../../core/config/load.ts'
import { createEvents } from '../../core/events.ts'
import { startGateway } from '../../core/gateway.ts'
import { loadPlatformConfig } from '../../core/platform/config.ts'
import { openPlatform } from '../../core/platform/platform.ts'
import { loadAdapters } from '../../core/registry.ts'
import { type Given, openGiver } from './attachment-giver.ts'

export type Part = 'gateway' | 'platform' | 'giver' | 'bare-sender' | 'bare-taker'

export type PartMessage =
  | { ready: true }
  /** Bytes of the whole process. */
  | { rss: number }
  /** Messages are on the platform's disk, at this time. */
  | { taken: string[]; at: number }
  | { sent: number }
  | { done: number }

const [part, folder, given = ''] = process.argv.slice(2) as [Part, string, string?]
const tell = (message: PartMessage): void => void process.send!(message)
const brokerUrl = 'amqp://127.0.0.1:5672'
const chunkBytes = 512 * 1024
const inFlight = 8

const parts: Record<Part, () => Promise<void>> = {
  async gateway() {
    keepHeapSmall()
    const context = { adapters: await loadAdapters(), env: {} }
    const { config, problems } = await loadConfig(join(folder, 'config'), context)
    if (!config) throw problems[0]
    const events = createEvents()
    events.on('attachment:sent', () => tell({ sent: Date.now() }))
    for (const event of ['source:failed', 'attachment:stopped', 'record:quarantined'] as const)
      events.on(event, ({ error }: { error: Error }) => console.error(event, error.message))
    startGateway({ config, context, events })
  },

  async platform() {
    const { config, problems } = loadPlatformConfig(join(folder, 'config'), {})
    if (!config) throw problems[0]
    openPlatform(config, {
      clock: systemClock,
      onTaken: ({ messages }) => tell({ taken: messages.map(({ caseNo }) => caseNo), at: Date.now() }),
      onFailed: ({ message }) => console.error(message),
    })
  },

  giver: () => openGiver(folder, JSON.parse(given) as Given),

  /** What a script would do: persistent chunks, confirms, a window; nothing is looked after. */
  async 'bare-sender'() {
    const channel = await (await connect(brokerUrl, { noDelay: true })).createConfirmChannel()
    await channel.assertQueue(given, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    process.once('message', async () => {
      const file = await open(join(folder, 'scan/large.bin'))
      const waiting: Promise<void>[] = []
      for (let at = 0; ; ) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at)
        if (bytesRead === 0) break
        at += bytesRead
        waiting.push(
          new Promise((resolve, reject) => {
            const body = buffer.subarray(0, bytesRead)
            channel.publish('', given, body, { persistent: true, messageId: randomUUID() }, (error) =>
              error ? reject(error) : resolve(),
            )
          }),
        )
        if (waiting.length >= inFlight) await waiting.shift()
      }
      await Promise.all(waiting)
      await file.close()
      tell({ sent: Date.now() })
    })
  },

  async 'bare-taker'() {
    const channel = await (await connect(brokerUrl, { noDelay: true })).createChannel()
    await channel.assertQueue(given, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    await channel.prefetch(8)
    const copy = createWriteStream(join(folder, 'bare-copy.bin'))
    let bytes = 0
    await channel.consume(given, (message) => {
      if (message === null) return
      bytes += message.content.length
      copy.write(message.content, () => channel.ack(message))
      tell({ done: bytes })
    })
  },
}

// Whoever has started it is gone.
process.on('disconnect', () => process.exit())
await parts[part]()
if (part === 'gateway' || part === 'platform') setInterval(() => tell({ rss: process.memoryUsage.rss() }), 50)
tell({ ready: true })
