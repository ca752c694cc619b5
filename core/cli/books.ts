import { Command, InvalidArgumentError } from 'commander'
import type { InboxBookLine } from '../store/inbox-store.ts'
import type { BookLine } from '../store/store.ts'
import type { Io } from './io.ts'
import { table } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'

const toDay = (text: string): string => {
  const at = Date.parse(`${text}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(at) || !new Date(at).toISOString().startsWith(text)) {
    throw new InvalidArgumentError('须为日期，如 2026-11-23 / must be a day, such as 2026-11-23')
  }
  return text
}

export const booksCommand = (io: Io): Command =>
  new Command('books')
    .description(
      '账簿：读取 = 转换 + 隔离 + 忽略；消息 = 已确认 + 待发；附件 = 已送 + 待送；下行：收到 = 已写入 + 目标拒绝 + 忽略 + 拒收 + 未完，附件 = 到齐 + 等待 / the books: read = translated + quarantined + ignored; messages = confirmed + waiting; attachments = sent + unsent; down: received = delivered + rejected + ignored + refused + open, attachments = arrived + awaited',
    )
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--day <YYYY-MM-DD>', '只看某日（北京时间） / one day, Beijing time', toDay)
    .option('--system <name>', '只看某个系统 / one system')
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi books\n  qianzhi books --day 2026-11-23 --json\n\n退出码 / Exit: 0 平衡 balanced, 1 不平衡 not balanced',
    )
    .action(async (options: { config: string; json?: boolean; day?: string; system?: string }) => {
      await withStore(options.config, (store) => {
        const lines = store.books({
          ...(options.day ? { day: options.day } : {}),
          ...(options.system ? { route: options.system } : {}),
        })
        const down = store.inbox.books({
          ...(options.day ? { day: options.day } : {}),
          ...(options.system ? { system: options.system } : {}),
        })
        const balanced = [...lines, ...down].every((line) => line.balanced)
        if (options.json) io.out(JSON.stringify({ balanced, lines, down }))
        else {
          io.out(formatBooks(lines))
          if (down.length > 0) io.out(`\n${formatInboxBooks(down)}`)
          io.out(
            balanced
              ? '账簿平衡。 / Balanced.'
              : '账簿不平衡！请保留现场并联系维护人员。 / NOT balanced: keep everything as it is and call for help.',
          )
        }
        io.exit(balanced ? 0 : 1)
      })
    })

interface Columns<Line> {
  names: { name: string; of(line: Line): string }[]
  counts: Partial<Record<keyof Line, string>>
  /** Shown only where there is something to count. */
  rare: readonly (keyof Line)[]
}

const format = <Line extends { balanced: boolean }>(lines: Line[], { names, counts, rare }: Columns<Line>): string => {
  const shown = (Object.entries(counts) as [keyof Line, string][]).filter(
    ([count]) => !rare.includes(count) || lines.some((line) => line[count] !== 0),
  )
  return table(
    [...names.map(({ name }) => name), ...shown.map(([, title]) => title), '平 balanced'],
    lines.map((line) => [
      ...names.map(({ of }) => of(line)),
      ...shown.map(([count]) => line[count] as number),
      line.balanced ? '✓' : '✗',
    ]),
  )
}

export const formatBooks = (lines: BookLine[]): string =>
  format(lines, {
    names: [
      { name: '日期 day', of: ({ day }) => day },
      { name: '系统 system', of: ({ route }) => route },
      { name: '来源 stream', of: ({ stream }) => stream },
    ],
    counts: {
      read: '读取 read',
      duplicates: '重复 duplicates',
      translated: '转换 translated',
      quarantined: '隔离 quarantined',
      conflicts: '其中冲突 conflicts',
      ignored: '忽略 ignored',
      echoes: '回声 echoes',
      unexchanged: '不交换 unexchanged',
      messages: '消息 messages',
      confirmed: '确认 confirmed',
      receipted: '有回执 receipted',
      disputed: '有争议 disputed',
      rejected: '被退回 rejected',
      waiting: '待发 waiting',
      attachments: '附件 attachments',
      sent: '已送 sent',
      arrived: '送达 arrived',
      unsent: '待送 unsent',
    },
    rare: ['conflicts', 'echoes', 'unexchanged', 'receipted', 'disputed', 'rejected', 'attachments', 'sent', 'arrived', 'unsent'],
  })

/** The way down. */
const formatInboxBooks = (lines: InboxBookLine[]): string =>
  format(lines, {
    names: [
      { name: '日期 day', of: ({ day }) => day },
      { name: '系统 system', of: ({ system }) => system },
      { name: '类型 type', of: ({ type }) => type },
    ],
    counts: {
      received: '收到 received',
      duplicates: '重复 duplicates',
      delivered: '已写入 delivered',
      rejected: '目标拒绝 rejected',
      ignored: '忽略 ignored',
      refused: '拒收 refused',
      open: '未完 open',
      conflicts: '其中冲突 conflicts',
      attachments: '附件 attachments',
      arrived: '到齐 arrived',
      awaited: '等待 awaited',
    },
    rare: ['conflicts', 'attachments', 'arrived', 'awaited'],
  })
