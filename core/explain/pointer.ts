import { caseKeySchema, type EventType, fieldsOf } from '../canonical/index.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import { general, isAbout } from '../mapping/pointer.ts'

/** What only the gateway writes: no rule of a mapping makes it. */
const stamped = [
  'dataVersionOrigin',
  'operation',
  'seenAt',
  'source',
  'flags',
  'id',
  'type',
  'subject',
  'time',
  'partitionkey',
  'contenthash',
  'specversion',
  'datacontenttype',
  'dataschema',
]

const ownFields = [
  ...Object.keys(caseKeySchema.properties).map((name) => `/case/${name}`),
  '/stage/sequence',
  '/stage/state',
  '/occurredAt',
  '/recordedAt',
  '/dataVersion',
]

/** Every field that a mapping can give a message of a type, `*` for the entries of a list. */
const pointersOf = (type: EventType): string[] => [
  ...fieldsOf(type).map(({ path }) => `/content/${path.replaceAll('[]', '.*').replaceAll('.', '/')}`),
  ...ownFields,
]

export const isStamped = (pointer: string): boolean => stamped.includes(pointer.split('/')[1] ?? '')

const pointerIn = /\/(?:data\/)?(?:content|case|stage|occurredAt|recordedAt|dataVersion)(?:\/[\w*]+)*/

/**
 * A field as people and machines write it: a JSON pointer into the message or its data, a dotted name with or without `content.`, or a
 * sentence that holds a pointer, such as the platform's rejection. Throws FIELD_UNKNOWN for what messages of the type do not have.
 */
export const toPointer = (written: string, type: EventType): string => {
  const text = written.trim()
  const known = pointersOf(type)
  const isKnown = (pointer: string) => isStamped(pointer) || known.some((one) => isAbout(general(pointer), one))
  const found = /\s/.test(text) || !text.startsWith('/') ? pointerIn.exec(text)?.[0] : text
  const dotted = `/${text.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`
  const pointer = (found ?? dotted).replace(/^\/data(?=\/)/, '').replace(/(?<=.)\/$/, '')
  const inContent = `/content${pointer}`
  const guess = (found === undefined ? [inContent, pointer] : [pointer, inContent]).find(isKnown)
  if (guess !== undefined) return guess
  const meant = known.some((one) => one.split('/')[1] === pointer.split('/')[1]) ? pointer : inContent
  throw GatewayError.of('FIELD_UNKNOWN', { type, field: text, suggestion: didYouMean(meant, known) })
}
