import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import type { MessageDraft } from '../canonical/index.ts'
import { systemClock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { PlatformConfig } from '../platform/config.ts'
import { enclose, keepGiven, namedBy } from '../platform/enclose.ts'
import { openPlatformFiles } from '../platform/platform.ts'
import { downMessageOf, sendRecorded } from '../platform/send.ts'
import { platformSource } from '../platform/source.ts'
import { systemReason } from '../system-reason.ts'
import type { OutgoingMessage } from '../transport/transport.ts'
import { formatError, type Io } from './io.ts'
import { configFlag, jsonFlag } from './open.ts'
import { openPlatformConfig, senderOf, wantsJson, withBroker, withPlatformStore } from './platform-broker.ts'

const readDrafts = (file: string): MessageDraft[] => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file, reason: systemReason(cause) }, { cause })
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      try {
        return { ...(JSON.parse(line) as MessageDraft), flags: [] }
      } catch (cause) {
        const reason = { zh: `第 ${index + 1} 行不是 JSON`, en: `line ${index + 1} is no JSON` }
        throw GatewayError.of('CONFIG_UNREADABLE', { file, reason }, { cause })
      }
    })
}

interface Options {
  gateway: string
  system: string
  attachments?: string
}

/** Kept and on their way before the messages are, so that a kill in between costs nothing: the same command again does what is left. */
const encloseAll = async (
  config: PlatformConfig,
  { gateway, attachments: folder }: Options,
  messages: readonly OutgoingMessage[],
): Promise<string[]> => {
  const digests = namedBy(messages)
  if (digests.length === 0) return []
  return withPlatformStore(config, async (store) => {
    const parts = { store, files: openPlatformFiles(config), clock: systemClock }
    if (folder !== undefined) await keepGiven(parts, resolve(folder), digests)
    return enclose(parts, gateway, digests)
  })
}

export const sendCommand = (io: Io): Command =>
  new Command('send')
    .description(
      '向网关下发消息：文件每行一条（type、case、content…） / send messages to a gateway: one line of the file each (type, case, content …)',
    )
    .argument('<file>', '消息文件，每行一个 JSON / file of messages, one JSON each line')
    .requiredOption('--gateway <name>', '网关名称 / name of the gateway')
    .requiredOption('--system <name>', '写入网关的哪个系统 / the system of the gateway that they are written to')
    .option(
      '--attachments <folder>',
      '消息中按摘要引用的附件在此文件夹，文件名不限；由 qianzhi platform 分块送出 / folder of the contents that the messages name by digest, whatever the files are called; qianzhi platform sends them in chunks',
    )
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi platform send 申请.jsonl --gateway shijian --system market\n  qianzhi platform send 申请.jsonl --gateway shijian --system market --attachments ./材料\n\n退出码 / Exit: 0 全部送达队列 all confirmed, 1 有未送达的 some were not, 3 无法执行 could not run',
    )
    .action(async (file: string, options: Options, command: Command) => {
      const config = openPlatformConfig(command, io)
      if (!config) return
      const { gateway, system } = options
      const sending = { source: platformSource(senderOf(config)), gateway, system }
      const messages = readDrafts(file).map((draft) => downMessageOf(draft, sending, systemClock))
      const enclosed = await encloseAll(config, options, messages)
      await withBroker(config, io, async (transport) => {
        const outcomes = await sendRecorded(transport, messages, sending.source, systemClock)
        const lines = outcomes.map((outcome, index) => ({ id: messages[index]!.id, outcome: outcome.outcome }))
        if (wantsJson(command)) io.out(JSON.stringify(lines))
        else {
          for (const [index, outcome] of outcomes.entries())
            io.out(
              `${outcome.outcome === 'confirmed' ? '✓' : '✗'} ${messages[index]!.id}${'error' in outcome ? `\n${formatError(outcome.error)}` : ''}`,
            )
          if (enclosed.length > 0)
            io.out(
              `附件 ${enclosed.length} 个由 qianzhi platform 送出，进度见 qianzhi platform attachments。 / ${enclosed.length} attachments: qianzhi platform sends them; see qianzhi platform attachments.`,
            )
        }
        io.exit(outcomes.every(({ outcome }) => outcome === 'confirmed') ? 0 : 1)
      })
    })
