import { resolve } from 'node:path'
import { Command } from 'commander'
import { listAnySystems, partsOf } from '../config/load.ts'
import { attempt } from '../config/settle.ts'
import type { TransferStanding } from '../store/store.ts'
import type { Io } from './io.ts'
import { shownSize, shownTime, table } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'

/** Without a sign of life for so long, the gateway is not running: it reports every five seconds. */
const silentMs = 15_000

/** A system that was switched off on purpose is as it should be; one that reads and warns is not. */
const wellStates = ['well', 'serving', 'starting', 'connected', 'disabled']

const attachmentsLine = (unsent: readonly TransferStanding[], stopped: number): string => {
  const [bytes, confirmed] = [sumOf(unsent, 'size'), sumOf(unsent, 'confirmed')]
  return `附件待送 / attachments to send: ${unsent.length} (${shownSize(confirmed)} / ${shownSize(bytes)})    待决定 / undecided: ${stopped}`
}

const sumOf = (transfers: readonly TransferStanding[], of: 'size' | 'confirmed'): number =>
  transfers.reduce((sum, one) => sum + one[of], 0)

/** So many on one line; `--json` has all. */
const mostSaid = 3

interface Said {
  code: string
  zh: string
  hintZh?: string
  hintEn?: string
}

/** The fault of a component, or of what it sends to, and what its source told of without ending its run. */
const allIn = (detail: unknown): Partial<Said>[] => {
  const { error, warnings = [], ...own } = (detail ?? {}) as Partial<Said> & { error?: Said; warnings?: Said[] }
  return [own, error ?? {}, ...warnings]
}

/** What to do next. */
const hintsIn = (detail: unknown): string[] =>
  allIn(detail).flatMap(({ code, hintZh, hintEn }) => (hintZh ? [`${code}：${hintZh} / ${hintEn}`] : []))

const retriedDetail = (retried: number, code: string | null): Said => ({
  code: code ?? '',
  zh: `${retried} 条消息反复重试而未写入`,
  hintZh: '用 qianzhi inbox list --state open 看是哪些，用 qianzhi inbox show <编号> 看每次的原因。',
  hintEn: 'See which with qianzhi inbox list --state open, and why with qianzhi inbox show <number>.',
})

const removedDetail = (open: number): Said => ({
  code: 'DELIVERY_TARGET_UNKNOWN',
  zh: `${open} 条消息等着写入，而配置里没有这个系统的 deliver`,
  hintZh: '恢复该系统的 deliver，等其写完；不再写的，恢复后用 qianzhi inbox discard 结束。',
  hintEn:
    'Bring back deliver of the system until they are written; end those that are not to be written with qianzhi inbox discard then.',
})

const saidIn = (detail: unknown): string => {
  const said = allIn(detail).flatMap(({ code, zh }) => (zh ? [`${code} ${zh}`] : []))
  return said.length > mostSaid
    ? `${said.slice(0, mostSaid).join('；')}……（共 ${said.length} / ${said.length} in all）`
    : said.join('；')
}

/** While the folder of the systems is away, those that run of it are known by what they have said; `config:*` says that it is. */
const namesOfSystems = (folder: string, reported: ReadonlySet<string>): string[] => {
  const there = attempt([], () => listAnySystems(folder)) ?? []
  if (there.length > 0) return there
  const said = [...reported].flatMap((component) => /^(?:source|target):(.+)$/.exec(component)?.[1] ?? [])
  return [...new Set(said)].sort()
}

