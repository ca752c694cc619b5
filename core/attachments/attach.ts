import type { Json } from '../codec/json.ts'
import { structure, type TreeNode } from '../codec/path.ts'
import { namesAt, putReferences } from '../codec/references.ts'
import { writeXml } from '../codec/write-xml.ts'
import type { XmlElement } from '../codec/xml-element.ts'
import { GatewayError } from '../errors.ts'
import type { Attachment, KeptContent } from './kept-content.ts'

/** What is used of a record. */
interface Attachable {
  body: string | Uint8Array
  contentType: string
  value?: Json | XmlElement
  fault?: GatewayError
  attachments?: readonly Attachment[]
}

/** A content that is kept, and what is told of it. */
export type FoundContent = Omit<Attachment, 'at'>

/** Where a record has its attachments, and whether the contents themselves stand there, or their names. */
export interface AttachmentPlaces {
  paths: readonly string[]
  isContent: boolean
}

const faults = new Set(['ATTACHMENT_MISSING', 'ATTACHMENT_TOO_LARGE', 'ATTACHMENT_UNREADABLE'])

/** What is about one content alone, and no other attempt would end otherwise: the fault of the record that has it. Anything else is thrown on. */
export const attachmentFault = (thrown: unknown): GatewayError => {
  if (thrown instanceof GatewayError && faults.has(thrown.code)) return thrown
  throw thrown
}

const textOf = (record: TreeNode, { contentType }: Attachable): string =>
  contentType === 'application/xml' ? writeXml(record as XmlElement) : JSON.stringify(record)

/**
 * The record with digest and size of what `find` answers for each that stands at its paths, and with its fault when that cannot be had: then its
 * body stays, and what was found is held by it. Rejects with what `find` rejects with when that is no fault of the record.
 */
export const attachAll = async <R extends Attachable>(
  record: R,
  { paths, isContent }: AttachmentPlaces,
  find: (standing: string, path: string) => Promise<FoundContent>,
): Promise<R> => {
  if (record.fault || record.value === undefined || paths.length === 0) return record
  let value = record.value as TreeNode
  const attachments: Attachment[] = []
  try {
    for (const path of paths) {
      const of = new Map<string, KeptContent>()
      for (const [index, standing] of namesAt(value, path).entries()) {
        if (standing === structure) {
          if (!isContent) continue
          const reason = { zh: '该处另有子元素', en: 'other elements stand there' }
          throw GatewayError.of('ATTACHMENT_UNREADABLE', { name: path, reason })
        }
        const { digest, size, ...told } = await find(standing, path)
        of.set(standing, { digest, size })
        attachments.push({ at: `${path}#${index}`, digest, size, ...told })
      }
      value = putReferences(value, path, { of, isContent })
    }
  } catch (thrown) {
    return { ...record, fault: attachmentFault(thrown), ...(attachments.length > 0 && { attachments }) }
  }
  return attachments.length === 0 ? record : { ...record, body: textOf(value, record), value: value as Json, attachments }
}
