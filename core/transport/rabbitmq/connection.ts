import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { GatewayError } from '../../errors.ts'
import { linkSignal } from '../../linked-signal.ts'
import type { RabbitmqOptions } from './options.ts'

/** The address as people may see it: never with credentials. */
export const publicUrl = (url: string): string => {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

const reasonOf = (thrown: unknown): string => {
  if (thrown instanceof AggregateError) return thrown.errors.map(reasonOf).join('; ')
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  // RabbitMQ closes the connection at this step when the virtual host is absent or not granted; amqplib keeps its words.
  if (/Expected ConnectionOpenOk; got <ConnectionClose/.test(message))
    return 'NOT_ALLOWED - no such virtual host, or no access to it'
  return /with message "(.*)"/s.exec(message)?.[1] ?? message
}

/** What went wrong on a connection, as an error of the catalogue. */
export const toBrokerError = (thrown: unknown, url: string): GatewayError => {
  if (thrown instanceof GatewayError) return thrown
  const reason = reasonOf(thrown)
  const denied = /ACCESS.REFUSED|NOT.ALLOWED/.test(reason)
  return GatewayError.of(denied ? 'BROKER_DENIED' : 'BROKER_UNREACHABLE', { url: publicUrl(url), reason }, { cause: thrown })
}

const readPem = async (baseFolder: string, name: string | undefined): Promise<Buffer | undefined> => {
  if (name === undefined) return undefined
  const file = resolve(baseFolder, name)
  try {
    return await readFile(file)
  } catch (thrown) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) }, { cause: thrown })
  }
}

/** The certificates, read at every connect, so that a renewed one is taken without a restart. */
const readTls = async (tls: RabbitmqOptions['tls'], baseFolder: string) => {
  if (tls === undefined) return {}
  const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map((name) => readPem(baseFolder, name)))
  const { passphrase, servername } = tls
  return {
    ...(ca && { ca: [ca] }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
  }
}

/**
 * Connects to one address. `signal` destroys the socket, also later, without a word to the broker.
 * Throws BROKER_UNREACHABLE, BROKER_DENIED or CONFIG_UNREADABLE.
 */
export const connectBroker = async (
  options: RabbitmqOptions,
  url: string,
  baseFolder: string,
  signal: AbortSignal,
): Promise<ChannelModel> => {
  const { protocol, hostname, port, pathname } = new URL(url)
  const tls = protocol === 'amqps:' ? await readTls(options.tls, baseFolder) : {}
  const address = {
    protocol: protocol.slice(0, -1),
    hostname: hostname.replace(/^\[|\]$/g, ''),
    ...(port !== '' && { port: Number(port) }),
    ...(options.username !== undefined && { username: options.username, password: options.password ?? '' }),
    vhost: pathname.slice(1),
    heartbeat: options.heartbeatSeconds,
  }
  const { own, unlink } = linkSignal(signal)
  // Without noDelay, Nagle's algorithm and delayed acknowledgement hold every single confirm back for 40 ms.
  const socket = {
    ...tls,
    noDelay: true,
    keepAlive: true,
    timeout: options.connectTimeoutMs,
    signal: own.signal,
    // amqplib pauses after every write beyond this mark; at Node's 16 KiB that is a system call for every few messages.
    writableHighWaterMark: 4 * 1024 * 1024,
  }
  try {
    const connection = await connect(address, socket)
    connection.once('close', unlink)
    return connection
  } catch (thrown) {
    unlink()
    throw toBrokerError(thrown, url)
  }
}

/** Closes a channel; resolves when it is gone, also with its connection: then the promise of `channel.close` itself never ends. */
export const closeChannel = (channel: Channel): Promise<void> =>
  new Promise((resolve) => {
    channel.once('close', resolve)
    // It rejects when the channel is closed already.
    channel.close().catch(() => resolve())
  })
