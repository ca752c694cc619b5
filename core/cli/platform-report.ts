import { Command, InvalidArgumentError } from 'commander'
import { toDay } from '../mapping/codes/days.ts'
import { type Report, readReport } from '../platform/report.ts'
import type { ReportLine } from '../supervision/report.ts'
import { type Io, table } from './io.ts'
import { configFlag, jsonFlag } from './open.ts'
import { knowledgeOf, openPlatformConfig, wantsJson, withPlatformStore } from './platform-broker.ts'
import { nowMoment, toMoment } from './platform-supervise.ts'

const dayArgument = (text: string): string => {
  const day = toDay(text)
  if (day === undefined) throw new InvalidArgumentError('应为日期，如 2025-10-09 / must be a day, as 2025-10-09')
  return day
}

/** A share in percent; nothing of nothing is no share. */
const share = (part: number, of: number): string => (of === 0 ? '-' : `${Math.round((part / of) * 1000) / 10}%`)

const rowOf = (line: ReportLine): (string | number)[] => [
  line.departmentName ?? line.department,
  line.itemName ?? line.item,
  line.cases,
  line.closed,
  line.onTime,
  line.late,
  line.overdue,
  line.unmeasured,
  line.yellow,
  line.red,
  share(line.complete, line.messages),
  share(line.backfilled, line.timed),
  share(line.matched, line.cases),
  line.missingStages,
]

const columns = [
  '部门 department',
  '事项 item',
  '办件 cases',
  '办结 closed',
  '按时 on time',
  '逾期 late',
  '超期未办 overdue',
  '未计时 unmeasured',
  '黄牌 yellow',
  '红牌 red',
  '完整率 complete',
  '补录率 backfill',
  '事项对应率 match',
  '应录未录 missing',
]

/** Items shown one by one; `--json` has all of them. */
const shownAtMost = 20

const print = (io: Io, report: Report): void => {
  const { from, to, at, calendarVersion, rulesVersion, catalogueVersion, lines, itemsWithoutCase, stated } = report
  io.out(
    `${from} 至 ${to} 开始的办件，截至 ${at}；日历 ${calendarVersion}，规则 ${rulesVersion}，目录 ${catalogueVersion ?? '-'}\n` +
      `cases that began from ${from} to ${to}, as of ${at}; calendar, rules and catalogue as above\n`,
  )
  io.out(lines.length === 0 ? '没有办件。 / No case.' : table(columns, lines.map(rowOf)))
  io.out(`\n零数据事项 items without a case: ${itemsWithoutCase.length}`)
  for (const { code, name, org } of itemsWithoutCase.slice(0, shownAtMost))
    io.out(`  ${code}  ${name}  ${org?.name ?? ''}`.trimEnd())
  if (itemsWithoutCase.length > shownAtMost) io.out('  … 见 --json / see --json')
  if (stated.length === 0) io.out('没有收到这一时期的对账单。 / No statement of this period was received.')
  else
    io.out(
      `\n${table(
        ['网关 gateway', '系统 system', '对账时段 periods', '其中零数据 zero', '消息 messages'],
        stated.map((line) => [line.gateway, line.system, line.periods, line.zero, line.messages]),
      )}`,
    )
}

export const reportCommand = (io: Io): Command =>
  new Command('report')
    .description('统一监管的统计：按部门与事项，由收到的消息计算 / figures of supervision, by department and item')
    .requiredOption('--from <day>', '第一天（按办件开始的日期） / first day, by the day on which cases began', dayArgument)
    .requiredOption('--to <day>', '最后一天 / last day', dayArgument)
    .option('--at <moment>', '截至哪一时刻，不写则为现在 / as of which moment; now when absent', toMoment)
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi platform report --from 2025-09-01 --to 2025-09-30\n  qianzhi platform report --from 2025-09-01 --to 2025-09-30 --at 2025-10-31 --json\n\n退出码 / Exit: 0 完成 done, 1 配置有错 mistakes in the configuration, 3 无法执行 could not run',
    )
    .action(async ({ from, to, at = nowMoment() }: { from: string; to: string; at?: string }, command: Command) => {
      const config = openPlatformConfig(command, io)
      if (!config) return
      const report = await withPlatformStore(config, ({ supervision }) =>
        readReport(supervision, knowledgeOf(config), { from, to }, at),
      )
      if (wantsJson(command)) io.out(JSON.stringify(report))
      else print(io, report)
    })
