import { GatewayError, toGatewayError } from '../errors.ts'
import { createEvents } from '../events.ts'
import type { FlowBooks } from '../flows/books.ts'
import type { Seen } from '../flows/city.ts'
import { wordsOf } from '../flows/course.ts'
import { flows } from '../flows/index.ts'
import { type Flow, openStage, startDesk, startInside } from '../flows/stage.ts'
import { formatBooks } from './books.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { logEvents, openLog } from './log.ts'
import { configContext } from './open.ts'
import { openTimeLimit } from './time-limit.ts'

const limitMs = 120_000

export interface FlowOptions {
  once?: boolean
  folder?: string | undefined
  broker?: string | undefined
}

const flowNamed = (name: string): Flow => {
  const flow = flows.find((one) => one.name === name)
  if (flow) return flow
  const known = flows.map((one) => one.name).join(', ')
  throw GatewayError.of('COMMAND_USAGE', {
    reason: { zh: `没有流程 ${name}；有：${known}`, en: `there is no flow ${name}; there are ${known}` },
  })
}

const shortOf = ({ type, system, case: no, parent, direction, dataVersion }: Seen) => ({
  type,
  system,
  case: no,
  ...(parent === undefined ? {} : { parent }),
  direction,
  dataVersion,
})

const shown = (one: Seen): string => `${one.direction === 'down' ? '↓' : '↑'} ${one.system}/${one.case}  ${wordsOf(one)}`

/** Plays a flow. The last line is what was seen and the books of both directions, as JSON; without `once` everything then stays up until Ctrl-C. */
export const runFlow = async (io: Io, name: string, { once, folder, broker }: FlowOptions): Promise<void> => {
  const flow = flowNamed(name)
  const seen: Seen[] = []
  const end = (rest: { passed: boolean; reason?: object; folder?: string; books?: FlowBooks }): void =>
    io.out(JSON.stringify({ flow: flow.name, ...rest, events: seen.map(shortOf) }))
  const { signal, close } = openTimeLimit(io.interrupted, limitMs)
  const events = createEvents()
  logEvents(events, openLog('warn'))
  const onSeen = (one: Seen): void => {
    seen.push(one)
    io.out(shown(one))
  }
  const onFailed = (error: GatewayError): void => io.err(formatError(error))
  let opened: Awaited<ReturnType<typeof openStage>> | undefined
  try {
    const context = await configContext(io)
    const startGateway = startInside(context, events)
    opened = await openStage(flow, { context, signal, onSeen, onFailed, folder, broker, startDesk, startGateway })
    io.out(`${flow.title.zh} ${flow.title.en}: ${opened.folder}`)
    await flow.play(opened.city)
    const books = await opened.settledBooks()
    close()
    io.out(`\n${formatBooks(opened.gateway.store.books())}`)
    end({ passed: true, folder: opened.folder, books })
    if (!once && !io.interrupted.aborted)
      await new Promise((resolve) => io.interrupted.addEventListener('abort', resolve, { once: true }))
  } catch (thrown) {
    const error = toGatewayError(thrown)
    io.err(formatError(error))
    end({ passed: false, reason: errorToJson(error), ...(opened && { folder: opened.folder }) })
    io.exit(1)
  } finally {
    close()
    await opened?.close()
  }
}
