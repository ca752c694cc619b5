/**
 * What the WSDL says, and the requests built from it.
 *
 * node-soap reads the WSDL and writes the request; it never sees an answer. Its reading of answers tries regular expressions that take
 * quadratic time on hostile text, takes a CDATA section that holds an XML document for a part of the envelope, rounds 64-bit numbers
 * and keeps the last answer in memory. `answer.ts` reads them instead.
 */
import { resolve } from 'node:path'
import { Client, createClientAsync, type IHttpClient, WSSecurity } from 'soap'
import { decodeText, didYouMean, type Exchange, encodeText, escapeXml, GatewayError, type Http } from '../../core/contract.ts'
import type { Parameter } from './parameters.ts'
import type { ServiceOptions } from './service-options.ts'

/** The elements that a parameter may hold, by name; empty where the WSDL leaves that open, and for plain text. */
export interface Described {
  readonly [name: string]: Described
}

export interface Service {
  operations: string[]
  /** The parameters of an operation. Throws SOURCE_OPTIONS_INVALID when the WSDL has no such operation. */
  parametersOf(operation: string): Described
  /** Throws SOURCE_OPTIONS_INVALID, also for what cannot be written in the charset of the request. */
  request(operation: string, parameters: Parameter): Exchange
}

const isUrl = (location: string): boolean => /^https?:/i.test(location)

interface Envelope {
  url: string
  xml: string
  headers: Record<string, string>
}

/** node-soap escapes text, but sends what looks like a CDATA section as it is: a value must never become markup. */
const asText = (parameter: Parameter): unknown => {
  if (typeof parameter === 'string') return parameter.startsWith('<![CDATA[') ? { $xml: escapeXml(parameter) } : parameter
  if (Array.isArray(parameter)) return parameter.map(asText)
  return Object.fromEntries(Object.entries(parameter).map(([name, inner]) => [name, asText(inner)]))
}

type Invoke = (parameters: unknown, callback: (error: unknown) => void) => void

type Methods = Record<string, { input?: object | string | null }>

const methodsOf = (client: Client): Methods =>
  Object.assign(
    {},
    ...Object.values(client.describe() as Record<string, Record<string, Methods>>)
      .reverse()
      .flatMap((ports) => Object.values(ports).reverse()),
  )

/** What node-soap says beside the names of elements. */
const notes = new Set(['targetNSAlias', 'targetNamespace', 'getBase'])

/** As node-soap describes it: a list has `[]` behind its name. Types may hold themselves, so what is inside is looked at when it is asked for. */
const describedBy = (given: unknown): Described => {
  const described = {}
  if (typeof given !== 'object' || given === null) return described
  for (const [name, inner] of Object.entries(given))
    if (!notes.has(name))
      Object.defineProperty(described, name.replace(/\[\]$/, ''), { enumerable: true, get: () => describedBy(inner) })
  return described
}

