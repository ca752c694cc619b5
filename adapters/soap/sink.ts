/** Writing: one operation, one call. What the answer means, rules say. */
import {
  type AdapterContext,
  type AnswerParts,
  type Confirmation,
  chosenValues,
  confirmationOn,
  createEnclosures,
  createJudge,
  createProbeSteps,
  didYouMean,
  type Enclosures,
  GatewayError,
  type HttpAnswer,
  type Operation,
  openHttp,
  parseJson,
  readXml,
  type Sink,
  type Text,
  type TreeNode,
  toGatewayError,
  toPath,
  type Verdict,
  valuesUnder,
  verdictOn,
} from '../../core/contract.ts'
import { arrange, fillCall, type Stranger } from './call.ts'
import { createEnvelopeReader, faultCodes, faultTexts } from './envelope.ts'
import type { Parameter } from './parameters.ts'
import { openService, type Service } from './service.ts'
import type { ServiceOptions } from './service-options.ts'
import type { CallOptions, ConfirmOptions, SoapSinkOptions, WriteOptions } from './sink-options.ts'

/** What a person is told of an answer that no rule fits. */
const toldPlaces = [
  { over: 'http', path: 'status' },
  ...faultCodes.map((path) => ({ over: 'fault', path })),
  ...faultTexts.map((path) => ({ over: 'fault', path, isText: true })),
]

interface Read {
  parts: AnswerParts
  /** Why a part is missing that should be there. */
  unreadable?: GatewayError
}

