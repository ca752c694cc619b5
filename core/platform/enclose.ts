/** The contents that messages to a gateway name, kept by the platform and on their way before the messages are. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type AttachmentFiles, digestOf } from '../attachments/attachment-files.ts'
import { digestsIn } from '../canonical/index.ts'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { systemReason } from '../system-reason.ts'
import type { OutgoingMessage } from '../transport/transport.ts'
import type { ReceiverStore } from './receiver-store.ts'

const filesIn = async (folder: string): Promise<string[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true })
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  } catch (cause) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file: folder, reason: systemReason(cause) }, { cause })
  }
}

const digestsOf = ({ body }: OutgoingMessage): string[] => digestsIn(Buffer.from(body))

/** The digests that messages name, each once. */
export const namedBy = (messages: readonly OutgoingMessage[]): string[] => [...new Set(messages.flatMap(digestsOf))]

interface Parts {
  store: ReceiverStore
  files: AttachmentFiles
  clock: Clock
}

/** Keeps a content as the platform's own. Rejects as `AttachmentFiles.keep` does, and with STORE_UNWRITABLE. */
export const keepContent = async (
  { store, files, clock }: Parts,
  content: AsyncIterable<Uint8Array>,
): Promise<{ digest: string; size: number }> => {
  const kept = await files.keep(content, () => undefined)
  const arrived = [{ ...kept, gateway: '' }]
  await store.attachments.record({ at: clock.now(), partials: [], arrived, dropped: [], tally: [] })
  return kept
}

/**
 * Keeps the files of a folder that have the wanted digests, whatever their names are. Throws ATTACHMENT_NOT_GIVEN for a digest that neither a
 * file there nor the platform has, CONFIG_UNREADABLE for the folder, and what `keepContent` rejects with.
 */
export const keepGiven = async (parts: Parts, folder: string, digests: readonly string[]): Promise<void> => {
  const wanted = new Set<string>()
  for (const digest of digests) if (!(await parts.store.attachments.has(digest))) wanted.add(digest)
  for (const file of wanted.size === 0 ? [] : await filesIn(folder)) {
    const { digest } = await digestOf(createReadStream(file))
    if (!wanted.has(digest)) continue
    // By what is kept: the file may have changed since it was looked at.
    wanted.delete((await keepContent(parts, createReadStream(file))).digest)
  }
  for (const digest of wanted) throw GatewayError.of('ATTACHMENT_NOT_GIVEN', { digest, folder })
}

/** What the platform keeps of what messages name is on its way to the gateway when it resolves. Answers those digests. */
export const enclose = (
  { store, clock }: Pick<Parts, 'store' | 'clock'>,
  gateway: string,
  digests: readonly string[],
): Promise<string[]> => (digests.length === 0 ? Promise.resolve([]) : store.transfers.begin(gateway, digests, clock.now()))
