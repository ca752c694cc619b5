import { Command } from 'commander'
import { GatewayError } from '../errors.ts'
import { loadPlatformConfig } from '../platform/config.ts'
import { describeJoined } from '../transport/rabbitmq/joined.ts'
import { formatError, type Io } from './io.ts'
import { configFlag } from './open.ts'

const oneMore = (name: string, names: string[] = []): string[] => {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) {
    const reason = { zh: `“${name}”不是网关名称`, en: `"${name}" is no name of a gateway` }
    throw GatewayError.of('COMMAND_USAGE', { reason })
  }
  return [...names, name]
}

/** Never in the definitions by mistake: an address without a scheme would be taken for one of this very broker. */
const toUrl = (text: string): string => {
  if (!/^amqps?:\/\/[^/]/.test(text)) {
    const reason = {
      zh: '--upper 须为 amqp:// 或 amqps:// 地址',
      en: '--upper must be an address that begins with amqp:// or amqps://',
    }
    throw GatewayError.of('COMMAND_USAGE', { reason })
  }
  return text
}

export const joinCommand = (io: Io): Command =>
  new Command('join')
    .description(
      '旗县与市两级消息队列的连接：打印 RabbitMQ 的定义文件 / joins the brokers of a banner and of the city: prints definitions for RabbitMQ',
    )
    .option('--gateway <name>', '旗县一侧的网关，可多次 / a gateway at the lower broker; may be given several times', oneMore)
    .option(
      '--upper <url>',
      '给出时打印 shovel：旗县的队列连到市里用的地址 / prints the shovels: the address of the upper broker as the lower one reaches it',
      toUrl,
    )
    .option(...configFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi platform join --gateway zhongqi > topology.json\n  qianzhi platform join --gateway zhongqi --upper amqps://zhongqi:密码@mq.city.example > shovels.json\n\n先在两边导入 topology.json，再在旗县一侧导入 shovels.json（含密码，权限 600）。 / Import topology.json on both sides, and then shovels.json on the lower one (it holds a password: mode 600).',
    )
    .action((options: { gateway?: string[]; upper?: string; config: string }, command: Command) => {
      const folder = (command.optsWithGlobals() as { config: string }).config
      const { config, problems } = loadPlatformConfig(folder, io.env)
      for (const problem of problems) io.err(formatError(problem))
      if (!config) return io.exit(1)
      const { transport } = config
      if (transport.kind !== 'rabbitmq') {
        const reason = {
          zh: `${folder}/platform.yaml 的 transport 不是 rabbitmq`,
          en: `transport in ${folder}/platform.yaml is not rabbitmq`,
        }
        throw GatewayError.of('COMMAND_USAGE', { reason })
      }
      const { prefix, partitions } = transport.options as { prefix: string; partitions: number }
      const { upper = 'amqp://', gateway: gateways = [] } = options
      const { topology, shovels } = describeJoined({ prefix, partitions, gateways, upper })
      io.out(JSON.stringify(options.upper === undefined ? topology : shovels, null, 2))
    })
