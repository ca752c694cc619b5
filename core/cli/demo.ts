import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../clock.ts'
import type { GatewayConfig } from '../config/load.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { createEvents } from '../events.ts'
import { sumOf, type Totals } from '../flows/books.ts'
import { flows } from '../flows/index.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { packageRoot } from '../package-root.ts'
import { loadPlatformConfig } from '../platform/config.ts'
import { openPlatform, type Platform } from '../platform/platform.ts'
import { counters } from '../platform/receiver-store.ts'
import type { BookLine } from '../store/store.ts'
import { formatBooks } from './books.ts'
import { runFlow } from './demo-flow.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { logEvents, openLog } from './log.ts'
import { openConfig } from './open.ts'
import { openTimeLimit } from './time-limit.ts'

const dataFolder = join(packageRoot, 'data', 'demo')
const configFolder = join(packageRoot, 'config')
const countsEveryMs = 2000
const onceLimitMs = 120_000

interface Departments {
  soap: { endpoint: string }
  database: string
  folder: string
}

/** The pretend departments are programs of their own, as real ones are: a SOAP server, a database, a folder of files. */
const startDepartments = async (
  cases: number,
  rate: number | undefined,
): Promise<{ process: ChildProcess; where: Departments }> => {
  const script = join(packageRoot, 'dist', 'test', 'departments', 'main.js')
  const given = [
    '--folder',
    join(dataFolder, 'departments'),
    '--cases',
    String(cases),
    ...(rate === undefined ? [] : ['--rate', String(rate)]),
  ]
  const child = spawn(process.execPath, [script, ...given], { stdio: ['ignore', 'pipe', 'inherit'] })
  const where = await new Promise<Departments>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', (line) => resolve(JSON.parse(line) as Departments))
    child.once('exit', (code) => reject(GatewayError.of('UNEXPECTED', { reason: `departments: exit ${code}` })))
  })
  return { process: child, where }
}

/** The demo's departments listen where there is room; everything else is configured as in a real installation. */
const pointAt = (config: GatewayConfig, where: Departments): void => {
  for (const { name, read } of config.systems)
    if (name === 'housing') (read!.options as { endpoint: string }).endpoint = where.soap.endpoint
}

const bookKeys = ['read', 'duplicates', 'translated', 'quarantined', 'ignored', 'messages', 'confirmed', 'waiting'] as const

const readBooks = async (gateway: Gateway, platform: Platform) => {
  const lines = gateway.store.books()
  const tallies = await platform.store.counts()
  return { lines, gateway: sumOf(lines, bookKeys), platform: sumOf(tallies, counters) }
}

const findImbalance = (lines: BookLine[], sent: Totals, received: Totals): string | undefined => {
  if (lines.some(({ balanced }) => !balanced)) return '网关账簿不平衡 / the gateway’s books do not balance'
  if (sent['waiting'] !== 0) return '仍有消息待发 / messages still wait'
  if (sent['messages'] === 0) return '没有读到任何记录 / nothing was read'
  const kept = received['received']! - received['duplicates']! - received['conflicts']! - received['refused']!
  if (kept !== sent['confirmed'])
    return `网关确认 ${sent['confirmed']} 条，平台收下 ${kept} 条 / the gateway had ${sent['confirmed']} confirmed, the platform kept ${kept}`
  return undefined
}

const toNumber = (text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) <= 0) throw new InvalidArgumentError('须为正数 / must be a positive number')
  return Number(text)
}

const runDemo = async (io: Io, options: { once?: boolean; cases: number; rate: number }): Promise<void> => {
  rmSync(dataFolder, { recursive: true, force: true })
  const departments = await startDepartments(options.cases, options.once ? undefined : options.rate)
  try {
    const opened = await openConfig(configFolder, io)
    const platformConfig = loadPlatformConfig(configFolder, io.env)
    for (const problem of platformConfig.problems) io.err(formatError(problem))
    if (!opened || !platformConfig.config) return io.exit(1)
    const { config, context } = opened
    pointAt(config, departments.where)
    const events = createEvents()
    logEvents(events, openLog(config.options.log.level))
    const platform = openPlatform(platformConfig.config, { clock: systemClock, onFailed: (error) => io.err(formatError(error)) })
    const gateway = startGateway({ config, context, events, once: options.once === true })
    io.out(introduction(departments.where))
    try {
      await (options.once ? deliverOnce(io, gateway, platform) : showCounts(io, gateway, platform))
    } finally {
      await gateway.stop()
      await platform.close()
    }
  } finally {
    departments.process.kill('SIGTERM')
  }
}

