/** An operation as a request: its path, its headers and its body. */
import { randomUUID } from 'node:crypto'
import {
  charsetMisfit,
  createEnclosures,
  type Enclosures,
  encodeText,
  type Filling,
  fillPlaces,
  GatewayError,
  type Holder,
  isXmlName,
  type Operation,
  type StreamedBody,
  type Text,
  type Tree,
  writeDocument,
  xmlMisfit,
} from '../../core/contract.ts'
import type { CallOptions } from './sink-options.ts'

type Body = CallOptions['body']

const placeholder = /\{([^{}]+)\}/g

/** What the path needs: the names of values, and `id`. */
export const namesIn = (path: string): string[] => [...path.matchAll(placeholder)].map(([, name]) => name!)

/** A name that is a place of its own; the one that JavaScript means something else by is none. */
const isMember = (name: string): boolean => name !== '' && name !== '__proto__'

/** What a body can hold. */
export const holderOf = ({ format, charset }: Body): Pick<Holder, 'isName' | 'misfitOf'> =>
  format === 'xml'
    ? { isName: isXmlName, misfitOf: (text) => xmlMisfit(text) ?? charsetMisfit(text, charset) }
    : { isName: isMember, misfitOf: (text) => charsetMisfit(text, 'utf-8') }

/** Digits are written as they are: no number is rounded. */
const literal = /^(true|false|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/

type Content = Tree[string]
type Misfit = (name: string, reason: Text) => GatewayError

const writeJson = (content: Content, literals: ReadonlySet<string>, misfit: Misfit, at = ''): string => {
  if (Array.isArray(content)) return `[${content.map((entry) => writeJson(entry, literals, misfit, at)).join(',')}]`
  if (typeof content !== 'string') {
    const members = Object.entries(content).map(
      ([name, inner]) => `${JSON.stringify(name)}:${writeJson(inner, literals, misfit, at === '' ? name : `${at}/${name}`)}`,
    )
    return `{${members.join(',')}}`
  }
  if (!literals.has(at)) return JSON.stringify(content)
  if (!literal.test(content)) throw misfit(at, { zh: '不是数字、true 或 false', en: 'it is neither a number nor true nor false' })
  return content
}

const writeForm = (tree: Tree, misfit: Misfit): string => {
  const form = new URLSearchParams()
  for (const [name, content] of Object.entries(tree)) {
    if (typeof content !== 'string')
      throw misfit(name, { zh: '不是文字，表单写不下', en: 'it is no text, which is all that a form holds' })
    form.append(name, content)
  }
  return form.toString()
}

/** As HTML says it: a name cannot end its quotes. */
const partName = (name: string): string => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const writeMultipart = (tree: Tree, boundary: string, { isMark }: Enclosures, misfit: Misfit): string => {
  const partOf = (name: string, text: string): string => {
    const file = isMark(text) ? `; filename="${partName(name)}"\r\nContent-Type: application/octet-stream` : ''
    return `--${boundary}\r\nContent-Disposition: form-data; name="${partName(name)}"${file}\r\n\r\n${text}\r\n`
  }
  const parts = Object.entries(tree).flatMap(([name, content]) =>
    [content].flat().map((one) => {
      if (typeof one === 'string') return partOf(name, one)
      throw misfit(name, {
        zh: '不是文字或附件，multipart 写不下',
        en: 'it is neither a text nor an attachment, which is all that multipart holds',
      })
    }),
  )
  return `${parts.join('')}--${boundary}--\r\n`
}

const contentTypes = {
  json: 'application/json',
  xml: 'application/xml',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
}

export interface Caller {
  system: string
  baseUrl: string
}

/** What the gateway sends; `body` is absent for a question that has none. */
export interface HttpRequest {
  url: string
  headers: Record<string, string>
  body?: Uint8Array | StreamedBody
  /** Reads the contents in it once. Throws ATTACHMENT_DAMAGED. */
  verify?: () => Promise<void>
}

/** Throws DELIVERY_MISFIT for what the request cannot hold as it is. */
export const fillRequest = (
  { system, baseUrl }: Caller,
  call: CallOptions,
  operation: Operation,
  filling: Filling,
  hasBody: boolean,
): HttpRequest => {
  const misfit: Misfit = (name, reason) => GatewayError.of('DELIVERY_MISFIT', { system, write: operation.write, name, reason })

  const path = call.path.replaceAll(placeholder, (_, name: string) => {
    const value = name === 'id' ? operation.id : operation.values[name]
    // A step of dots would lead elsewhere, and an empty one to the list of all.
    if (typeof value !== 'string' || /^\.{0,2}$/.test(value.trim()))
      throw misfit(name, { zh: '地址需要它，而它没有可用的值', en: 'the address needs it, and it has no usable value' })
    const reason = charsetMisfit(value, 'utf-8')
    if (reason) throw misfit(name, reason)
    return encodeURIComponent(value)
  })
  const header = call.idHeader === undefined ? {} : { [call.idHeader]: operation.id }
  if (call.idHeader !== undefined && !/^[\x21-\x7e]+$/.test(operation.id))
    throw misfit(call.idHeader, { zh: '操作编号不能写入 HTTP 头', en: 'the id of the operation cannot stand in an HTTP header' })
  const url = baseUrl.replace(/\/$/, '') + path
  if (!hasBody) return { url, headers: header }

  const { format, charset, literals } = call.body
  const enclosures = createEnclosures()
  // By chance alone a value would hold it.
  const boundary = `qianzhi-${randomUUID()}`
  const markOf = format === 'form' ? undefined : enclosures.markOf
  const tree = fillPlaces({ system, ...holderOf(call.body), markOf }, call, operation, filling)
  const write = (): string => {
    if (format === 'json') return writeJson(tree, new Set(literals), misfit)
    if (format === 'form') return writeForm(tree, misfit)
    if (format === 'multipart') return writeMultipart(tree, boundary, enclosures, misfit)
    const [root] = Object.keys(tree)
    if (root === undefined) throw misfit(call.path, { zh: '没有任何值', en: 'there is no value at all' })
    return writeDocument(tree, charset.toUpperCase())
  }
  const own = format === 'xml' ? charset : 'utf-8'
  const parameter = format === 'multipart' ? `boundary=${boundary}` : `charset=${own}`
  return {
    url,
    headers: { 'content-type': `${contentTypes[format]}; ${parameter}`, ...header },
    body: enclosures.bodyOf(encodeText(write(), own), format === 'multipart' ? 'bytes' : 'base64'),
    verify: enclosures.verify,
  }
}
