import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Catalogue } from '../canonical/index.ts'
import { systemClock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { PlatformConfig } from '../platform/config.ts'
import { distribute } from '../platform/distribute.ts'
import { loadCatalogue } from '../supervision/load-catalogue.ts'
import { formatError, type Io } from './io.ts'
import { configFlag, jsonFlag } from './open.ts'
import { openPlatformConfig, wantsJson, withBroker, withPlatformStore } from './platform-broker.ts'

interface Options {
  gateway?: string[]
  check?: boolean
}

const collect = (name: string, names: string[] = []): string[] => [...names, name]

/** The file that was named, or the newest version that the configuration has. */
const readCatalogue = (file: string | undefined, config: PlatformConfig, io: Io): Catalogue | undefined => {
  if (file === undefined) {
    const newest = config.supervision?.catalogues.at(-1)
    if (!newest) throw GatewayError.of('CONFIG_KEY_MISSING', { at: 'config/platform.yaml:1:1', key: 'supervision' })
    return newest
  }
  const problems: GatewayError[] = []
  const catalogue = loadCatalogue(resolve(file), file, problems)
  for (const problem of problems) io.err(formatError(problem))
  return catalogue
}

const send = async (config: PlatformConfig, catalogue: Catalogue, { gateway }: Options, json: boolean, io: Io): Promise<void> => {
  const gateways = gateway ?? (await withPlatformStore(config, ({ supervision }) => supervision.gateways()))
  if (gateways.length === 0) {
    const reason = {
      zh: '还没有网关报送过，请用 --gateway 写明发给谁',
      en: 'no gateway has sent anything yet: say with --gateway whom it is for',
    }
    throw GatewayError.of('COMMAND_USAGE', { reason })
  }
  const sent = await withBroker(config, io, (transport) => distribute(transport, catalogue, gateways, systemClock))
  const { version, items } = catalogue
  const lines = sent.map(({ gateway: name, parts, outcome }) => ({ gateway: name, version, parts, outcome: outcome.outcome }))
  if (json) io.out(JSON.stringify(lines))
  else
    for (const { gateway: name, parts, outcome } of sent)
      io.out(
        'error' in outcome
          ? `✗ ${name}\n${formatError(outcome.error)}`
          : `✓ ${name}  版本 version ${version}  事项 items ${items.length}  消息 messages ${parts}`,
      )
  io.exit(lines.every(({ outcome }) => outcome === 'confirmed') ? 0 : 1)
}

export const catalogueSendCommand = (io: Io): Command =>
  new Command('catalogue')
    .description('检查事项目录，下发给网关 / check the item catalogue, and send it to gateways')
    .argument(
      '[file]',
      'YAML 或 CSV 文件；不写则为 platform.yaml 中最新的版本 / a YAML or CSV file; else the newest of platform.yaml',
    )
    .option(
      '--gateway <name>',
      '发给哪个网关，可多次；不写则发给报送过的全部网关 / to which, may be repeated; else to all that ever sent',
      collect,
    )
    .option('--check', '只检查，不下发 / only check it')
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi platform catalogue config/supervision/catalogue.csv --check\n  qianzhi platform catalogue\n  qianzhi platform catalogue --gateway shijian\n\n退出码 / Exit: 0 全部送达队列 all confirmed, 1 有错误或有未送达的 mistakes, or some were not sent, 3 无法执行 could not run',
    )
    .action(async (file: string | undefined, options: Options, command: Command) => {
      const config = openPlatformConfig(command, io)
      if (!config) return
      const catalogue = readCatalogue(file, config, io)
      if (!catalogue) return io.exit(1)
      if (!options.check) return send(config, catalogue, options, wantsJson(command), io)
      const { version, effectiveFrom, items } = catalogue
      if (wantsJson(command)) return io.out(JSON.stringify({ version, effectiveFrom, items: items.length }))
      io.out(
        `无误：版本 ${version}，${effectiveFrom} 起，事项 ${items.length} 个。 / In order: version ${version}, from ${effectiveFrom}, ${items.length} items.`,
      )
    })
