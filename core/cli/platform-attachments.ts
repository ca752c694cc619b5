import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { transfersText } from './attachments.ts'
import type { Io } from './io.ts'
import { configFlag, jsonFlag } from './open.ts'
import { openPlatformConfig, wantsJson, withPlatformStore } from './platform-broker.ts'

const resendCommand = (io: Io): Command =>
  new Command('resend')
    .description('把一个附件从头重送给网关 / send an attachment to a gateway again from its start')
    .argument('<digest>', '附件摘要 sha256:… / its digest, sha256:…')
    .requiredOption('--gateway <name>', '网关名称 / name of the gateway')
    .option(...configFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi platform attachments resend sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --gateway shijian\n\n退出码 / Exit: 0 已放回 to be sent, 3 没有这个附件 there is none',
    )
    .action(async (digest: string, { gateway }: { gateway: string }, command: Command) => {
      const config = openPlatformConfig(command, io)
      if (!config) return
      const isResent = await withPlatformStore(config, (store) => store.transfers.resend(gateway, digest, systemClock.now()))
      if (!isResent) throw GatewayError.of('ATTACHMENT_UNKNOWN', { digest })
      io.out('将从头重送。 / It goes out again from its start.')
    })

export const platformAttachmentsCommand = (io: Io): Command =>
  new Command('attachments')
    .description(
      '下发给网关、尚未送达的附件，各到哪里；重送 / attachments to gateways that have not arrived, and how far each is; send one again',
    )
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--all', '也列出已送达的 / also those that have arrived')
    .addCommand(resendCommand(io))
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi platform attachments\n  qianzhi platform attachments --all --json\n\n退出码 / Exit: 0 没有待决定的 none waits for a person, 1 有待决定的 some do',
    )
    .action(async ({ all }: { all?: boolean }, command: Command) => {
      const config = openPlatformConfig(command, io)
      if (!config) return
      const transfers = await withPlatformStore(config, (store) =>
        store.transfers.list(['open', 'sent', 'stopped', ...(all ? (['arrived'] as const) : [])]),
      )
      if (wantsJson(command)) io.out(JSON.stringify(transfers))
      else io.out(transfersText(transfers, '网关 gateway', ({ gateway }) => gateway))
      io.exit(transfers.some(({ state }) => state === 'stopped') ? 1 : 0)
    })
