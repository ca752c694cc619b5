/** The books of both directions at the end of a flow, and what is wrong with them. */
import type { Text } from '../errors.ts'
import type { Platform } from '../platform/platform.ts'
import { counters } from '../platform/receiver-store.ts'
import type { Store } from '../store/store.ts'
import type { Seen } from './city.ts'

export type Totals = Record<string, number>

export const sumOf = (lines: readonly object[], keys: readonly string[]): Totals =>
  Object.fromEntries(keys.map((key) => [key, lines.reduce((total, line) => total + (line as Totals)[key]!, 0)]))

const upKeys = [
  'read',
  'translated',
  'quarantined',
  'ignored',
  'echoes',
  'messages',
  'confirmed',
  'waiting',
  'receipted',
  'disputed',
  'rejected',
]
const downKeys = [
  'received',
  'duplicates',
  'delivered',
  'rejected',
  'ignored',
  'refused',
  'open',
  'conflicts',
  'attachments',
  'arrived',
]

export interface FlowBooks {
  balanced: boolean
  up: { gateway: Totals; platform: Totals }
  /** Attachments of the platform: each once for a gateway; of the gateway: each once for a message that writes it. */
  down: { platform: { sent: number; attachments: number; arrived: number }; gateway: Totals }
}

export const readFlowBooks = async (store: Store, platform: Platform, seen: readonly Seen[]): Promise<FlowBooks> => {
  const [up, down] = [store.books(), store.inbox.books()]
  const sent = seen.filter(({ direction }) => direction === 'down').length
  const transfers = await platform.store.transfers.list(['open', 'sent', 'arrived', 'stopped'])
  const arrived = transfers.filter(({ state }) => state === 'arrived').length
  return {
    balanced: [...up, ...down].every(({ balanced }) => balanced),
    up: { gateway: sumOf(up, upKeys), platform: sumOf(await platform.store.counts(), counters) },
    down: { platform: { sent, attachments: transfers.length, arrived }, gateway: sumOf(down, downKeys) },
  }
}

/** `own`: how many of the messages at the receiver the platform itself has sent or made; `echoes`: what must have been recognised as its own writing. Undefined when the two sides agree, and nothing is left over. */
export const findDifference = (
  { balanced, up, down }: FlowBooks,
  { own, echoes }: { own: number; echoes: number },
): Text | undefined => {
  const say = (zh: string, en: string, numbers: object): Text => ({
    zh: `${zh} ${JSON.stringify(numbers)}`,
    en: `${en} ${JSON.stringify(numbers)}`,
  })
  const { gateway, platform } = up
  const kept = platform['received']! - platform['duplicates']! - platform['conflicts']! - platform['refused']! - own
  if (!balanced) return say('账簿不平衡', 'the books do not balance', { gateway, down: down.gateway })
  if (gateway['waiting'] || gateway['quarantined']) return say('还有没有报送的', 'something has not gone up', gateway)
  if (gateway['confirmed'] !== kept)
    return say('平台收下的与网关确认的不同', 'the platform kept another number', { kept, gateway })
  if (gateway['receipted'] !== gateway['confirmed']) return say('有的还没有回执', 'some have no receipt yet', gateway)
  if (gateway['echoes'] !== echoes) return say(`回声应有 ${echoes}`, `there must be ${echoes} echoes`, gateway)
  if (platform['violations']) return say('平台记有违反次序的', 'the platform counts violations of order', platform)
  if (down.gateway['delivered'] !== down.platform.sent)
    return say('下发的没有全部写入', 'not all of what was sent is written', down)
  if (down.platform.arrived !== down.platform.attachments || down.gateway['arrived'] !== down.gateway['attachments'])
    return say('附件没有全部到齐', 'not all attachments have arrived', down)
  return undefined
}
