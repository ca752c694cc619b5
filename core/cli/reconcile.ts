import { Command } from 'commander'
import type { Difference, Period, StatementStanding, StatementState, Store } from '../store/store.ts'
import { type Io, shownTime, table } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'
import { operatorName } from './quarantine-arguments.ts'

const states: Record<StatementState, string> = {
  open: '待报 open',
  asked: '待答复 asked',
  agreed: '相符 agreed',
  differs: '不符 differs',
}

const kinds: Record<Difference['kind'], string> = {
  missing: '平台缺少 missing',
  foreign: '非本网关所报 foreign',
}

/** What agrees is shown for so long without `--all`. */
const recentMs = 31 * 86_400_000
/** Differences shown one by one; `--json` has all of them. */
const shownAtMost = 100

const shownPeriod = ({ startsAt, endsAt }: Period): string =>
  endsAt - startsAt === 86_400_000 ? shownTime(startsAt).slice(0, 10) : `${shownTime(startsAt).slice(0, 13)}`

const print = (io: Io, lines: StatementStanding[], differences: Difference[]): void => {
  if (lines.length === 0) {
    io.out(
      '还没有对过账：没有时段已结束，或网关没有名称（config/gateway.yaml 的 name）。 / Nothing was reconciled yet: no period has ended, or the gateway has no name.',
    )
    return
  }
  io.out(
    table(
      ['时段 period', '系统 system', '我方 ours', '平台 theirs', '状态 state', '缺少 missing', '多出 foreign'],
      lines.map((line) => [
        shownPeriod(line),
        line.system,
        line.ours ?? '-',
        line.theirs ?? '-',
        states[line.state],
        line.missing,
        line.foreign,
      ]),
    ),
  )
  for (const one of differences.slice(0, shownAtMost)) io.out(`${shownPeriod(one)}  ${kinds[one.kind]}  ${one.id}`)
  if (differences.length > shownAtMost) io.out(`… 另有 ${differences.length - shownAtMost} 条，见 --json / and more: see --json`)
  const waiting = lines.filter(({ state }) => state === 'open' || state === 'asked').length
  const differing = lines.filter(({ state }) => state === 'differs').length
  if (waiting > 0) io.out(`${waiting} 个时段还没有答复。 / ${waiting} periods have no answer yet.`)
  if (differing > 0)
    io.out(
      `${differing} 个时段不符。qianzhi reconcile --resend 重发平台缺少的；多出的请与平台核对。 / ${differing} periods differ. --resend sends what is missing; ask the platform about what is foreign.`,
    )
  else if (waiting === 0) io.out('没有不符。 / Nothing differs.')
}

type Resent = Pick<Difference, 'id'> & { outcome: NonNullable<ReturnType<Store['resend']>> | 'waiting' }

const outcomes: Record<Resent['outcome'], string> = {
  resent: '已放回发件箱 / in the outbox again',
  waiting: '已在发件箱 / in the outbox already',
  bodyless: '正文已过保留期，不能重发；只有存储的备份里还有 / its body is past its retention: only a backup of the store has it',
  rejected: '已被平台退回，由更正后的版本代替 / rejected by the platform: its next version stands for it',
}

const resend = (store: Store, io: Io, missing: Difference[], json: boolean): void => {
  const by = operatorName()
  // One commit: either all of a list is out, or none.
  const results = store.commit(() =>
    missing.map(({ id }): Resent => ({ id, outcome: store.resend(id, by, Date.now()) ?? 'waiting' })),
  )
  if (json) io.out(JSON.stringify(results))
  else {
    for (const { id, outcome } of results) io.out(`${id}  ${outcomes[outcome]}`)
    const count = results.filter(({ outcome }) => outcome === 'resent').length
    io.out(
      `重发 ${count} 条；确认后这些时段重新对账。 / ${count} sent again; their periods are stated anew when they are confirmed.`,
    )
  }
  io.exit(results.every(({ outcome }) => outcome === 'resent' || outcome === 'waiting') ? 0 : 1)
}

const again = (store: Store, io: Io, lines: StatementStanding[]): void => {
  store.commit(() => {
    // Nothing of them has changed since: they are due at once.
    for (const { system, startsAt, endsAt } of lines) store.statements.reopen(system, startsAt, endsAt)
  })
  io.out(`${lines.length} 个时段将重新对账。 / ${lines.length} periods will be stated again.`)
}

export const reconcileCommand = (io: Io): Command =>
  new Command('reconcile')
    .description(
      '与平台对账的结果：各系统各时段相符与否，不符的逐条列出 / reconciliation with the platform: what agrees, and each message that differs',
    )
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--system <name>', '只看某个系统 / one system')
    .option('--all', '也列出 31 天以前相符的 / also what agrees and is older than 31 days')
    .option('--again', '再报这些时段，相符的也重新核对 / state these periods again, also what agreed')
    .option(
      '--resend',
      '重发平台缺少的消息，原编号原正文 / send again what the platform has not, under the same id and as it was',
    )
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi reconcile\n  qianzhi reconcile --system market --json\n  qianzhi reconcile --resend\n  qianzhi reconcile --again --all\n\n退出码 / Exit: 0 没有不符 nothing differs, 1 有不符，或有不能重发的 something differs, or cannot be sent again',
    )
    .action(
      async (options: { config: string; json?: boolean; system?: string; all?: boolean; again?: boolean; resend?: boolean }) => {
        const filter = options.system === undefined ? {} : { system: options.system }
        const json = options.json === true
        await withStore(options.config, (store) => {
          const { statements } = store
          if (options.resend) return resend(store, io, statements.differences({ ...filter, kind: 'missing' }), json)
          const since = options.all ? 0 : Date.now() - recentMs
          const lines = statements.list(filter).filter(({ state, startsAt }) => state !== 'agreed' || startsAt >= since)
          const differences = statements.differences(filter)
          if (options.again) return again(store, io, lines)
          if (json) io.out(JSON.stringify({ periods: lines, differences }))
          else print(io, lines, differences)
          io.exit(lines.some(({ state }) => state === 'differs') ? 1 : 0)
        })
      },
    )
