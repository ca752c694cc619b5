/** The paging of one operation: what to ask next, and how far the gateway has it. */
import { createHash } from 'node:crypto'
import type { AdapterContext, Emit, Json, Keep, ProbeStep, RunContext, Source } from '../../core/contract.ts'
import { beijingTime, createProbeSteps, digestOf, GatewayError, openHttp } from '../../core/contract.ts'
import { createAnswerReader, type Page } from './answer.ts'
import { createArrivalReader } from './arrive.ts'
import type { SoapOptions } from './options.ts'
import { fillParameters } from './parameters.ts'
import { openService, type Service } from './service.ts'

/** Where a run stands; stored as the checkpoint. Times are milliseconds since 1970. */
type Position = {
  /** Digest of the options that decide what is read. Under another one reading begins anew: duplicates are recognised, gaps are not. */
  reads: string
  /** The next page of a run that has not read everything. */
  page?: number
  /** Digest of the records of the page before it. */
  lastPage?: string
  /** Pages of that run were not alike. */
  differed?: true
  cursor?: string
  /** The start of that run. */
  startedAt?: number
  /** The start of the last run that read everything. */
  completeAt?: number
  /** A page of this run could not be read to its end: the next run asks from the same time again. */
  broken?: true
}

const formats = {
  'yyyy-MM-dd HH:mm:ss': (at: number) => beijingTime(at).replace('T', ' '),
  'yyyy-MM-ddTHH:mm:ss+08:00': (at: number) => `${beijingTime(at)}+08:00`,
  yyyyMMddHHmmss: (at: number) => beijingTime(at).replace(/\D/g, ''),
  'yyyy-MM-dd': (at: number) => beijingTime(at).slice(0, 10),
}

