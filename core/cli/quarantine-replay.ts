import { resolve } from 'node:path'
import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { type LoadedSystem, loadGatewayOptions, loadSystem } from '../config/load.ts'
import { type Route, translateAhead } from '../decide.ts'
import { GatewayError } from '../errors.ts'
import { createEvents } from '../events.ts'
import { openTakers } from '../explain/corrected.ts'
import { routeOf } from '../gateway.ts'
import { ignoredReason } from '../ignored-reason.ts'
import type { Translation } from '../mapping/mapping.ts'
import { createPipeline } from '../pipeline.ts'
import { toSourceRecord } from '../source-record.ts'
import type { QuarantineEntry, Store } from '../store/store.ts'
import { formatError, type Io } from './io.ts'
import { configContext, configFlag, jsonFlag, withStore } from './open.ts'
import { operatorName, toRecordNumber } from './quarantine-arguments.ts'

interface Replayed {
  seq: number
  /**
   * `gone`: not open, or no more; somebody else has closed it meanwhile. `no-system`: its system is not configured, or its
   * configuration has mistakes.
   */
  outcome: 'stored' | 'ignored' | 'quarantined' | 'gone' | 'no-system'
  error?: GatewayError
  /** How one that is gone was closed. */
  closed?: Pick<QuarantineEntry, 'state' | 'closedBy' | 'closedReason'>
  /** Why nothing is sent of it. */
  reason?: string
  /** Fields of corrections that nothing of the record took up, by the mapping of now. */
  unused?: string[]
}

const pageSize = 200

/** What a mapping with own code makes of a stored record. */
const translatedAhead = async (store: Store, route: Route, seq: number): Promise<Translation | undefined> => {
  const record = store.record(seq)
  if (!record || record.body === null) return undefined
  const source = toSourceRecord(record, record.body)
  return (await translateAhead(route, [source]))?.get(source)
}

/** What a person decided and no message says: the mapping has changed since. */
const unusedOf = async (store: Store, route: Route, seq: number): Promise<string[]> => {
  const record = store.record(seq)
  if (!record || record.body === null || record.corrections.length === 0) return []
  const takersOf = await openTakers(route.mapping, toSourceRecord(record, record.body))
  return record.corrections.filter((correction) => takersOf(correction).length === 0).map(({ pointer }) => pointer)
}

/** Replays one record after the other; what stops one of them stops no other. A system is loaded when its first record comes. */
export const openReplay = async (store: Store, configFolder: string, io: Io) => {
  const folder = resolve(configFolder)
  const options = loadGatewayOptions(folder)
  const context = await configContext(io)
  const pipeline = createPipeline({ store, clock: systemClock, events: createEvents() })
  const by = operatorName()
  const systems = new Map<string, LoadedSystem>()

  const systemOf = async (name: string): Promise<LoadedSystem> => {
    const system = systems.get(name) ?? (await loadSystem(folder, name, resolve(folder, options.mappings), context))
    systems.set(name, system)
    return system
  }

  const gone = (seq: number): Replayed => {
    const entry = store.quarantineEntry(seq)
    const error = GatewayError.of('QUARANTINE_NOT_FOUND', { seq })
    if (!entry) return { seq, outcome: 'gone', error }
    const { state, closedBy, closedReason } = entry
    return { seq, outcome: 'gone', error, closed: { state, closedBy, closedReason } }
  }

  return async (seq: number): Promise<Replayed> => {
    const entry = store.quarantineEntry(seq)
    if (entry?.state !== 'open') return gone(seq)
    const { config: system, problems } = await systemOf(entry.route)
    if (!system?.read)
      return { seq, outcome: 'no-system', error: problems[0] ?? GatewayError.of('SYSTEM_NOT_READ', { system: entry.route }) }
    try {
      const route = routeOf(system, system.read, options)
      const replayed = pipeline.replay(route, seq, by, await translatedAhead(store, route, seq))
      const unused = await unusedOf(store, route, seq)
      return { seq, ...replayed, ...(unused.length === 0 ? {} : { unused }) }
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'QUARANTINE_NOT_FOUND') return gone(seq)
      throw error
    }
  }
}

