/** An operation in the words of a service: the parameters of one call. */
import {
  charsetMisfit,
  GatewayError,
  type Operation,
  type OperationValues,
  type Text,
  writeDocument,
  xmlMisfit,
} from '../../core/contract.ts'
import type { Parameter } from './parameters.ts'
import type { Described } from './service.ts'
import { isElementName } from './service-options.ts'
import type { CallOptions } from './sink-options.ts'

type Tree = { [name: string]: Parameter }

export interface Caller {
  system: string
  /** That of the request. */
  charset: string
}

/** What is put in, by its place. */
type Filling = readonly [at: readonly string[], value: OperationValues[string]][]

/** The values of an operation below the place `under`. */
export const valuesUnder = ({ values }: Operation, under: string | undefined): Filling =>
  Object.entries(values).map(([name, value]) => [[...(under?.split('/') ?? []), name], value])

/** Chosen values of an operation, by their places. Throws DELIVERY_MISFIT for one that it does not have. */
export const chosenValues = (system: string, operation: Operation, chosen: Readonly<Record<string, string>>): Filling =>
  Object.entries(chosen).map(([at, name]) => {
    const value = operation.values[name]
    if (value !== undefined) return [at.split('/'), value]
    const reason = { zh: '操作里没有这个值', en: 'the operation has no such value' }
    throw GatewayError.of('DELIVERY_MISFIT', { system, write: operation.write, name, reason })
  })

/** Throws DELIVERY_MISFIT for what the request cannot hold as it is. */
export const fillCall = ({ system, charset }: Caller, options: CallOptions, operation: Operation, filling: Filling): Tree => {
  const { id, fixed, secrets, document } = options
  const charsets = [charset, ...(document?.encoding === undefined ? [] : [document.encoding])]
  const misfit = (name: string, reason: Text): GatewayError =>
    GatewayError.of('DELIVERY_MISFIT', { system, write: operation.write, name, reason })

  const fitting = (text: string, name: string): string => {
    const reasons = [xmlMisfit(text), ...charsets.map((one) => charsetMisfit(text, one))]
    const reason = reasons.find((one) => one !== undefined)
    if (reason) throw misfit(name, reason)
    return text
  }
  const named = (name: string, path: string): string => {
    if (!isElementName(name)) throw misfit(path, { zh: '不是可用的元素名', en: 'it is no usable name of an element' })
    return name
  }
  const contentOf = (value: string | readonly OperationValues[], path: string): Parameter => {
    if (typeof value === 'string') return fitting(value, path)
    return value.map((entry, index) => {
      const tree: Tree = {}
      for (const [name, inner] of Object.entries(entry)) {
        const inside = `${path}[${index + 1}]/${name}`
        if (inner !== null) tree[named(name, inside)] = contentOf(inner, inside)
      }
      return tree
    })
  }
  const put = (tree: Tree, [name = '', ...rest]: readonly string[], value: string | readonly OperationValues[], path: string) => {
    const there = Object.hasOwn(tree, named(name, path)) ? tree[name] : undefined
    if (rest.length === 0 && there === undefined) tree[name] = contentOf(value, path)
    else if (rest.length === 0 || typeof there === 'string' || Array.isArray(there))
      throw misfit(path, { zh: '此处已有 id 或固定值', en: 'id or a fixed value stands there already' })
    else {
      const inner: Tree = there ?? {}
      tree[name] = inner
      put(inner, rest, value, path)
    }
  }

  const tree: Tree = {}
  for (const [at, text] of Object.entries({ ...fixed, ...secrets })) put(tree, at.split('/'), text, at)
  if (id !== undefined) put(tree, id.split('/'), operation.id, id)
  for (const [at, value] of filling) if (value !== null) put(tree, at, value, at.join('/'))
  if (!document) return tree
  const { parameter, encoding } = document
  const content = tree[parameter]
  // Every value below it is null: then the document is the element around them.
  if (content === undefined) throw misfit(parameter, { zh: '没有任何值', en: 'there is no value at all' })
  return { ...tree, [parameter]: writeDocument(content as Tree, encoding) }
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