export const openSoapSink = (options: SoapSinkOptions, reading: ServiceOptions | undefined, context: AdapterContext): Sink => {
  const { system } = context
  const serviceOptions = (options.service ?? reading)!
  const http = openHttp(system, serviceOptions, { isWriting: true })
  const { invalid, readMessage, refuseDenied, stringAt } = createEnvelopeReader(system)
  const caller = { system, charset: serviceOptions.charset }
  let opening: Promise<Service> | undefined

  const opened = (signal: AbortSignal): Promise<Service> => {
    if (opening) return opening
    const attempt = openService(serviceOptions, { ...context, http, signal })
    opening = attempt
    attempt.catch(() => {
      opening = undefined
    })
    return attempt
  }

  const misconfigured = (reason: Text): GatewayError => GatewayError.of('SOURCE_OPTIONS_INVALID', { system, reason })

  const innerOf = (kind: 'xml-string' | 'json-string', text: string): TreeNode => {
    try {
      if (kind === 'json-string') return parseJson(text)
      const { above, fault } = readXml(text)
      if (fault) throw fault
      return above
    } catch (cause) {
      const { zh, en } = toGatewayError(cause).text
      throw invalid({ zh: `内层文档：${zh}`, en: `inner document: ${en}` }, cause)
    }
  }

  const read = (answer: HttpAnswer, { answer: { kind, part } }: CallOptions): Read => {
    refuseDenied(answer)
    const parts: Record<string, TreeNode | undefined> = { http: { status: String(answer.status) } }
    try {
      const { body, fault } = readMessage(answer)
      parts['fault'] = fault
      // What comes as a failure is not believed to be a success.
      if (fault || answer.status !== 200) return { parts }
      parts['envelope'] = body
      parts['document'] = kind === 'typed' ? body : innerOf(kind, stringAt(body, toPath(part)))
      return { parts }
    } catch (error) {
      return { parts, unreadable: toGatewayError(error) }
    }
  }

  const unknownElement = ({ operation }: CallOptions, { path, name, known }: Stranger): Text => {
    const { zh, en } = didYouMean(name, known)
    return {
      zh: `WSDL 中操作 ${operation} 没有“${path}”。${zh}`,
      en: `operation ${operation} of the WSDL has no "${path}". ${en}`,
    }
  }

  const writeOf = ({ write }: Operation): WriteOptions => {
    const given = Object.hasOwn(options.writes, write) ? options.writes[write] : undefined
    if (given) return given
    const known = Object.keys(options.writes).join(', ')
    throw misconfigured({
      zh: `deliver.options.writes 没有“${write}”，只有 ${known}`,
      en: `deliver.options.writes has no "${write}", only ${known}`,
    })
  }

  const judges = new Map(
    Object.entries(options.writes).map(([name, { rules, confirm }]) => [
      name,
      { verdict: createJudge(rules, toldPlaces), confirmation: createJudge(confirm?.rules ?? [], toldPlaces) },
    ]),
  )

  const ask = async (
    call: CallOptions,
    { write }: Operation,
    parameters: Parameter,
    signal: AbortSignal,
    enclosures: Enclosures,
    sending?: () => void,
  ): Promise<Read> => {
    const service = await opened(signal)
    const refuse = (stranger: Stranger): GatewayError =>
      GatewayError.of('DELIVERY_MISFIT', { system, write, name: stranger.path, reason: unknownElement(call, stranger) })
    const arranged = arrange(service.parametersOf(call.operation), parameters, refuse)
    const exchange = service.request(call.operation, arranged)
    await enclosures.verify()
    const body = enclosures.bodyOf(exchange.body as Uint8Array, 'base64')
    return read(await http.exchange({ ...exchange, body }, signal, sending), call)
  }

  const deliver = async (operation: Operation, signal: AbortSignal): Promise<Verdict> => {
    let sent = false
    try {
      const call = writeOf(operation)
      const enclosures = createEnclosures()
      const parameters = fillCall(caller, call, operation, valuesUnder(operation, call.under), enclosures)
      const { parts, unreadable } = await ask(call, operation, parameters, signal, enclosures, () => {
        sent = true
      })
      const { write } = operation
      return verdictOn(judges.get(write)!.verdict, parts, { system, write }, unreadable)
    } catch (thrown) {
      const error = toGatewayError(thrown)
      if (error.code === 'DELIVERY_MISFIT') throw error
      // Who is not let in has changed nothing.
      return { verdict: sent && error.code !== 'SOURCE_DENIED' ? 'unknown' : 'transient', error }
    }
  }

  const confirm = async (operation: Operation, signal: AbortSignal): Promise<Confirmation> => {
    try {
      const { confirm: question } = writeOf(operation)
      if (!question) throw misconfigured({ zh: '没有可用来确认的依据', en: 'there is nothing to confirm by' })
      const filling = chosenValues(system, operation, question.values)
      const parameters = fillCall(caller, question, operation, filling)
      const { parts, unreadable } = await ask(question, operation, parameters, signal, createEnclosures())
      const { write } = operation
      return confirmationOn(judges.get(write)!.confirmation, parts, { system, write }, unreadable)
    } catch (thrown) {
      return { confirmed: 'unknown', error: toGatewayError(thrown) }
    }
  }

  /** What the options of a call name themselves, with nothing in it. */
  const outline = (call: CallOptions, places: readonly string[]): Parameter => {
    const { id, fixed, secrets, document } = call
    const named = [...Object.keys({ ...fixed, ...secrets }), ...(id === undefined ? [] : [id]), ...places]
    // What is in the document is not in the WSDL.
    const all = new Set(named.map((at) => (document && at.split('/')[0] === document.parameter ? document.parameter : at)))
    const outermost = [...all].filter((at) => ![...all].some((other) => other.startsWith(`${at}/`)))
    const filling = outermost.map((at): [string[], string] => [at.split('/'), ''])
    return fillCall(caller, { operation: call.operation, answer: call.answer }, { id: '', write: '', values: {} }, filling)
  }

  const probe: Sink['probe'] = async (signal) => {
    const { steps, step } = createProbeSteps()
    let service: Service | undefined
    await step({ zh: '读取写入服务的 WSDL', en: 'read the WSDL of the service that is written to' }, async () => {
      service = await opened(signal)
      return `${service.operations.length} operations`
    })
    if (!service) return steps
    const look = (service: Service, call: CallOptions, places: readonly string[]): string => {
      const known = service.parametersOf(call.operation)
      arrange(known, outline(call, places), (stranger) => misconfigured(unknownElement(call, stranger)))
      return `${call.operation} (${Object.keys(known).join(', ')})`
    }
    for (const [name, write] of Object.entries(options.writes)) {
      const there = service
      await step({ zh: `写入 ${name}`, en: `write ${name}` }, async () =>
        look(there, write, write.under === undefined ? [] : [write.under]),
      )
      const question: ConfirmOptions | undefined = write.confirm
      if (question)
        await step({ zh: `询问 ${name}`, en: `ask about ${name}` }, async () =>
          look(there, question, Object.keys(question.values ?? {})),
        )
    }
    return steps
  }

  return { deliver, confirm, probe, close: () => http.close() }
}