const closedText = ({ state, closedBy, closedReason }: NonNullable<Replayed['closed']>): string => {
  if (state === 'replayed') return `${closedBy} 已重放 / ${closedBy} has replayed it`
  return ignoredReason(state === 'discarded' ? `discarded: ${closedReason}` : String(closedReason))
}

const print = (io: Io, results: Replayed[], left: Replayed[]): void => {
  for (const { seq, error } of left) if (error) io.out(`${seq}: ${formatError(error)}`)
  for (const { seq, closed } of results) if (closed) io.out(`${seq}: ${closedText(closed)}`)
  for (const { seq, reason } of results) if (reason !== undefined) io.out(`${seq}: 没有报送：${ignoredReason(reason)} / not sent`)
  for (const { seq, unused } of results)
    if (unused)
      io.out(
        `${seq}: 更正没有用上：${unused.join('、')}。映射已改，这条记录里不再有它更正之处，请核对。 / ` +
          `${seq}: nothing took up the correction of ${unused.join(', ')}: the mapping has changed, and the record has no such place any more; check what came of it.`,
      )
  const count = (outcome: Replayed['outcome']) => results.filter((result) => result.outcome === outcome).length
  const [ignored, quarantined, gone, orphaned] = [count('ignored'), count('quarantined'), count('gone'), count('no-system')]
  io.out(
    `重放 ${results.length} 条：成为消息 ${count('stored')} 条，不报送 ${ignored} 条，仍在隔离 ${quarantined} 条，不在隔离区 ${gone} 条，系统没有配置、或配置或映射有误 ${orphaned} 条。 / ` +
      `${results.length} replayed: ${count('stored')} became messages, ${ignored} are not sent, ${quarantined} still in quarantine, ${gone} not in quarantine, ${orphaned} of a system that is not configured, or whose configuration or mapping has mistakes.`,
  )
}

export const replayCommand = (io: Io): Command =>
  new Command('replay')
    .description('按现在的映射重新转换 / translate again by the mapping of now')
    .argument('[no...]', '记录编号 / numbers of records', (text: string, before: number[] | undefined) => [
      ...(before ?? []),
      toRecordNumber(text),
    ])
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--all', '全部 / all that are open')
    .option('--system <name>', '与 --all 连用 / with --all: one system')
    .action(async (given: number[] | undefined, options: { config: string; json?: boolean; all?: boolean; system?: string }) => {
      if (!options.all && !given?.length) {
        throw GatewayError.of('COMMAND_USAGE', { reason: { zh: '请给出编号或 --all', en: 'give numbers or --all' } })
      }
      await withStore(options.config, async (store) => {
        const replay = await openReplay(store, options.config, io)
        const results: Replayed[] = []
        for (const seq of given ?? []) results.push(await replay(seq))
        for (let after = 0; !given?.length; ) {
          const filter = options.system ? { route: options.system } : {}
          const page = store.openQuarantine({ ...filter, after, limit: pageSize })
          if (page.length === 0) break
          for (const { recordSeq } of page) results.push(await replay(recordSeq))
          after = page.at(-1)!.recordSeq
          io.err(`${results.length} …`)
        }
        // That a record of the list was closed meanwhile is in order; a number given by hand that is not open is a mistake.
        const done = given?.length ? ['stored', 'ignored'] : ['stored', 'ignored', 'gone']
        const left = results.filter(({ outcome, unused }) => !done.includes(outcome) || unused)
        if (options.json) {
          const lines = results.map(({ error, ...line }) => ({ ...line, ...(error ? { code: error.code, ...error.text } : {}) }))
          io.out(JSON.stringify(lines))
        } else print(io, results, left)
        io.exit(left.length === 0 ? 0 : 1)
      })
    })
