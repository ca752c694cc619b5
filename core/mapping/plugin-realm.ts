/**
 * Where a plug-in runs, in its thread and in the commands that try, test and explain it: built-ins of its own, which it cannot change, and no clock,
 * chance or way out. What it does to them reaches neither the gateway nor the next record; what it makes is the same on every machine.
 */
import { createContext, runInContext } from 'node:vm'
import { onBeijingTime } from './beijing-date.ts'

const refuse = (what: string): never => {
  throw new Error(`${what}: 映射不得使用 / a mapping must not use it`)
}

const refused = ['fetch', 'queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout']

/** What code of a page and of a server both have, and reads or writes texts only. */
const tools = { TextDecoder, TextEncoder, URL, URLSearchParams, atob, btoa, structuredClone, Buffer }

/** Everything that the names of a realm lead to, and what only its syntax does. */
const builtIns = `[
  ...Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name]),
  ...[function* () {}, async function () {}, async function* () {}].map(Object.getPrototypeOf),
  ...[[][Symbol.iterator](), ''[Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ''.matchAll(/./g)].map(Object.getPrototypeOf),
]`

const isObject = (value: unknown): value is object => (typeof value === 'object' && value !== null) || typeof value === 'function'

/** Errors are left as they are: a class of errors that sets its name would fail. */
const freezeAll = (found: unknown[], errors: object, seen: Set<object>): void => {
  for (const value of found) {
    if (!isObject(value) || seen.has(value) || value === errors || Object.prototype.isPrototypeOf.call(errors, value)) continue
    seen.add(value)
    const members = Object.values(Object.getOwnPropertyDescriptors(value)).flatMap(({ value, get, set }) => [value, get, set])
    freezeAll([Object.getPrototypeOf(value), ...members], errors, seen)
    Object.freeze(value)
  }
}

/**
 * A frozen prototype would keep every object from having a `toString` or a `constructor` of its own, also one whose keys come from a record; and
 * so every function, list and day of theirs.
 */
const letOverride = (prototype: object): void => {
  for (const [name, { value, writable, configurable }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (!writable || !configurable) continue
    const set = function (this: object, given: unknown): void {
      if (this === prototype) throw new TypeError(`${name} 不得更改 / ${name} must not be changed`)
      Object.defineProperty(this, name, { value: given, writable: true, enumerable: true, configurable: true })
    }
    Object.defineProperty(prototype, name, { get: () => value as unknown, set })
  }
}

const openRealm = (): object => {
  const realm = createContext(Object.create(null), { codeGeneration: { strings: true, wasm: false } }) as Record<string, unknown>
  const inside = runInContext(
    '({ globalThis, Array, Date, Error, Function, Intl, Map, Math, Object, RegExp, Set })',
    realm,
  ) as typeof globalThis & {
    globalThis: object
  }
  Object.assign(realm, { Date: onBeijingTime(inside.Date, refuse) })
  inside.Math.random = () => refuse('Math.random')
  // It formats the time of now when it is given none, in the zone of the machine.
  Reflect.deleteProperty(inside.Intl, 'DateTimeFormat')
  const { Object: objects, Function: functions, Array: lists, Date: days, Map: maps, Set: sets, RegExp: patterns } = inside
  for (const { prototype } of [objects, functions, lists, days, maps, sets, patterns]) letOverride(prototype)
  // The functions that were put in come from outside, where nothing may be frozen.
  const left = new Set<object>([inside.globalThis, realm, Object.prototype, Function.prototype])
  freezeAll(runInContext(builtIns, realm) as unknown[], inside.Error.prototype, left)
  return Object.assign(realm, tools, Object.fromEntries(refused.map((name) => [name, () => refuse(name)])))
}

/** The bundler writes one export statement, after all code. */
const asFunction = (bundle: string): string => {
  const at = bundle.lastIndexOf('\nexport {')
  const [, names = ''] = /^\nexport \{([^}]*)\}/.exec(bundle.slice(at)) ?? []
  const members = names.split(',').map((name) => name.trim().split(/\s+as\s+/))
  const exported = members.filter(([name]) => name).map(([name, known = name]) => `${known}: ${name}`)
  return `(async () => { 'use strict'\n${at < 0 ? bundle : bundle.slice(0, at)}\nreturn { ${exported.join(', ')} } })()`
}

/** What a bundle exports, run in a realm of its own. Rejects with what it throws. */
export const runBundle = async (bundle: string): Promise<Record<string, unknown>> =>
  (await runInContext(asFunction(bundle), openRealm(), { filename: 'plugin.js' })) as Record<string, unknown>
