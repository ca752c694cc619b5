/** An operation in the words of a service: the parameters of one call. */
import {
  charsetMisfit,
  type Enclosures,
  type Filling,
  fillPlaces,
  GatewayError,
  type Operation,
  type Tree,
  writeDocument,
  xmlMisfit,
} from '../../core/contract.ts'
import type { Parameter } from './parameters.ts'
import type { Described } from './service.ts'
import { isElementName } from './service-options.ts'
import type { CallOptions } from './sink-options.ts'

export interface Caller {
  system: string
  /** That of the request. */
  charset: string
}

/** Contents stand as marks of `enclosures`. Throws DELIVERY_MISFIT for what the request cannot hold as it is. */
export const fillCall = (
  { system, charset }: Caller,
  options: CallOptions,
  operation: Operation,
  filling: Filling,
  { markOf }: Partial<Enclosures> = {},
): Tree => {
  const { document } = options
  const charsets = [charset, ...(document?.encoding === undefined ? [] : [document.encoding])]
  const misfitOf = (text: string) =>
    xmlMisfit(text) ?? charsets.map((one) => charsetMisfit(text, one)).find((reason) => reason !== undefined)
  const tree = fillPlaces({ system, isName: isElementName, misfitOf, markOf }, options, operation, filling)
  if (!document) return tree
  const { parameter, encoding } = document
  const content = tree[parameter]
  if (content !== undefined) return { ...tree, [parameter]: writeDocument(content as Tree, encoding) }
  // Every value in it is null, and nothing else stands there.
  const reason = { zh: '没有任何值', en: 'there is no value at all' }
  throw GatewayError.of('DELIVERY_MISFIT', { system, write: operation.write, name: parameter, reason })
}

/** An element that the WSDL does not know, and those that it knows there. */
export interface Stranger {
  name: string
  path: string
  known: readonly string[]
}

/** The same in the order of the WSDL; what that leaves open stays as it is. Throws what `refuse` gives for a stranger. */
export const arrange = (described: Described, content: Parameter, refuse: (stranger: Stranger) => Error, at = ''): Parameter => {
  const known = Object.keys(described)
  if (known.length === 0 || typeof content === 'string') return content
  if (Array.isArray(content)) return content.map((entry) => arrange(described, entry, refuse, at))
  const pathOf = (name: string): string => (at === '' ? name : `${at}/${name}`)
  const name = Object.keys(content).find((one) => !known.includes(one))
  if (name !== undefined) throw refuse({ name, path: pathOf(name), known })
  const there = known.filter((one) => Object.hasOwn(content, one))
  return Object.fromEntries(there.map((one) => [one, arrange(described[one]!, content[one]!, refuse, pathOf(one))]))
}
