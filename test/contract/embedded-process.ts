/** A second process on a queue file: publishes 60 messages, then holds what it is given without an answer until it is killed. */
import { openEmbedded } from '../../core/transport/embedded.ts'
import { connected, createMessages, publishAll, realClock } from './transport-messages.ts'

const transport = openEmbedded({ file: process.argv[2]!, partitions: 4, window: 500, pollMs: 10 }, realClock)
transport.open()
await connected(transport)
const outcomes = await publishAll(transport, createMessages(60))
process.send!({ published: outcomes.filter(({ outcome }) => outcome === 'confirmed').length })
transport.subscribe((batch) => {
  process.send!({ held: batch.length })
  return new Promise(() => undefined)
})
