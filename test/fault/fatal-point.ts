import { writeSync } from 'node:fs'
import type { Plan } from './points.ts'

/** Where the process says its last word, the name of the point, and dies by SIGKILL: no exit handler, no goodbye to broker or database. */
export const openFatalPoint = ({ point, nth, turns }: Pick<Plan<string>, 'point' | 'nth' | 'turns'>) => {
  const dieAfter = (turns: number): void => {
    if (turns > 0) return void setImmediate(() => dieAfter(turns - 1))
    writeSync(1, point)
    process.kill(process.pid, 'SIGKILL')
  }
  let left = nth
  /** True when it is the one that was planned. */
  const isReached = (): boolean => {
    left -= 1
    return left === 0
  }
  const pass = (): void => {
    if (isReached()) dieAfter(turns)
  }
  return {
    isReached,
    pass,
    /** Passes the point after each call, whether or not what it has begun is over. */
    passAfter: <This, Args extends unknown[], Result>(call: (this: This, ...args: Args) => Result) =>
      function (this: This, ...args: Args): Result {
        const result = call.apply(this, args)
        pass()
        return result
      },
  }
}
