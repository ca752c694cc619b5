import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** What was given is not given again: it may not be listened on yet, or be free for a moment only. */
const given = new Set<number>()

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux): one of those could be taken by a
 * connection of another suite between the look and the server's own bind, or while the server is stopped.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (given.has(port)) continue
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue
    }
    given.add(port)
    server.close()
    await once(server, 'close')
    return port
  }
}
