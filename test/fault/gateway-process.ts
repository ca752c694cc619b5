/**
 * The gateway that kills itself: `gateway-process.js <config folder> <plan as JSON>`. Everything is built and run as `qianzhi run`
 * does; only the calls at which it dies are listened to. It prints the point it has reached and dies by SIGKILL: no exit handler,
 * no goodbye to broker or database.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { loadConfig } from '../../core/config/load.ts'
import { createEvents, type GatewayEvents } from '../../core/events.ts'
import { startGateway } from '../../core/gateway.ts'
import { loadAdapters } from '../../core/registry.ts'
import { openFatalPoint } from './fatal-point.ts'
import type { DownPoint, LanePoint, Plan, Point } from './points.ts'

const [folder = '', written = ''] = process.argv.slice(2)
const plan = JSON.parse(written) as Plan<Point | DownPoint | LanePoint>

const context = { adapters: await loadAdapters(), env: process.env }
const { config, problems } = await loadConfig(folder, context)
if (!config) throw new Error(problems.map(({ message }) => message).join('\n'))

const { isReached, pass, passAfter } = openFatalPoint(plan)

const eventAt: Partial<Record<Point | DownPoint | LanePoint, keyof GatewayEvents>> = {
  started: 'gateway:started',
  reading: 'batch:received',
  stored: 'batch:stored',
  claimed: 'messages:claimed',
  answered: 'messages:answered',
  confirmed: 'messages:confirmed',
  accepted: 'inbox:stored',
  settled: 'message:settled',
}
const events = createEvents()
const event = eventAt[plan.point]
if (event !== undefined) events.on(event, pass)

if (plan.point === 'writing') {
  const file = await open(fileURLToPath(import.meta.url))
  const handles = Object.getPrototypeOf(file) as FileHandle
  handles.writeFile = passAfter(handles.writeFile)
  await file.close()
}

const { store, transport } = startGateway({ config, context, events })

if (plan.point === 'committing') store.addMessage = passAfter(store.addMessage)
if (plan.point === 'synced') store.commit = passAfter(store.commit) as typeof store.commit
if (plan.point === 'settling') store.confirm = passAfter(store.confirm)
if (plan.point === 'accepting') store.inbox.add = passAfter(store.inbox.add)
if (plan.point === 'claiming') store.inbox.keepOperations = passAfter(store.inbox.keepOperations)
const { received } = store.attachments
if (plan.point === 'chunks') received.record = passAfter(received.record)
if (plan.point === 'arriving') store.inbox.arrive = passAfter(store.inbox.arrive)
// Its size is asked for when a sink is given it.
if (plan.point === 'handing') store.attachments.sizeOf = passAfter(store.attachments.sizeOf)
if (plan.point === 'keeping') store.attachments.keep = passAfter(store.attachments.keep)
if (plan.point === 'confirming') {
  const { confirm, sizeOf } = store.attachments
  store.attachments.confirm = (transfer, confirmed) => {
    const isThisOne = confirm(transfer, confirmed)
    if (confirmed < sizeOf(transfer.digest)!) pass()
    return isThisOne
  }
}
if (plan.point === 'finishing') store.attachments.finish = passAfter(store.attachments.finish)
if (plan.point === 'verified') store.attachments.arrive = passAfter(store.attachments.arrive)
if (plan.point === 'publishing') transport.publish = passAfter(transport.publish)
if (plan.point === 'syncing') {
  const memory = new Int32Array(new SharedArrayBuffer(8))
  new Worker(new URL('./kill-thread.js', import.meta.url), { workerData: { memory, afterUs: plan.afterUs } })
  const { commit } = store
  store.commit = <T>(work: () => T): T => {
    const result = commit(() => {
      const done = work()
      if (!isReached()) return done
      Atomics.store(memory, 1, 1)
      Atomics.store(memory, 0, 1)
      Atomics.notify(memory, 0)
      return done
    })
    Atomics.store(memory, 1, 0)
    return result
  }
}
