import { resolve } from 'node:path'
import type { TObject } from '@sinclair/typebox'
import type { Clock } from '../clock.ts'
import { openPostgresqlReceiverStore } from './postgresql-store.ts'
import type { ReceiverStore } from './receiver-store.ts'
import { openSqliteReceiverStore } from './sqlite-store.ts'
import { type PostgresqlOptions, postgresqlOptions, type SqliteOptions, sqliteOptions } from './store-options.ts'

interface StoreDefinition {
  options: TObject
  open(options: Record<string, unknown>, clock: Clock, baseFolder: string): ReceiverStore
}

/** The receiver's stores by the name they have in configuration. Options were checked by their schema before they come here. */
export const storeKinds = {
  sqlite: {
    options: sqliteOptions,
    open: (options, clock, baseFolder) =>
      openSqliteReceiverStore(resolve(baseFolder, (options as SqliteOptions).file), clock.now()),
  },
  postgresql: {
    options: postgresqlOptions,
    open: (options, _clock, baseFolder) => openPostgresqlReceiverStore(options as PostgresqlOptions, baseFolder),
  },
} satisfies Record<string, StoreDefinition>

export type StoreKind = keyof typeof storeKinds
