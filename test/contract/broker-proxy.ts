/** A TCP (or TLS) proxy before the real broker, for what the broker will not do on request: break, fall silent, speak TLS. */
import net from 'node:net'
import tls from 'node:tls'
import type { Test } from 'tap'

export interface BrokerProxy {
  port: number
  /** Breaks every connection at once. */
  cut(): void
  /** Passes nothing on any more, in either direction, and keeps the connections open. */
  silence(): void
  /** Accepts nothing more. */
  stop(): void
}

export const openBrokerProxy = async (t: Test, secure?: tls.TlsOptions): Promise<BrokerProxy> => {
  const sockets = new Set<net.Socket>()
  let silent = false
  const serve = (client: net.Socket): void => {
    const broker = net.connect(5672, '127.0.0.1')
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('data', (bytes) => silent || to.write(bytes))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  }
  const server = secure ? tls.createServer(secure, serve) : net.createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const stop = (): void => {
    server.close()
  }
  const silence = (): void => {
    silent = true
  }
  t.teardown(() => {
    cut()
    stop()
  })
  const { port } = server.address() as net.AddressInfo
  return { port, cut, stop, silence }
}
