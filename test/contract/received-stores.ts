/** Each store that a receiver of attachments may keep its lines in, new and empty. */
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ReceivedAttachments } from '../../core/attachments/received.ts'
import { openPostgresqlReceiverStore } from '../../core/platform/postgresql-store.ts'
import { openSqliteReceiverStore } from '../../core/platform/sqlite-store.ts'
import { openStore } from '../../core/store/open-store.ts'
import { temporaryFolder } from '../temporary.ts'
import { createDatabase } from './platform-place.ts'

export const receivedStores: Record<string, (t: Test) => Promise<ReceivedAttachments>> = {
  async sqlite(t) {
    const store = openSqliteReceiverStore(join(temporaryFolder(t), 'platform.sqlite'), 1)
    t.teardown(() => store.close())
    return store.attachments
  },
  async gateway(t) {
    const store = openStore(join(temporaryFolder(t), 'gateway.sqlite'), 1)
    t.teardown(() => store.close())
    return store.attachments.received
  },
  async postgresql(t) {
    const store = openPostgresqlReceiverStore((await createDatabase(t)).options, '.')
    t.teardown(() => store.close())
    return store.attachments
  },
}
