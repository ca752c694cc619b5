import type { TransportState } from './transport.ts'

/** Holds the state of a transport and tells its listeners. */
export const createState = () => {
  let state: TransportState = { state: 'closed' }
  let risen = false
  const listeners = new Set<(state: TransportState) => void>()
  const tell = (): void => {
    for (const listener of [...listeners]) listener(state)
  }
  return {
    get: (): TransportState => state,
    set(next: TransportState): void {
      state = next
      tell()
    },
    /** Confirms arrive many at a time: listeners hear of all of them once, and can then fill the whole gap at once. */
    capacityRose(): void {
      if (risen) return
      risen = true
      queueMicrotask(() => {
        risen = false
        tell()
      })
    },
    onChange(listener: (state: TransportState) => void): () => void {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
