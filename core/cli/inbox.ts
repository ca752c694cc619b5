import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { AwaitedAttachment, InboxDecision, InboxMessage, InboxState } from '../store/inbox-store.ts'
import type { Store } from '../store/store.ts'
import { type Io, shownSize, shownTime, table } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'
import { operatorName, toRecordNumber } from './quarantine-arguments.ts'

const states: Record<string, InboxState[]> = {
  undecided: ['quarantined', 'unknown'],
  open: ['waiting', 'ready', 'claimed', 'unknown', 'quarantined'],
  refused: ['refused'],
  rejected: ['rejected'],
  all: ['waiting', 'ready', 'claimed', 'unknown', 'quarantined', 'delivered', 'rejected', 'ignored', 'refused'],
}

const words: Record<InboxState, string> = {
  waiting: '排队 waiting',
  ready: '待写 ready',
  claimed: '写入中 claimed',
  unknown: '结果不明 unknown',
  quarantined: '隔离 quarantined',
  delivered: '已写入 delivered',
  rejected: '目标拒绝 rejected',
  ignored: '忽略 ignored',
  refused: '拒收 refused',
}

const idOf = ({ identity, dataVersion, state }: InboxMessage): string =>
  state === 'refused' ? identity : `${identity}:${dataVersion}`

/** What a person may see of a line: never the body or the operations, which hold personal data. */
const shown = (message: InboxMessage) => {
  const { body: _, operations: __, ...line } = message
  return { ...line, id: idOf(message) }
}

/** What of a message, and its case, waits for. */
const awaitedLine = ({ digest, size, there }: AwaitedAttachment): string =>
  `等附件 waits for attachment ${digest} ${shownSize(there)} / ${size === null ? '?' : shownSize(size)}`

const reasonOf = ({ detail }: InboxMessage, awaited: readonly AwaitedAttachment[]): string => {
  if (awaited.length > 0) return awaited.map(awaitedLine).join('\n')
  const { code, zh, text, reason } = (detail ?? {}) as { code?: string; zh?: string; text?: string; reason?: string }
  return [code, zh ?? text ?? reason].filter(Boolean).join(' ')
}

const found = (store: Store, seq: number): InboxMessage => {
  const message = store.inbox.message(seq)
  if (!message) throw GatewayError.of('INBOX_NOT_FOUND', { seq })
  return message
}

const listCommand = (io: Io): Command =>
  new Command('list')
    .description(
      '列出平台下发的消息；不加选项时只列等人决定的 / list messages of the platform; those that wait for a person by default',
    )
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--state <which>', `${Object.keys(states).join('、')} 之一 / which of them`, 'undecided')
    .option('--system <name>', '只看某个系统 / one system')
    .option('--limit <n>', '最多几条 / at most so many', toRecordNumber, 100)
    .action(async (options: { config: string; json?: boolean; state: string; system?: string; limit: number }) => {
      const wanted = Object.hasOwn(states, options.state) ? states[options.state]! : undefined
      if (!wanted) {
        const known = Object.keys(states)
        throw GatewayError.of('COMMAND_USAGE', {
          reason: { zh: `--state 应为 ${known.join('、')} 之一`, en: `--state must be one of ${known.join(', ')}` },
        })
      }
      await withStore(options.config, (store) => {
        const { system, limit } = options
        const lines = store.inbox.list({ states: wanted, limit, ...(system === undefined ? {} : { system }) })
        const awaitedOf = ({ seq }: InboxMessage) => store.inbox.awaited(seq)
        if (options.json) return io.out(JSON.stringify(lines.map((line) => ({ ...shown(line), awaited: awaitedOf(line) }))))
        const rows = lines.map((line) => [
          line.seq,
          shownTime(line.receivedAt),
          line.system,
          idOf(line),
          words[line.state],
          reasonOf(line, awaitedOf(line).slice(0, 1)),
        ])
        io.out(
          rows.length === 0
            ? '没有这样的消息。 / There are none.'
            : table(['编号 no', '收到 received', '系统 system', '消息 message', '状态 state', '原因 reason'], rows),
        )
      })
    })

