/** What a mapping runs of its own: functions of its plug-in, and expressions. It runs in a thread that can be ended (isolation.ts). */
export interface OwnCode {
  /** `file:line:column` of each use, in the order in which they were compiled. */
  readonly places: readonly string[]
  /** Adds a use; what it returns is called whenever that use begins to run. */
  add(at: string): () => void
}

/** `entered` is told the number of each use that begins to run. */
export const openOwnCode = (entered: (index: number) => void = () => undefined): OwnCode => {
  const places: string[] = []
  return {
    places,
    add(at) {
      const index = places.push(at) - 1
      return () => entered(index)
    },
  }
}
