/**
 * What a plug-in finds in place of the world: the bundler puts these in wherever its source means a global. So it has no clock, no chance and no
 * way out wherever it runs, also in the commands that try, test and explain it.
 */
const forbidden = (what: string) => (): never => {
  throw new Error(`${what}: 映射不得使用 / a mapping must not use it`)
}

const real = globalThis

const timeless = new Proxy(real.Date, {
  construct: (date, given: unknown[], made) =>
    given.length === 0 ? forbidden('new Date()')() : (Reflect.construct(date, given, made) as Date),
  apply: forbidden('Date()'),
  get: (date, name) => (name === 'now' ? forbidden('Date.now') : Reflect.get(date, name)),
})

const certain = new Proxy(real.Math, {
  get: (math, name) => (name === 'random' ? forbidden('Math.random') : Reflect.get(math, name)),
})

const { DateTimeFormat: _, ...spoken } = Object.fromEntries(
  Object.getOwnPropertyNames(real.Intl).map((name) => [name, real.Intl[name as keyof typeof real.Intl]]),
)

const nothing = undefined
const [noFetch, noTimer] = [forbidden('fetch'), forbidden('setTimeout')]

export {
  certain as Math,
  noFetch as fetch,
  noTimer as queueMicrotask,
  noTimer as setImmediate,
  noTimer as setInterval,
  noTimer as setTimeout,
  nothing as crypto,
  nothing as global,
  nothing as globalThis,
  nothing as performance,
  nothing as process,
  nothing as require,
  nothing as WebSocket,
  spoken as Intl,
  timeless as Date,
}
