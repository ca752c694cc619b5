/** How much may be under way at the same time. */
export const createRoom = ({ maxRequests, maxHeldBytes }: { maxRequests: number; maxHeldBytes: number }) => {
  let requests = 0
  let held = 0
  return {
    /** Takes room for a request of at most so many bytes; the function that it answers gives it back. Undefined when there is none. */
    enter(bytes: number): (() => void) | undefined {
      if (requests >= maxRequests || held + bytes > maxHeldBytes) return undefined
      requests += 1
      held += bytes
      return () => {
        requests -= 1
        held -= bytes
      }
    },
  }
}
