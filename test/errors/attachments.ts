import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import file from '../../adapters/file/index.ts'
import { digestOf as digestOfStream, openAttachmentFiles } from '../../core/attachments/attachment-files.ts'
import { openBucket } from '../../core/attachments/bucket.ts'
import { readChunk } from '../../core/attachments/chunk.ts'
import { takeAttachmentReceipt } from '../../core/attachments/take-receipt.ts'
import { decodeBase64 } from '../../core/codec/base64.ts'
import { GatewayError } from '../../core/errors.ts'
import { keepGiven } from '../../core/platform/enclose.ts'
import { openSqliteReceiverStore } from '../../core/platform/sqlite-store.ts'
import { deliveryOf, digestOf, openSendingPlace, startSender } from '../contract/attachment-place.ts'
import { openScriptedTransport } from '../contract/scripted-transport.ts'
import { checkedOptions, collector, runOnce, withSource } from '../contract/source-contract.ts'
import { realClock } from '../contract/transport-messages.ts'
import { runCommand } from '../run-command.ts'
import { temporaryFolder, until } from '../temporary.ts'
import { type Sayings, thrownBy } from './saying.ts'

const scan = Buffer.from('a scan')
const digest = digestOf(scan)

async function* content(): AsyncGenerator<Buffer> {
  yield scan
}

/** A transfer that a sender has sent. */
const sentPlace = async (t: Test) => {
  const place = openSendingPlace(t)
  await place.put(scan)
  const { transport } = openScriptedTransport(() => 'confirmed')
  const { stopped } = startSender(t, place, () => transport as never)
  await until('it is sent', () => place.standing(digest)?.state === 'sent')
  return { ...place, stopped }
}

const at = '2026-03-02T09:30:00+08:00'