const showCommand = (io: Io): Command =>
  new Command('show')
    .description('查看一条消息的状态、每次尝试与下一步 / where a message stands, every attempt, and what to do')
    .argument('<no>', '消息编号 / number of the message', toRecordNumber)
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--raw', '输出原文与要写的内容（含个人信息，注意保密） / print it, and what is to be written (holds personal data)')
    .action(async (seq: number, options: { config: string; json?: boolean; raw?: boolean }) => {
      await withStore(options.config, (store) => {
        const message = found(store, seq)
        const [attempts, decisions, awaited] = [store.inbox.attempts(seq), store.inbox.decisions(seq), store.inbox.awaited(seq)]
        const raw = options.raw ? { body: message.body, operations: message.operations } : {}
        if (options.json) return io.out(JSON.stringify({ ...shown(message), awaited, attempts, decisions, ...raw }))
        io.out(`${seq}  ${message.system}  ${idOf(message)}  [${words[message.state]}]  ${shownTime(message.receivedAt)}`)
        const { zh, en, hintZh, hintEn } = (message.detail ?? {}) as Record<string, string | undefined>
        io.out([reasonOf(message, awaited), en, hintZh && `→ ${hintZh}`, hintEn && `→ ${hintEn}`].filter(Boolean).join('\n  '))
        if (message.state === 'unknown' && message.dueAt === null && zh === undefined)
          io.out('→ 到目标系统查看；写入了用 qianzhi inbox delivered，没有用 qianzhi inbox again。')
        for (const { attempt, part, verdict, endedAt, detail } of attempts)
          io.out(
            `${shownTime(endedAt)}  第 ${attempt} 次 attempt ${attempt}, part ${part}: ${verdict} ${detail ? JSON.stringify(detail) : ''}`,
          )
        for (const { decision, by, at, reason } of decisions) io.out(`${shownTime(at)}  ${decision}  ${by}  ${reason}`)
        if (options.raw) io.out([message.body, message.operations].filter((text) => text !== null).join('\n'))
      })
    })

const decideCommand = (io: Io, name: string, decision: InboxDecision, description: string, done: string): Command =>
  new Command(name)
    .description(description)
    .argument('<no>', '消息编号 / number of the message', toRecordNumber)
    .requiredOption('--reason <text>', '理由（必填） / the reason')
    .option(...configFlag)
    .action(async (seq: number, options: { config: string; reason: string }) => {
      const reason = options.reason.trim()
      if (reason === '')
        throw GatewayError.of('COMMAND_USAGE', { reason: { zh: '理由不得为空', en: 'the reason must not be empty' } })
      await withStore(options.config, (store) => {
        const { detail } = found(store, seq)
        if (decision === 'again' && detail?.['code'] === 'MESSAGE_CONFLICT')
          throw GatewayError.of('COMMAND_USAGE', {
            reason: {
              zh: '同一编号已收过另一内容，不能再写：请平台以新的数据版本重发，这一条用 discard',
              en: 'another content came under this id before: have the platform send it as the next data version, and discard this one',
            },
          })
        const decided = store.commit(() => store.inbox.decide(seq, decision, operatorName(), reason, systemClock.now()))
        if (!decided) throw GatewayError.of('INBOX_NOT_UNDECIDED', { seq })
        io.out(`${seq}: ${done}`)
      })
    })

export const inboxCommand = (io: Io): Command =>
  new Command('inbox')
    .description('收件箱：平台下发、写入本系统的消息 / inbox: messages of the platform that are written to the systems')
    .addCommand(listCommand(io))
    .addCommand(showCommand(io))
    .addCommand(
      decideCommand(
        io,
        'again',
        'again',
        '决定再写一次：隔离的按现在的映射重新转换 / have it delivered again; what was in quarantine by the mapping of now',
        '将再次写入。 / It is delivered again.',
      ),
    )
    .addCommand(
      decideCommand(
        io,
        'delivered',
        'delivered',
        '查明目标已有，记为已写入 / the target was looked at and has it',
        '记为已写入。 / It counts as delivered.',
      ),
    )
    .addCommand(
      decideCommand(
        io,
        'discard',
        'discarded',
        '决定不写；原文与理由留存 / decide that it is not written; it is kept, with the reason',
        '不再写入，理由已留存。 / It is not written; the reason is kept.',
      ),
    )
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi inbox list\n  qianzhi inbox list --state open --system market\n  qianzhi inbox show 17\n  qianzhi inbox again 17 --reason "映射已改"\n  qianzhi inbox delivered 17 --reason "目标系统里已查到"\n  qianzhi inbox discard 17 --reason "平台来函作废"',
    )
