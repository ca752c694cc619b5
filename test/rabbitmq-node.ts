/** A RabbitMQ that can be stopped: a node of its own, with its own ports, its own epmd and its own folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ChannelModel, connect } from 'amqplib'
import { packageRoot } from '../core/package-root.ts'
import { freePort } from './free-port.ts'
import { until } from './temporary.ts'

/** The scripts themselves: those in /usr/sbin change the user. */
export const serverScript = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const controlScript = '/usr/lib/rabbitmq/bin/rabbitmqctl'
const electionScript = join(packageRoot, 'deploy/rabbitmq/elect-leaders.sh')
const startsWithinMs = 180_000
const goodbyeMs = 2000

/**
 * Says goodbye; resolves when the connection has ended, also when the broker dies over it: amqplib's own promise then never ends. A broker that
 * does not answer, as when a channel waits for a queue without a leader, is cut off.
 */
export const endConnection = (model: ChannelModel): Promise<void> =>
  new Promise((resolve) => {
    const { stream } = (model as unknown as { connection: { stream: Socket } }).connection
    const late = setTimeout(() => stream.destroy(new Error('no answer to the goodbye')), goodbyeMs)
    model.once('close', () => {
      clearTimeout(late)
      resolve()
    })
    model.on('error', () => undefined)
    // It rejects when the connection has ended already.
    model.close().catch(() => {
      clearTimeout(late)
      resolve()
    })
  })

const answers = async (url: string): Promise<boolean> => {
  try {
    await endConnection(await connect(url, { timeout: 10_000 }))
    return true
  } catch {
    return false
  }
}

/** A node that is given definitions makes no user of its own. */
const guest = {
  vhosts: [{ name: '/' }],
  users: [{ name: 'guest', password: 'guest', tags: 'administrator' }],
  permissions: [{ user: 'guest', vhost: '/', configure: '.*', write: '.*', read: '.*' }],
}

export interface NodeParts {
  /** Its folder in the given one, and a part of its node's name. */
  name?: string
  port?: number
  plugins?: readonly string[]
  /** What it has when it starts for the first time, in RabbitMQ's own format for definitions. */
  definitions?: object
}

/** Starts the node and waits until it answers; what ends it is added to `undo`. */
export const openNode = async (
  folder: string,
  undo: (() => Promise<void>)[],
  { name = 'broker', port: given, plugins = [], definitions }: NodeParts = {},
) => {
  if (!existsSync(serverScript))
    throw new Error(`there is no ${serverScript}: install rabbitmq-server (Debian: apt-get install rabbitmq-server)`)
  const [port, epmdPort] = [given ?? (await freePort()), await freePort()]
  const url = `amqp://127.0.0.1:${port}`
  const place = join(folder, name)
  const definitionsFile = join(place, 'definitions.json')
  mkdirSync(place, { recursive: true })
  const files = {
    'rabbitmq.conf': [
      `listeners.tcp.local = 127.0.0.1:${port}`,
      ...(definitions ? [`load_definitions = ${definitionsFile}`] : []),
      '',
    ].join('\n'),
    'definitions.json': JSON.stringify({ ...guest, ...definitions }),
    'rabbitmq-env.conf': '',
    enabled_plugins: `[${plugins.join(',')}].\n`,
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text)
  const logFile = join(place, 'output.log')
  const log = openSync(logFile, 'a')
  const env = {
    PATH: process.env.PATH,
    HOME: place,
    // The script then becomes the node, instead of starting it as its child.
    RUNNING_UNDER_SYSTEMD: 'true',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `${name}-${process.pid}@localhost`,
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
    const begins = statSync(logFile).size
    const distPort = String(await freePort())
    const started = spawn(serverScript, { env: { ...env, RABBITMQ_DIST_PORT: distPort }, stdio: ['ignore', log, log] })
    node = started
    const isOver = () => started.exitCode !== null || started.signalCode !== null
    try {
      await until('the broker answers, or ends', async () => (await answers(url)) || isOver(), startsWithinMs)
      if (isOver()) throw new Error(`the broker ended while it started (${started.exitCode ?? started.signalCode})`)
    } catch (error) {
      const said = readFileSync(logFile).subarray(begins).toString('utf8')
      // Somebody took it between the look and the node's own bind.
      if (said.includes('dist_port_already_used')) return start()
      throw new Error(`${(error as Error).message}; its log ends:\n${said.slice(-2000)}`)
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
  const control = async (script: string, ...words: string[]): Promise<string> => {
    const given = { ...env, RABBITMQCTL: controlScript }
    return (await promisify(execFile)(script, ['-n', env.RABBITMQ_NODENAME, ...words], { env: given, timeout: 60_000 })).stdout
  }
  /** What an operator does about queues that the broker was killed over while it made them. Answers how many there were. */
  const electLeaders = async (): Promise<number> => Number(await control(electionScript))
  /** What a running node is given, as an operator would. */
  const importDefinitions = async (given: object): Promise<void> => {
    const file = join(place, 'imported.json')
    writeFileSync(file, JSON.stringify(given))
    await control(controlScript, 'import_definitions', file)
  }
  await start()
  return { url, start, freeze, stop, importDefinitions, electLeaders }
}

export type RabbitmqNode = Awaited<ReturnType<typeof openNode>>