/** Reads the WSDL and what it imports. Throws SOURCE errors: SOURCE_OPTIONS_INVALID when it cannot be read. */
export const openService = async (
  options: ServiceOptions,
  { system, baseFolder, http, signal }: { system: string; baseFolder: string; http: Http; signal: AbortSignal },
): Promise<Service> => {
  const misfit = (zh: string, en: string, cause?: unknown): GatewayError =>
    GatewayError.of('SOURCE_OPTIONS_INVALID', { system, reason: { zh, en } }, { cause })
  const location = isUrl(options.wsdl) ? options.wsdl : resolve(baseFolder, options.wsdl)
  const authorization: Record<string, string> = options.httpBasic
    ? { authorization: `Basic ${Buffer.from(`${options.httpBasic.username}:${options.httpBasic.password}`).toString('base64')}` }
    : {}

  const download = async (url: string): Promise<string> => {
    const { status, bytes } = await http.exchange(
      { method: 'GET', url, headers: { ...options.headers, ...authorization } },
      signal,
    )
    if (status === 401 || status === 403) throw GatewayError.of('SOURCE_DENIED', { system, reason: `WSDL: HTTP ${status}` })
    if (status !== 200) throw misfit(`WSDL ${url} 返回 HTTP ${status}`, `WSDL ${url} answers HTTP ${status}`)
    return decodeText(bytes)
  }
  const wsdlReader: IHttpClient = {
    request: (url, _data, callback) => {
      download(url).then((text) => callback(null, { status: 200 }, text), callback)
      return undefined as never
    },
  }
  const stayLocal = (wanted: string): string => {
    const there = isUrl(location) ? isUrl(wanted) && new URL(wanted).origin === new URL(location).origin : !isUrl(wanted)
    if (there) return wanted
    throw misfit(
      `WSDL 引用了 ${wanted}，请一并存为本地文件并改引用`,
      `the WSDL imports ${wanted}; keep it as a file beside the WSDL`,
    )
  }
  const load = async (): Promise<Client> => {
    try {
      return await createClientAsync(location, {
        disableCache: true,
        httpClient: wsdlReader,
        wsdl_options: { overrideImportLocation: stayLocal },
      })
    } catch (cause) {
      if (cause instanceof GatewayError || signal.aborted) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw misfit(`WSDL ${options.wsdl} 无法读取：${reason}`, `WSDL ${options.wsdl} cannot be read: ${reason}`, cause)
    }
  }

  const { wsdl, methods } = await load().then((client) => ({ wsdl: client.wsdl, methods: methodsOf(client) }))
  const operations = Object.keys(methods)

  const methodOf = (operation: string): Methods[string] => {
    const method = Object.hasOwn(methods, operation) ? methods[operation] : undefined
    if (method) return method
    const instead = didYouMean(operation, operations)
    throw misfit(`WSDL 中没有操作“${operation}”。${instead.zh}`, `the WSDL has no operation "${operation}". ${instead.en}`)
  }

  /** A client of its own for each request: node-soap keeps security and the last request on the client. */
  const envelopeOf = (operation: string, parameters: Parameter): Envelope => {
    let envelope: Envelope | undefined
    const httpClient: IHttpClient = {
      request: (url, xml: string, _callback, headers) => {
        envelope = { url, xml, headers: { ...headers } as Record<string, string> }
        return undefined as never
      },
    }
    const client = new Client(wsdl, options.endpoint, { httpClient, forceSoap12Headers: options.version === '1.2' })
    if (options.security) {
      const { username, password, digest } = options.security
      client.setSecurity(
        new WSSecurity(username, password, {
          passwordType: digest ? 'PasswordDigest' : 'PasswordText',
          hasNonce: true,
          hasTimeStamp: false,
        }),
      )
    }
    try {
      ;(client[operation] as Invoke)(asText(parameters), () => undefined)
    } catch (cause) {
      throw misfit('参数与 WSDL 不符', 'the parameters do not fit the WSDL', cause)
    }
    if (!envelope?.url) throw misfit('WSDL 中没有服务地址，请填写 endpoint', 'the WSDL gives no address; set endpoint')
    return envelope
  }

  const request = (operation: string, parameters: Parameter): Exchange => {
    methodOf(operation)
    const { url, xml, headers } = envelopeOf(operation, parameters)
    const declared = xml.replace(/^<\?xml[^>]*\?>/, `<?xml version="1.0" encoding="${options.charset}"?>`)
    const contentType = String(headers['Content-Type']).replace('charset=utf-8', `charset=${options.charset}`)
    try {
      return {
        method: 'POST',
        url,
        headers: { ...headers, 'Content-Type': contentType, ...options.headers, ...authorization },
        body: encodeText(declared, options.charset),
      }
    } catch (cause) {
      throw misfit(`请求不能用 ${options.charset} 编码`, `the request cannot be written in ${options.charset}`, cause)
    }
  }

  return { operations, parametersOf: (operation) => describedBy(methodOf(operation).input), request }
}