export const statusCommand = (io: Io): Command =>
  new Command('status')
    .description('网关、来源与队列的现状 / how the gateway, its sources and the broker are')
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi status\n  qianzhi status --json\n\n退出码 / Exit: 0 一切正常 all well, 1 有异常 something is not',
    )
    .action(async (options: { config: string; json?: boolean }) => {
      await withStore(options.config, (store) => {
        const now = Date.now()
        const health = store.health()
        const gateway = health.find(({ component }) => component === 'gateway')
        const isRunning = gateway?.state === 'running' && now - gateway.seenAt < silentMs
        const waiting = store.waiting()
        const quarantined = store.books().reduce((sum, line) => sum + line.quarantined, 0)
        const stateOf = (component: string) => {
          const line = health.find((found) => found.component === component)
          const { warnings } = (line?.detail ?? {}) as { warnings?: Said[] }
          const state = line?.state === 'well' && warnings ? 'warned' : line?.state
          return { changedAt: null, detail: {}, ...line, component, state: isRunning && state ? state : 'stopped' }
        }
        const folder = resolve(options.config)
        const waitingFor = new Map(store.inbox.openOf().map((line) => [line.system, line]))
        /** A target that answers, and takes some messages again and again without effect, is not well. */
        const targetOf = (name: string) => {
          const found = stateOf(`target:${name}`)
          const { retried = 0, code = null } = waitingFor.get(name) ?? {}
          const isTroubled = retried > 0 && found.state === 'well'
          return isTroubled ? { ...found, state: 'troubled', detail: retriedDetail(retried, code) } : found
        }
        const reported = new Set(health.map(({ component }) => component))
        // What runs of a file that has become unreadable is what was there before.
        const systems = namesOfSystems(folder, reported).map((name) => {
          const isWritten = reported.has(`target:${name}`)
          const isRead = reported.has(`source:${name}`) || !isWritten
          return { name, ...(partsOf(folder, name) ?? { isEnabled: true, isRead, isWritten }) }
        })
        const written = new Set(systems.flatMap(({ name, isWritten }) => (isWritten ? name : [])))
        const components = [
          stateOf('broker'),
          // Its connection is made when there is something to send.
          ...health.flatMap(({ component }) => (component.startsWith('attachments') ? stateOf(component) : [])),
          ...systems.flatMap(({ name, isEnabled, isRead, isWritten }) => {
            const parts = [...(isRead ? [stateOf(`source:${name}`)] : []), ...(isWritten ? [targetOf(name)] : [])]
            return isEnabled ? parts : parts.map((part) => ({ ...part, state: 'disabled', detail: {} }))
          }),
          // What waits for a system that is written to no more waits until it is again.
          ...[...waitingFor.values()].flatMap(({ system, open }) =>
            written.has(system)
              ? []
              : { component: `target:${system}`, state: 'removed', changedAt: null, detail: removedDetail(open) },
          ),
          // What runs is what was there before.
          ...health.flatMap(({ component, state }) =>
            component.startsWith('config:') && state === 'refused' ? stateOf(component) : [],
          ),
        ]
        const undecided = store.inbox
          .list({ states: ['quarantined', 'unknown'], limit: 1000 })
          .filter(({ dueAt }) => dueAt === null).length
        const awaiting = store.inbox.awaiting()
        const transfers = store.attachments.transfers({ limit: 1000 })
        const unsent = transfers.filter(({ state }) => state !== 'sent')
        const stopped = transfers.filter(({ state }) => state === 'stopped').length
        const isWell =
          isRunning &&
          quarantined === 0 &&
          undecided === 0 &&
          stopped === 0 &&
          components.every(({ state }) => wellStates.includes(state))
        if (options.json)
          io.out(
            JSON.stringify({
              well: isWell,
              running: isRunning,
              waiting,
              quarantined,
              toDeliver: store.inbox.open(),
              undecided,
              awaiting,
              attachments: { unsent: unsent.length, stopped, transfers },
              components,
            }),
          )
        else {
          io.out(isRunning ? '网关：运行中 / gateway: running' : '网关：未运行 / gateway: not running')
          io.out(`待发 / waiting: ${waiting}    隔离 / quarantined: ${quarantined}`)
          io.out(`待写 / to deliver: ${store.inbox.open()}    待决定 / undecided: ${undecided}`)
          if (awaiting > 0) io.out(`等附件 / waiting for attachments: ${awaiting}`)
          if (unsent.length > 0) io.out(attachmentsLine(unsent, stopped))
          const rows = components.map((line) => [
            line.component,
            line.state,
            line.changedAt === null ? '' : shownTime(line.changedAt),
            saidIn(line.detail),
          ])
          io.out(table(['部件 component', '状态 state', '自 since', '说明 detail'], rows))
          const hints = new Set(components.flatMap(({ detail }) => hintsIn(detail)))
          if (hints.size > 0) io.out([...hints].map((hint) => `→ ${hint}`).join('\n'))
        }
        io.exit(isWell ? 0 : 1)
      })
    })
