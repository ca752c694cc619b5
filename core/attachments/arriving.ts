/**
 * The contents that arrive with one document: as parts beside it, or in base64 inside of it. They are kept before the document has been read;
 * then its records claim them.
 */
import { decodeBase64 } from '../codec/base64.ts'
import type { Take } from '../codec/lift-text.ts'
import { GatewayError, type Text } from '../errors.ts'
import { type AttachmentPlaces, attachAll, attachmentFault, type FoundContent } from './attach.ts'
import type { Keep } from './kept-content.ts'

interface Arrived {
  found: FoundContent | GatewayError
  /** How often it arrived and was not claimed. */
  unclaimed: number
  isPart: boolean
}

type Told = Pick<FoundContent, 'fileName' | 'mediaType'>

/** What stands in place of a text that cannot be kept; ASCII, and no markup. */
const faultPlace = ({ code, values }: GatewayError): string =>
  `${code} ${(values['reason'] as Text | undefined)?.en ?? ''}`.replaceAll(/[^ -~]|[<>&\]]/g, '?').trim()

/** Of what was not known to whoever kept it: where it stands. */
const placedAt = (path: string, error: GatewayError): GatewayError =>
  error.code === 'ATTACHMENT_UNREADABLE'
    ? GatewayError.of('ATTACHMENT_UNREADABLE', { name: path, reason: error.values['reason'] as Text }, { cause: error })
    : error

/** `keep` is called with what arrives, in its order. */
export const openArriving = (places: AttachmentPlaces, keep: Keep) => {
  const arrived = new Map<string, Arrived>()

  const kept = async (content: AsyncIterable<Uint8Array>, told: Told): Promise<FoundContent | GatewayError> => {
    try {
      return { ...(await keep(content)), ...told }
    } catch (thrown) {
      return attachmentFault(thrown)
    }
  }

  /** Keeps the content of a part. Answers false, and takes nothing, when there is one of that name. */
  const addPart = async (name: string, content: AsyncIterable<Uint8Array>, told: Told): Promise<boolean> => {
    if (arrived.has(name)) return false
    arrived.set(name, { found: await kept(content, told), unclaimed: 1, isPart: true })
    return true
  }

  /** For `liftTexts`: keeps what a text in base64 holds. In its place stands its digest, or of one that cannot be kept why. */
  const lift: Take = async (pieces) => {
    const found = await kept(decodeBase64(pieces, 'base64'), {})
    if (!(found instanceof GatewayError) && found.size === 0) return ''
    const place = found instanceof GatewayError ? faultPlace(found) : found.digest
    const unclaimed = (arrived.get(place)?.unclaimed ?? 0) + 1
    arrived.set(place, { found, unclaimed, isPart: false })
    return place
  }

  const claim = async (standing: string, path: string): Promise<FoundContent> => {
    const here = arrived.get(standing)
    if (!here && places.isContent && !standing.startsWith('cid:'))
      // It was not lifted: small, or in what is no XML.
      return keep(decodeBase64([standing], path))
    if (!here) {
      const reason = { zh: '没有随之而来的这个部分', en: 'no part of that name came with it' }
      throw GatewayError.of('ATTACHMENT_MISSING', { name: standing, reason })
    }
    here.unclaimed = Math.max(0, here.unclaimed - 1)
    // A part may be named again; a text stands where it stands.
    if (!here.isPart && here.unclaimed === 0) arrived.delete(standing)
    if (here.found instanceof GatewayError) throw placedAt(path, here.found)
    return here.found
  }

  return {
    addPart,
    lift,
    /** As `attachAll`. To be called for the records in their order. */
    attach: <R extends Parameters<typeof attachAll>[0]>(record: R): Promise<R> => attachAll(record, places, claim),
    /** The names of parts that no record has claimed. */
    unclaimed: (): string[] => [...arrived].filter(([, { unclaimed }]) => unclaimed > 0).map(([name]) => name),
    /** Gives what no record has claimed to one that is faulty, so that it stays as long as that. */
    attachUnclaimed: <R extends Parameters<typeof attachAll>[0]>(record: R): R => {
      const attachments = [...arrived].flatMap(([name, { found, unclaimed }]) =>
        unclaimed > 0 && !(found instanceof GatewayError) ? [{ at: `#${name}`, ...found }] : [],
      )
      return attachments.length === 0 ? record : { ...record, attachments: [...(record.attachments ?? []), ...attachments] }
    },
  }
}

export type Arriving = ReturnType<typeof openArriving>