const introduction = ({ soap, database, folder }: Departments): string =>
  [
    '三个模拟部门、网关与平台接收端已启动 / three pretend departments, the gateway and the platform’s receiver are running:',
    `  住建 housing  SOAP      ${soap.endpoint}`,
    `  市监 market   SQLite    ${database}`,
    `  民政 civil    XML 文件   ${folder}`,
    `  网关 gateway  存储 store ${join(dataFolder, 'gateway.db')}`,
    `  平台 platform 存储 store ${join(dataFolder, 'platform.sqlite')}`,
    '另开终端查看 / in another terminal:',
    '  npm run --silent qianzhi -- status      npm run --silent qianzhi -- books      npm run --silent qianzhi -- quarantine list',
    '  配置 configuration: config/    映射 mappings: mappings/',
    '',
  ].join('\n')

/** Until Ctrl-C; a line whenever something has changed. */
const showCounts = async (io: Io, gateway: Gateway, platform: Platform): Promise<void> => {
  let said = ''
  io.out('每两秒一行，Ctrl-C 结束 / a line every two seconds; Ctrl-C ends')
  while (!io.interrupted.aborted) {
    const { gateway: sent, platform: received } = await readBooks(gateway, platform)
    const line =
      `读取 read ${sent['read']}  转换 translated ${sent['translated']}  隔离 quarantined ${sent['quarantined']}  忽略 ignored ${sent['ignored']}  |  ` +
      `消息 messages ${sent['messages']}  确认 confirmed ${sent['confirmed']}  待发 waiting ${sent['waiting']}  |  平台收到 received ${received['received']}`
    if (line !== said) io.out(line)
    said = line
    await systemClock.wait(countsEveryMs, io.interrupted)
  }
}

/** The last line is the balanced books as JSON, or the reason why they are not. */
const deliverOnce = async (io: Io, gateway: Gateway, platform: Platform): Promise<void> => {
  const fail = (error: GatewayError) => {
    io.err(formatError(error))
    io.out(JSON.stringify({ balanced: false, reason: errorToJson(error) }))
    io.exit(1)
  }
  const { signal: limit, close } = openTimeLimit(io.interrupted, onceLimitMs)
  const late = new Promise<'late'>((resolve) => limit.addEventListener('abort', () => resolve('late'), { once: true }))
  const outcome = await Promise.race([gateway.finished().then(() => 'done' as const, toGatewayError), late])
  if (outcome instanceof GatewayError) {
    close()
    return fail(outcome)
  }
  const arrived = async () => {
    const { lines, gateway: sent, platform: received } = await readBooks(gateway, platform)
    return { lines, sent, received, imbalance: findImbalance(lines, sent, received) }
  }
  let books = await arrived()
  while (books.imbalance !== undefined && !limit.aborted && outcome === 'done') {
    await systemClock.wait(50, limit)
    books = await arrived()
  }
  close()
  const { lines, sent, received, imbalance } = books
  io.out(formatBooks(lines))
  if (imbalance) io.err(imbalance)
  io.out(
    JSON.stringify({
      balanced: imbalance === undefined,
      ...(imbalance ? { reason: imbalance } : {}),
      gateway: sent,
      platform: received,
    }),
  )
  if (imbalance) io.exit(1)
}

interface DemoOptions {
  once?: boolean
  cases: number
  rate: number
  folder?: string
  broker?: string
}

const flowLines = flows.map(({ name, title }) => `  ${name.padEnd(20)}${title.zh} ${title.en}`).join('\n')

export const demoCommand = (io: Io): Command =>
  new Command('demo')
    .description(
      '演示：三个模拟部门、网关、平台接收端，一条命令全部运行 / three pretend departments, the gateway and the receiver, by one command',
    )
    .argument('[flow]', '改为演示一个流程，见下 / one of the flows below in its place')
    .option('--once', '全部送达后打印账簿并退出 / end with the books when everything is delivered')
    .option('--cases <n>', '每个部门多少办件 / cases of each department', toNumber, 200)
    .option('--rate <n>', '不带 --once 时每秒新增多少办件 / without --once: new cases a second', toNumber, 2)
    .option('--folder <folder>', '流程的文件夹建在哪里，默认 data/flows / where the folder of a flow is made')
    .option('--broker <url>', '流程走 RabbitMQ，如 amqp://127.0.0.1:5672 / a flow over RabbitMQ')
    .addHelpText(
      'after',
      `\n流程 / Flows:\n${flowLines}\n\n例 / Examples:\n  qianzhi demo\n  qianzhi demo --once\n  qianzhi demo --once --cases 2000\n  qianzhi demo ${flows[0]!.name} --once\n\n数据在 data/demo，每次重新开始；流程每次有自己的文件夹 / data is in data/demo and starts anew each time; a flow has a folder of its own\n退出码 / Exit: 0 账簿平衡 balanced, 1 不平衡或有错 not balanced, or a mistake, 3 无法运行 could not run`,
    )
    .action(async (flow: string | undefined, options: DemoOptions) =>
      flow === undefined ? runDemo(io, options) : runFlow(io, flow, options),
    )
