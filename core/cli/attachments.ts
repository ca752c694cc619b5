import { Command } from 'commander'
import type { TransferState } from '../attachments/transfers.ts'
import { GatewayError } from '../errors.ts'
import type { TransferStanding } from '../store/store.ts'
import { type Io, shownSize, shownTime, table } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'

const words: Record<TransferState, string> = {
  open: '待送 open',
  sent: '已送 sent',
  arrived: '送达 arrived',
  stopped: '待决定 stopped',
}

/** Shown one by one; `--json` has as many. */
const shownAtMost = 1000

type Standing = Pick<TransferStanding, 'digest' | 'size' | 'state' | 'confirmed' | 'restarts' | 'dueAt' | 'detail'>

const progressOf = ({ state, confirmed, size }: Standing): string =>
  state === 'open' && size > 0 ? `${Math.floor((confirmed / size) * 100)}%` : ''

/** Transfers of either direction; `whose` heads the column of `ownerOf`. */
export const transfersText = <T extends Standing>(transfers: readonly T[], whose: string, ownerOf: (one: T) => string): string =>
  transfers.length === 0
    ? '没有未送达的附件。 / Every attachment has arrived.'
    : table(
        ['摘要 digest', whose, '大小 size', '状态 state', '进度 done', '重送 restarts', '再试 next', '说明 detail'],
        transfers.map((line) => [
          line.digest,
          ownerOf(line),
          shownSize(line.size),
          words[line.state],
          progressOf(line),
          line.restarts,
          line.dueAt === null || line.dueAt === 0 ? '' : shownTime(line.dueAt),
          line.detail === null ? '' : `${line.detail.code} ${line.detail.zh}`,
        ]),
      )

const resendCommand = (io: Io): Command =>
  new Command('resend')
    .description('从头重送一个附件 / send an attachment again from its start')
    .argument('<digest>', '附件摘要 sha256:… / its digest, sha256:…')
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi attachments resend sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n\n退出码 / Exit: 0 已放回 to be sent, 3 没有这个附件 there is none',
    )
    .action(async (digest: string, _options: object, command: Command) => {
      await withStore((command.optsWithGlobals() as { config: string }).config, (store) => {
        const isResent = store.commit(() => store.attachments.resend(digest, Date.now()))
        if (!isResent) throw GatewayError.of('ATTACHMENT_UNKNOWN', { digest })
        io.out('将从头重送。 / It goes out again from its start.')
      })
    })

export const attachmentsCommand = (io: Io): Command =>
  new Command('attachments')
    .description('未送达平台的附件，各到哪里；重送 / attachments that have not arrived, and how far each is; send one again')
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--all', '也列出已送达的 / also those that have arrived')
    .addCommand(resendCommand(io))
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi attachments\n  qianzhi attachments --all --json\n\n退出码 / Exit: 0 没有待决定的 none waits for a person, 1 有待决定的 some do',
    )
    .action(async (options: { config: string; json?: boolean; all?: boolean }) => {
      await withStore(options.config, (store) => {
        const states: TransferState[] = ['open', 'sent', 'stopped', ...(options.all ? (['arrived'] as const) : [])]
        const transfers = store.attachments.transfers({ states, limit: shownAtMost })
        if (options.json) io.out(JSON.stringify(transfers))
        else io.out(transfersText(transfers, '系统 system', ({ route }) => route))
        io.exit(transfers.some(({ state }) => state === 'stopped') ? 1 : 0)
      })
    })
