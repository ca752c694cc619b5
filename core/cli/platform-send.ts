import { resolve } from 'node:path'
import { Command } from 'commander'
import type { MessageDraft } from '../canonical/index.ts'
import { systemClock } from '../clock.ts'
import { GatewayError, type Text, toGatewayError } from '../errors.ts'
import type { PlatformConfig } from '../platform/config.ts'
import { enclose, keepGiven, namedBy } from '../platform/enclose.ts'
import { openPlatformFiles } from '../platform/platform.ts'
import { downMessageOf, type Sending, sendRecorded } from '../platform/send.ts'
import { platformSource } from '../platform/source.ts'
import type { OutgoingMessage } from '../transport/transport.ts'
import { readUtf8 } from '../yaml.ts'
import { formatError, type Io } from './io.ts'
import { configFlag, jsonFlag } from './open.ts'
import { openPlatformConfig, senderOf, wantsJson, withBroker, withPlatformStore } from './platform-broker.ts'

/** The messages of a file, in the order of its lines. Throws CONFIG_UNREADABLE with the number of the first line that is none. */
const readMessages = (file: string, sending: Sending): OutgoingMessage[] =>
  readUtf8(file)
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return []
      const refuse = (reason: Text, cause: unknown): never => {
        const at = { zh: `第 ${index + 1} 行${reason.zh}`, en: `line ${index + 1} ${reason.en}` }
        throw GatewayError.of('CONFIG_UNREADABLE', { file, reason: at }, { cause })
      }
      let draft: MessageDraft
      try {
        draft = { ...(JSON.parse(line) as MessageDraft), flags: [] }
      } catch (cause) {
        return refuse({ zh: '不是 JSON', en: 'is no JSON' }, cause)
      }
      try {
        return downMessageOf(draft, sending, systemClock)
      } catch (cause) {
        const { zh, en } = toGatewayError(cause).text
        return refuse({ zh: `不能发送：${zh}`, en: `cannot be sent: ${en}` }, cause)
      }
    })

interface Options {
  gateway: string
  system: string
  attachments?: string
}

/** Nobody keeps what this command could not send. */
const notSent =
  '  → 本命令没有送出这一条，也不会自行重发：核对 --gateway 与队列，再运行一次。 / This command has not sent it, and does not by itself: check --gateway and the broker, and run it again.'

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
      const messages = readMessages(file, sending)
      const enclosed = await encloseAll(config, options, messages)
      for (const digest of namedBy(messages).filter((one) => !enclosed.includes(one)))
        io.err(
          `平台没有附件 ${digest} 的内容：消息将在网关等它；以 --attachments 给出即送。 / The platform has no content ${digest}: the message will wait for it at the gateway, until it is given with --attachments.`,
        )
      await withBroker(config, io, async (transport) => {
        const outcomes = await sendRecorded(transport, messages, sending.source, systemClock)
        const lines = outcomes.map((outcome, index) => ({ id: messages[index]!.id, outcome: outcome.outcome }))
        if (wantsJson(command)) io.out(JSON.stringify(lines))
        else {
          for (const [index, outcome] of outcomes.entries())
            io.out(
              `${outcome.outcome === 'confirmed' ? '✓' : '✗'} ${messages[index]!.id}${'error' in outcome ? `\n${formatError(outcome.error)}\n${notSent}` : ''}`,
            )
          if (enclosed.length > 0)
            io.out(
              `附件 ${enclosed.length} 个由 qianzhi platform 送出，进度见 qianzhi platform attachments。 / ${enclosed.length} attachments: qianzhi platform sends them; see qianzhi platform attachments.`,
            )
        }
        io.exit(outcomes.every(({ outcome }) => outcome === 'confirmed') ? 0 : 1)
      })
    })