/** What becomes of attachments on their way. */
export const attachments: Sayings = {
  ATTACHMENT_TOO_LARGE: {
    provoke: (t) => {
      const files = openAttachmentFiles(temporaryFolder(t), { maxBytes: 5, reserveBytes: 0 })
      return thrownBy(() => files.keep(content(), () => undefined))
    },
    where: { not: 'the quarantine line that has it names system, stream and key of the record' },
    found: { zh: '附件超过上限', en: 'has more than' },
    allowed: '5',
    next: 'limits.maxAttachmentBytes',
  },
  ATTACHMENT_TOO_LARGE_THERE: {
    provoke: async (t) => {
      const { store } = await sentPlace(t)
      const answer = { digest, size: scan.length, outcome: 'too_large' as const, limit: 5, at }
      const reaction = store.commit(() => takeAttachmentReceipt(store, answer, 1))
      return reaction.outcome === 'stopped' ? reaction.error : thrownBy(() => Promise.reject(new Error(reaction.outcome)))
    },
    where: digest,
    found: { zh: '有 6 字节', en: 'has 6 bytes' },
    allowed: { zh: '至多收 5 字节', en: 'takes 5 at most' },
    next: 'attachments resend',
  },
  ATTACHMENT_NOT_GIVEN: {
    provoke: async (t) => {
      const folder = temporaryFolder(t)
      const store = openSqliteReceiverStore(join(folder, 'platform.sqlite'), 1)
      t.teardown(() => store.close())
      const files = openAttachmentFiles(join(folder, 'attachments'), { maxBytes: 9, reserveBytes: 0 })
      mkdirSync(join(folder, 'given'))
      return thrownBy(() => keepGiven({ store, files, clock: realClock }, join(folder, 'given'), [digest]))
    },
    where: digest,
    found: { zh: '没有内容相符的文件', en: 'has this content' },
    allowed: { zh: '文件名不限', en: 'whatever its name' },
    next: { zh: '再运行同一命令', en: 'run the same command' },
  },
  ATTACHMENT_MISSING: {
    provoke: async (t) => {
      const folder = temporaryFolder(t)
      mkdirSync(join(folder, 'scan'))
      writeFileSync(join(folder, 'a.csv'), 'NO,FILE\n1,图纸.pdf\n')
      const options = { folder, pattern: '*.csv', format: 'csv', stream: 's', attachments: { paths: ['FILE'], folder: 'scan' } }
      const kept = collector()
      const given = checkedOptions(file as never, options)
      await withSource(file as never, given, (source) => runOnce(source, kept, kept.emit, undefined, digestOfStream))
      return kept.batches[0]!.records[0]!.fault!
    },
    where: '图纸.pdf',
    found: { zh: '文件不存在', en: 'there is no such file' },
    allowed: { zh: '由来源补齐附件', en: 'Let its source supply the attachment' },
    next: { zh: '再次给出该记录', en: 'give the record again' },
  },
  ATTACHMENT_UNREADABLE: {
    provoke: () =>
      thrownBy(async () => {
        for await (const _ of decodeBase64(['JVBE*i0x'], 'CL/图纸'));
      }),
    where: 'CL/图纸',
    found: { zh: '第 5 个字符是“*”', en: 'its character 5 is "*"' },
    allowed: 'base64',
    next: { zh: '再次给出该记录', en: 'give the record again' },
  },
  ATTACHMENT_DAMAGED: {
    provoke: async (t) => {
      const { files, store, stopped } = await sentPlace(t)
      files.remove(digest)
      store.commit(() => takeAttachmentReceipt(store, { digest, size: scan.length, outcome: 'different', at }, 1))
      await until('it waits for a person', () => stopped.length > 0)
      return stopped[0]!
    },
    where: digest,
    found: { zh: '文件不见了', en: 'the file is gone' },
    allowed: { zh: '从备份恢复文件', en: 'restore the file' },
    next: 'qianzhi attachments resend',
  },
  ATTACHMENT_REFUSED: {
    provoke: async (t) => {
      const { store, standing } = await sentPlace(t)
      for (;;) {
        await until('it is sent', () => standing(digest)?.state === 'sent')
        const answer = { digest, size: scan.length, outcome: 'different' as const, at }
        const reaction = store.commit(() => takeAttachmentReceipt(store, answer, 1))
        if (reaction.outcome === 'stopped') return reaction.error
      }
    },
    where: digest,
    found: { zh: '与摘要不符', en: 'something else' },
    allowed: { not: 'nothing that is written can be set right: what arrives differs from what is sent' },
    next: 'qianzhi attachments resend',
  },
  ATTACHMENT_UNKNOWN: {
    provoke: async (t) => {
      const folder = temporaryFolder(t)
      const { store } = openSendingPlace(t, folder)
      store.commit(() => undefined)
      mkdirSync(join(folder, 'config'))
      writeFileSync(join(folder, 'config/gateway.yaml'), 'store: { file: ../gateway.db }\ntransport: { kind: embedded }\n')
      const { error } = await runCommand('attachments', 'resend', digest, '--config', join(folder, 'config'))
      return error instanceof GatewayError ? error : thrownBy(() => Promise.reject(error))
    },
    where: digest,
    found: { zh: '没有可以重送的附件', en: 'no attachment' },
    allowed: 'qianzhi attachments --all',
    next: { zh: '由来源再次给出', en: 'come again from its source' },
  },
  BUCKET_FAILED: {
    provoke: () => {
      const options = {
        name: 'city',
        prefix: '',
        region: 'r',
        accessKey: 'a',
        secretKey: 's',
        pathStyle: true,
        allowPlaintext: false,
      }
      const bucket = openBucket({ ...options, endpoint: 'http://127.0.0.1:1' }, '.')
      return thrownBy(() => bucket.probe(['up/one'], new AbortController().signal))
    },
    where: 'http://127.0.0.1:1/city',
    found: { zh: '没有程序接受连接', en: 'nothing accepts connections' },
    allowed: 'qianzhi lint --probe',
    next: { zh: '检查地址、桶名、密钥与网络', en: 'Check its address, name, keys and the network' },
  },
  ATTACHMENT_CHUNK_INVALID: {
    provoke: async () => {
      const read = readChunk(deliveryOf({ digest, offset: 1, size: 2, bytes: scan }))
      return read instanceof GatewayError ? read : thrownBy(() => Promise.reject(new Error('it was taken')))
    },
    where: `${digest}:1`,
    found: { zh: '超出附件末尾', en: 'beyond the end' },
    allowed: 'docs/attachments.md',
    next: { zh: '查明发送方', en: 'find out who sends it' },
  },
}
