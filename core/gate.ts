import { resolve } from 'node:path'
import type { Clock } from './clock.ts'
import type { GatewayConfig } from './config/load.ts'
import { GatewayError } from './errors.ts'
import type { Events } from './events.ts'
import type { Gate } from './source-runner.ts'
import type { Store } from './store/store.ts'

export const storeFileOf = (config: GatewayConfig): string => resolve(config.folder, config.options.store.file)

export const attachmentFolderOf = (config: GatewayConfig): string => {
  const { file, attachments = `${file}.attachments` } = config.options.store
  return resolve(config.folder, attachments)
}

/** Reading waits while the disk is nearly full or too much waits for the broker; sending goes on, which frees both. */
export const openGate = (store: Store, config: GatewayConfig, clock: Clock, events: Events): Gate => {
  const { reserveBytes } = config.options.store
  const limit = config.options.limits.maxWaiting
  let isOpen = true
  const findObstacle = (): GatewayError | undefined => {
    if (!store.isInPlace()) return GatewayError.of('STORE_REMOVED', { file: storeFileOf(config) })
    // What stands behind quarantined records waits for a person; only new records can free it, so it must not stop them.
    const waiting = store.waiting() < limit ? 0 : store.waiting() - store.held()
    if (waiting >= limit) return GatewayError.of('STORE_BACKLOG_FULL', { waiting, limit })
    return store.isDiskLow(reserveBytes)
      ? GatewayError.of('STORE_DISK_LOW', { file: storeFileOf(config), reserveBytes })
      : undefined
  }
  return async (signal, wait) => {
    for (let obstacle = findObstacle(); obstacle; obstacle = findObstacle()) {
      if (isOpen) events.emit('store:paused', { error: obstacle })
      isOpen = false
      if (!wait) throw obstacle
      if (signal.aborted) return
      await clock.wait(1000, signal)
    }
    if (!isOpen) events.emit('store:resumed', {})
    isOpen = true
  }
}
