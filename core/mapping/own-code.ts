/** What a mapping runs of its own: functions of its plug-in, and expressions. It runs in a thread that can be ended (isolation.ts). */
export interface OwnCode {
  /** `file:line:column` of each use, in the order in which they were compiled. */
  readonly places: readonly string[]
  /** Adds a use; what it returns is called whenever that use is about to run. */
  add(at: string): () => void
}

/** `entered` is told the number of each use that is about to run. */
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

const elsewhere = new Error('own code runs in its own thread only')

/** For a mapping that is compiled where its own code must not run: the record that comes to it fails, and `needsThread` knows it. */
export const keepOut = (): OwnCode =>
  openOwnCode(() => {
    throw elsewhere
  })

/** Whether a record failed only because it came to own code outside of its thread. */
export const needsThread = (error: Error): boolean => error.cause === elsewhere
