/** Serves until it is told to stop. */
import { once } from 'node:events'
import type { AdapterContext, Source } from '../../core/contract.ts'
import { createIntake } from './intake.ts'
import { type Listener, openListener } from './listener.ts'
import type { HttpOptions } from './options.ts'
import { probeListener } from './probe.ts'

export const openHttpSource = (options: HttpOptions, context: AdapterContext): Source => {
  let listener: Listener | undefined
  const stop = async (): Promise<void> => {
    const stopped = listener
    listener = undefined
    await stopped?.stop()
  }
  return {
    run: async (emit, { signal, ready, keep }) => {
      if (signal.aborted) return
      listener = await openListener(options, context, { store: createIntake(emit), keep }, signal)
      try {
        ready?.()
        if (!signal.aborted) await once(signal, 'abort')
      } finally {
        await stop()
      }
    },
    probe: (signal) => probeListener(options, context, signal),
    close: stop,
  }
}
