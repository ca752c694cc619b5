/** A RabbitMQ that the test may stop: a node of its own, with its own ports, its own epmd and its own folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Channel, connect } from 'amqplib'
import { attachments, messages } from '../../core/transport/cargo.ts'
import { describeTopology } from '../../core/transport/rabbitmq/topology.ts'
import type { TransportOwner } from '../../core/transport/transport.ts'
import { freePort } from '../free-port.ts'
import { until } from '../temporary.ts'

const serverScript = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const startsWithinMs = 90_000
/** As `transport.partitions` when the configuration does not say. */
const partitions = 4

const answers = async (url: string): Promise<boolean> => {
  try {
    await (await connect(url)).close()
    return true
  } catch {
    return false
  }
}

const withChannel = async <T>(url: string, work: (channel: Channel) => Promise<T>): Promise<T> => {
  const model = await connect(url)
  try {
    return await work(await model.createChannel())
  } finally {
    await model.close()
  }
}

/** Messages in the platform's queues, and in the one of the dead letters. */
export const countQueued = (url: string, prefix: string): Promise<{ up: number; dead: number }> =>
  withChannel(url, async (channel) => {
    let up = 0
    for (let n = 0; n < partitions; n++) up += (await channel.checkQueue(`${prefix}.up.${n}`)).messageCount
    return { up, dead: (await channel.checkQueue(`${prefix}.dead`)).messageCount }
  })

export const removeTopology = (url: string, prefix: string, owner: TransportOwner = {}): Promise<void> =>
  withChannel(url, async (channel) => {
    for (const cargo of [messages, attachments]) {
      const { queues, exchanges } = describeTopology(prefix, partitions, owner, cargo)
      for (const { name } of queues) await channel.deleteQueue(name)
      for (const { name } of exchanges) await channel.deleteExchange(name)
    }
  })

/** Starts the node and waits until it answers; what ends it is added to `undo`. */
export const openBroker = async (folder: string, undo: (() => Promise<void>)[]) => {
  if (!existsSync(serverScript))
    throw new Error(`there is no ${serverScript}; use --broker-stops 0 with a broker at 127.0.0.1:5672`)
  const [port, distPort, epmdPort] = [await freePort(), await freePort(), await freePort()]
  const url = `amqp://127.0.0.1:${port}`
  const place = join(folder, 'broker')
  mkdirSync(place)
  const files = {
    'rabbitmq.conf': `listeners.tcp.local = 127.0.0.1:${port}\n`,
    'rabbitmq-env.conf': '',
    enabled_plugins: '[].\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text)
  const logFile = join(place, 'output.log')
  const log = openSync(logFile, 'a')
  const env = {
    PATH: process.env.PATH,
    HOME: place,
    // The script then becomes the node, instead of starting it as its child.
    RUNNING_UNDER_SYSTEMD: 'true',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `crash-${process.pid}@localhost`,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_CONF_ENV_FILE: join(place, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(place, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(place, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(place, 'data'),
    RABBITMQ_LOG_BASE: join(place, 'log'),
    RABBITMQ_PID_FILE: join(place, 'pid'),
  }
  // In the foreground, so that it ends with the test: the one that Erlang would start by itself stays for ever.
  const epmd = spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { env, stdio: ['ignore', log, log] })
  let node: ChildProcess | undefined

  const start = async (): Promise<void> => {
    const started = spawn(serverScript, { env, stdio: ['ignore', log, log] })
    node = started
    const isOver = () => started.exitCode !== null || started.signalCode !== null
    try {
      await until('the broker answers, or ends', async () => (await answers(url)) || isOver(), startsWithinMs)
      if (isOver()) throw new Error(`the broker ended while it started (${started.exitCode ?? started.signalCode})`)
    } catch (error) {
      throw new Error(`${(error as Error).message}; its log ends:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
    }
  }
  /** From now on it answers nothing, and takes in nothing but what its socket holds. */
  const freeze = (): void => void node?.kill('SIGSTOP')
  /** SIGKILL as when it crashes, SIGTERM as in its maintenance. */
  const stop = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (node === undefined || node.exitCode !== null || node.signalCode !== null) return
    const ended = once(node, 'close')
    node.kill(signal)
    await ended
    await until('the broker is gone', async () => !(await answers(url)))
  }
  undo.push(async () => {
    await stop('SIGKILL')
    const ended = once(epmd, 'close')
    epmd.kill('SIGKILL')
    await ended
  })
  await start()
  return { url, start, freeze, stop }
}

export type Broker = Awaited<ReturnType<typeof openBroker>>
