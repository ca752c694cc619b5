/** A TCP relay in front of a real server, that breaks the way networks and firewalls do. */

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export type Fault = 'dead' | 'silent' | 'garbage' | 'half'

const cutAfterBytes = 60

/** Relays a free port of 127.0.0.1 to the server until `close`. A fault strikes the open connections, too. */
export const openFaultProxy = async (host: string, port: number) => {
  const pairs = new Set<{ client: Socket; server: Socket }>()
  let fault: Fault | undefined

  const spoil = (client: Socket, server: Socket) => {
    server.unpipe(client)
    client.unpipe(server)
    if (fault === 'dead') client.destroy()
    if (fault === 'garbage') client.write(Buffer.alloc(400, 'HTTP/1.1 400 Bad Request\r\n'))
    if (fault === 'half') {
      let left = cutAfterBytes
      server.on('data', (chunk: Buffer) => {
        client.write(chunk.subarray(0, left))
        left -= chunk.byteLength
        if (left <= 0) client.destroy()
      })
      server.resume()
      client.pipe(server)
    }
  }

  const accept = (client: Socket) => {
    const server = connect(port, host)
    const pair = { client, server }
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    if (fault) spoil(client, server)
    else client.pipe(server).pipe(client)
  }

  let listening: Server | undefined
  const listen = async (at: number) => {
    listening = createServer(accept).listen(at, '127.0.0.1')
    await once(listening, 'listening')
    return (listening.address() as { port: number }).port
  }
  const stop = async () => {
    if (!listening) return
    const closing = once(listening, 'close')
    listening.close()
    for (const { client } of pairs) client.destroy()
    await closing
    listening = undefined
  }
  const own = await listen(0)

  return {
    port: own,
    async breakDown(kind: Fault) {
      fault = kind
      for (const { client, server } of pairs) spoil(client, server)
      if (kind === 'dead') await stop()
    },
    async mend() {
      fault = undefined
      await stop()
      await listen(own)
    },
    close: stop,
  }
}
