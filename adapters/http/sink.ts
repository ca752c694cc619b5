/** Writing: one operation, one request. What the answer means, rules say. */
import {
  type AdapterContext,
  type AnswerParts,
  answerText,
  chosenValues,
  confirmationOn,
  createJudge,
  createProbeSteps,
  defineSink,
  type Exchange,
  GatewayError,
  type HttpAnswer,
  type Operation,
  openHttp,
  parseJson,
  readXml,
  type Sink,
  type TreeNode,
  toGatewayError,
  valuesUnder,
  verdictOn,
} from '../../core/contract.ts'
import { checkHttpSinkOptions } from './sink-check.ts'
import { sinkExamples } from './sink-examples.ts'
import { type HttpSinkOptions, httpSinkOptions, type WriteOptions } from './sink-options.ts'
import { fillRequest, type HttpRequest } from './sink-request.ts'

type Format = WriteOptions['answer']

interface Read {
  parts: AnswerParts
  /** Why the body could not be read. */
  unreadable?: GatewayError
}

const toldPlaces = [{ over: 'http', path: 'status' }]

const contentOf = (answer: HttpAnswer, format: Format): TreeNode => {
  const text = answerText(answer)
  if (format === 'text') return text
  if (format === 'json') return parseJson(text)
  const { above, fault } = readXml(text)
  if (fault) throw fault
  return above
}

/** Names of headers are the same in every case: else one would be sent twice. */
const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

export const openHttpSink = ({ service, writes }: HttpSinkOptions, { system }: AdapterContext): Sink => {
  const { baseUrl, headers, secretHeaders } = service
  const http = openHttp(system, service, { isWriting: true })
  const judges = new Map(
    Object.entries(writes).map(([name, { rules, confirm }]) => [
      name,
      { verdict: createJudge(rules, toldPlaces), confirmation: createJudge(confirm?.rules ?? [], toldPlaces) },
    ]),
  )

  const misconfigured = (zh: string, en: string): GatewayError =>
    GatewayError.of('SOURCE_OPTIONS_INVALID', { system, reason: { zh, en } })

  const writeOf = ({ write }: Operation): WriteOptions => {
    const given = Object.hasOwn(writes, write) ? writes[write] : undefined
    if (given) return given
    const known = Object.keys(writes).join(', ')
    throw misconfigured(
      `deliver.options.writes 没有“${write}”，只有 ${known}`,
      `deliver.options.writes has no "${write}", only ${known}`,
    )
  }

  const read = (answer: HttpAnswer, format: Format): Read => {
    const { status } = answer
    if (status === 401 || status === 403) throw GatewayError.of('SOURCE_DENIED', { system, reason: `HTTP ${status}` })
    const parts = { http: { status: String(status) } }
    try {
      const content = contentOf(answer, format)
      // What comes as a failure is not believed to be a success.
      return { parts: { ...parts, [status >= 200 && status < 300 ? 'body' : 'error']: content } }
    } catch (cause) {
      const { zh, en } = toGatewayError(cause).text
      const reason = { zh: `HTTP ${status}，${zh}`, en: `HTTP ${status}, ${en}` }
      return { parts, unreadable: GatewayError.of('SOURCE_ANSWER_INVALID', { system, reason }, { cause }) }
    }
  }

  const send = (
    method: Exchange['method'],
    { headers: own, verify: _, ...request }: HttpRequest,
    signal: AbortSignal,
    sending?: () => void,
  ): Promise<HttpAnswer> =>
    http.exchange({ method, ...request, headers: lowerCase({ ...own, ...headers, ...secretHeaders }) }, signal, sending)

  return {
    async deliver(operation, signal) {
      let sent = false
      try {
        const write = writeOf(operation)
        const filling = valuesUnder(operation, write.under)
        const request = fillRequest({ system, baseUrl }, write, operation, filling, true)
        await request.verify?.()
        const answer = await send(write.method, request, signal, () => {
          sent = true
        })
        const { parts, unreadable } = read(answer, write.answer)
        return verdictOn(judges.get(operation.write)!.verdict, parts, { system, write: operation.write }, unreadable)
      } catch (thrown) {
        const error = toGatewayError(thrown)
        if (error.code === 'DELIVERY_MISFIT') throw error
        // Who is not let in has changed nothing.
        return { verdict: sent && error.code !== 'SOURCE_DENIED' ? 'unknown' : 'transient', error }
      }
    },

    async confirm(operation, signal) {
      try {
        const { confirm } = writeOf(operation)
        if (!confirm) throw misconfigured('没有可用来确认的依据', 'there is nothing to confirm by')
        const filling = chosenValues(system, operation, confirm.values)
        const request = fillRequest({ system, baseUrl }, confirm, operation, filling, confirm.method === 'POST')
        const { parts, unreadable } = read(await send(confirm.method, request, signal), confirm.answer)
        return confirmationOn(judges.get(operation.write)!.confirmation, parts, { system, write: operation.write }, unreadable)
      } catch (thrown) {
        return { confirmed: 'unknown', error: toGatewayError(thrown) }
      }
    },

    async probe(signal) {
      const { steps, step } = createProbeSteps()
      await step({ zh: '连接写入的接口（HEAD）', en: 'connect to the interface that is written to (HEAD)' }, async () => {
        const { status } = await send('HEAD', { url: baseUrl, headers: {} }, signal)
        return `HTTP ${status}`
      })
      return steps
    },

    close: () => http.close(),
  }
}

/** How the adapter writes. */
export const httpSink = defineSink({
  options: httpSinkOptions,
  examples: sinkExamples,
  checkOptions: checkHttpSinkOptions,
  writes: ({ writes }) => new Map(Object.entries(writes).map(([name, { unknown }]) => [name, unknown])),
  open: (options, _reading, context) => openHttpSink(options, context),
})