export const openSoapSource = (options: SoapOptions, context: AdapterContext): Source => {
  const { paging, since } = options
  const { system } = context
  const http = openHttp(system, options)
  const reader = createAnswerReader(system, options)
  let service: Service | undefined
  const asked = [options.wsdl, options.endpoint, options.operation, options.parameters, since, paging, options.answer]
  const reads = createHash('sha256').update(JSON.stringify(asked)).digest('hex')

  const opened = async (signal: AbortSignal): Promise<Service> => {
    service ??= await openService(options, { ...context, http, signal })
    return service
  }

  const sinceOf = ({ completeAt }: Position): string | undefined =>
    since && (completeAt === undefined ? since.initial : formats[since.format](completeAt - since.overlapMinutes * 60_000))

  const ask = async (position: Position, signal: AbortSignal, keep: Keep): Promise<Page> => {
    const from = sinceOf(position)
    const parameters = fillParameters(options.parameters, {
      pageSize: String(paging.size),
      ...(paging.kind === 'page' && { page: String(position.page) }),
      ...(paging.kind === 'cursor' && { cursor: position.cursor ?? '' }),
      ...(from !== undefined && { since: from }),
    })
    const request = (await opened(signal)).request(options.operation, parameters)
    if (!options.attachments) return reader.readPage(await http.exchange(request, signal))
    const readArriving = createArrivalReader(system, options, reader.readPage)
    return http.stream(request, signal, (answer) => readArriving(answer, keep))
  }

  const storedIn = (checkpoint: Json | undefined): Partial<Position> => {
    const stored = (checkpoint ?? {}) as Partial<Position>
    return stored.reads === reads ? stored : {}
  }

  const begin = (stored: Partial<Position>): Position => {
    const { completeAt } = stored
    const startedAt = stored.startedAt ?? context.now()
    const known = {
      reads,
      startedAt,
      ...(completeAt !== undefined && { completeAt }),
      ...(stored.broken && { broken: stored.broken }),
    }
    if (paging.kind === 'page') {
      const { page = Number(paging.first), lastPage, differed } = stored
      return { ...known, page, ...(lastPage && { lastPage }), ...(differed && { differed }) }
    }
    if (paging.kind === 'cursor') return { ...known, cursor: stored.cursor ?? String(paging.first) }
    return known
  }

  /** Where the next run begins when this one has read everything, or has to begin anew. */
  const done = (completeAt: number | undefined): Position => ({ reads, ...(completeAt !== undefined && { completeAt }) })

  const isShort = ({ records, whole }: Page): boolean => whole && records.length < paging.size

  const digestOfPage = ({ records }: Page): string => {
    const hash = createHash('sha256')
    for (const { body } of records) hash.update(body).update('\0')
    return hash.digest('base64url')
  }

  /**
   * Beyond the last page some services give that page again. One that ignores the page number does so, too, and would hide all
   * others: told from it by pages that differed, or by a page that was not full although it was asked for more.
   */
  const compare = ({ lastPage, differed }: Position, page: Page) => {
    if (paging.kind !== 'page' || page.records.length === 0) return { isRepeated: false, isEnd: false, known: {} }
    const digest = digestOfPage(page)
    const isRepeated = digest === lastPage
    const isEnd = differed || (isShort(page) && JSON.stringify(options.parameters).includes('{pageSize}'))
    return { isRepeated, isEnd, known: { lastPage: digest, ...(lastPage && { differed: true as const }) } }
  }

  /** The position after `page`; `more` is false when everything has been read. */
  const advance = (position: Position, page: Page, compared: ReturnType<typeof compare>): { next: Position; more: boolean } => {
    const { page: _page, lastPage: _last, differed: _differed, cursor: _cursor, ...rest } = position
    const going: Position = page.whole ? rest : { ...rest, broken: true }
    const end = done(going.broken ? going.completeAt : going.startedAt)
    if (paging.kind === 'page') {
      const isLast = page.records.length === 0 || compared.isRepeated || (paging.until === 'short-page' && isShort(page))
      return isLast ? { next: end, more: false } : { next: { ...going, ...compared.known, page: position.page! + 1 }, more: true }
    }
    if (paging.kind === 'cursor') {
      const cursor = page.cursor ?? position.cursor!
      const more = page.records.length > 0 && cursor !== position.cursor
      return { next: { ...(more ? going : end), cursor }, more }
    }
    return { next: end, more: false }
  }

  const run = async (emit: Emit, { checkpoint, signal, keep }: RunContext): Promise<void> => {
    const stored = storedIn(checkpoint)
    let position = begin(stored)
    let begun = stored.startedAt !== undefined
    for (let more = true; more && !signal.aborted; ) {
      let page: Page
      try {
        page = await ask(position, signal, keep)
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
      const compared = compare(position, page)
      if (compared.isRepeated && !compared.isEnd) {
        await emit({ records: [], checkpoint: done(position.completeAt) as Json })
        throw GatewayError.of('SOURCE_OPTIONS_INVALID', {
          system,
          reason: {
            zh: `第 ${position.page} 页与前一页相同，服务没有按页返回`,
            en: `page ${position.page} equals the one before; the service does not page`,
          },
        })
      }
      const after = advance(position, page, compared)
      const records = compared.isRepeated ? [] : page.records
      // An empty page is told only when it ends a run that has stored a page: the next one begins anew.
      if (records.length > 0 || begun) await emit({ records, checkpoint: after.next as Json })
      if (paging.kind === 'cursor' && !page.whole) {
        throw GatewayError.of('SOURCE_ANSWER_INVALID', {
          system,
          reason: {
            zh: '这一页的文档已损坏，无法得知下一个游标',
            en: 'the document of this page is broken, so the next cursor is not known',
          },
        })
      }
      begun = true
      position = { ...after.next }
      more = after.more
    }
  }

  const probe = async (signal: AbortSignal): Promise<ProbeStep[]> => {
    const { steps, step } = createProbeSteps()
    const readable = await step({ zh: '读取 WSDL，查找操作', en: 'read the WSDL, find the operation' }, async () => {
      const { operations, parametersOf } = await opened(signal)
      parametersOf(options.operation)
      return `${options.operation} (${operations.length})`
    })
    if (!readable) return steps
    await step({ zh: '调用服务，读取第一页', en: 'call the service, read the first page' }, async () => {
      const { records } = await ask(begin({}), signal, digestOf)
      return `${records.length} records, ${records.filter(({ fault }) => fault).length} unreadable`
    })
    return steps
  }

  return { run, probe, close: () => http.close() }
}
