import { type MediaType, parseMediaType, readMultipart } from '../codec/multipart.ts'
import { GatewayError } from '../errors.ts'
import type { Arriving } from './arriving.ts'

/** Within the angle brackets that a head has and a reference has not. */
const idOf = (written: string | undefined): string | undefined => written?.trim().replace(/^<(.*)>$/, '$1')

const broken = (zh: string, en: string): GatewayError => GatewayError.of('RECORD_UNREADABLE', { reason: { zh, en } })

export interface XopPackage {
  /** `Content-Type` of the root part, and what it says. */
  contentType: string
  root: MediaType
  document: Uint8Array
}

/** True for the type of a SOAP message that has its contents beside it (MTOM: XOP in multipart/related). */
export const isXopPackage = ({ essence }: MediaType): boolean => essence === 'multipart/related'

/**
 * The message of an XOP package, read by `readRoot`, its other parts kept under `cid:` and their Content-ID. `type` has a boundary. Rejects with
 * RECORD_UNREADABLE for what is none, and as `readRoot` and the pieces.
 */
export const readXopPackage = async (
  pieces: AsyncIterable<Uint8Array>,
  type: MediaType,
  maxParts: number,
  arriving: Arriving,
  readRoot: (content: AsyncIterable<Uint8Array>) => Promise<Uint8Array>,
): Promise<XopPackage> => {
  const start = idOf(type.parameter('start'))
  let found: XopPackage | undefined
  let isFirst = true
  for await (const { headers, content } of readMultipart(pieces, type.parameter('boundary') ?? '', maxParts + 1)) {
    const id = idOf(headers.get('content-id'))
    const contentType = headers.get('content-type') ?? ''
    const media = parseMediaType(contentType)
    const isRoot = start === undefined ? isFirst : id === start
    isFirst = false
    if (isRoot && found) throw broken('有两个根部分', 'there are two root parts')
    if (isRoot && media?.essence !== 'application/xop+xml')
      throw broken('根部分须为 application/xop+xml', 'the root part must be application/xop+xml')
    if (isRoot) found = { contentType, root: media!, document: await readRoot(content) }
    else if (!id) throw broken('有一个部分没有 Content-ID', 'a part has no Content-ID')
    else if (!(await arriving.addPart(`cid:${id}`, content, media ? { mediaType: media.essence } : {})))
      throw broken(`有两个部分的 Content-ID 都是“${id}”`, `two parts have the Content-ID "${id}"`)
  }
  if (found) return found
  throw broken('没有根部分', 'there is no root part')
}
