import { setMaxListeners } from 'node:events'

/**
 * A signal of its own that aborts with another one until it is unlinked: for work that ends within something that lives long. Neither
 * `AbortSignal.any` nor the `signal` of a socket: what these add to the other signal stays there on Node.js 20 until that one aborts, which for a
 * gateway may be in months.
 */
export const linkSignal = (to: AbortSignal): { own: AbortController; unlink(): void } => {
  const own = new AbortController()
  const abort = (): void => own.abort(to.reason)
  if (to.aborted) abort()
  else to.addEventListener('abort', abort, { once: true })
  return { own, unlink: () => to.removeEventListener('abort', abort) }
}

/** A controller whose signal any number may listen to at once: Node warns of a leak at the eleventh, and each of them lets go at its end. */
export const sharedController = (): AbortController => {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
