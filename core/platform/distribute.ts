/** The item catalogue on its way to gateways. */
import { type Catalogue, catalogueControl, cataloguePartsOf } from '../canonical/index.ts'
import type { Clock } from '../clock.ts'
import { downAddress, type OutgoingMessage, type PublishOutcome, type Transport } from '../transport/transport.ts'
import { sendDown } from './send.ts'

/** All parts of a version for one gateway; sent again they are the same messages. */
export const catalogueMessages = (catalogue: Catalogue, gateway: string, now: number): OutgoingMessage[] =>
  cataloguePartsOf(catalogue, gateway).map((part) => {
    const id = `catalogue:${gateway}:${part.version}:${part.part}:${part.digest}`
    const body = catalogueControl.write(id, '/platform', part)
    return { id, type: catalogueControl.type, address: downAddress(gateway), lane: gateway, body, sentAt: now }
  })

/** Sends a version to gateways and answers, for each, the worst that became of its parts. */
export const distribute = async (
  transport: Transport,
  catalogue: Catalogue,
  gateways: readonly string[],
  clock: Clock,
): Promise<{ gateway: string; parts: number; outcome: PublishOutcome }[]> => {
  const sent: { gateway: string; parts: number; outcome: PublishOutcome }[] = []
  for (const gateway of gateways) {
    const outcomes = await sendDown(transport, catalogueMessages(catalogue, gateway, clock.now()), clock)
    const outcome = outcomes.find((one) => 'error' in one) ?? outcomes[0]!
    sent.push({ gateway, parts: outcomes.length, outcome })
  }
  return sent
}
