/**
 * Where a plug-in runs, in its thread and in the commands that try, test and explain it: the built-ins of the language, of its own, which it cannot
 * change, and no clock, chance or way out. What it does to them reaches neither the gateway nor the next record; what it makes is the same on every
 * machine. No object of the gateway is among them: such a one leads to the gateway's own built-ins, and a buffer to the bytes of other records.
 */
import { createContext, runInContext } from 'node:vm'
import type { RecordView } from '../contract.ts'
import { onBeijingTime } from './beijing-date.ts'
import type { PluginFunction } from './compile-context.ts'
import { onFixedLocale } from './fixed-locale.ts'

const refused = ['fetch', 'queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout']

/** `atob` or `btoa`; undefined for a text that it does not take. */
const base64 =
  (convert: (text: string) => string) =>
  (text: string): string | undefined => {
    try {
      return convert(text)
    } catch {
      return undefined
    }
  }

/** What is run in the realm, so that all that a plug-in meets is the realm's own, also what it is given and what fails. */
const inside = `(({ decode, encode, look }) => {
  const refuse = (what) => { throw new Error(what + ': 映射不得使用 / a mapping must not use it') }
  const keep = (what) => { throw new TypeError(what + ' 不得更改 / must not be changed') }
  const converted = (made, name) => {
    if (made === undefined) throw new Error(name + ': 不是这种文字 / it does not take this text')
    return made
  }
  const reader = (name, record) => (path) => {
    const found = look(record, name, String(path))
    if (found.failed !== undefined) throw new TypeError(String(found.failed))
    return name === 'texts' ? Array.from(found.texts) : found.text
  }
  return {
    refuse,
    keep,
    atob: (text) => converted(decode(String(text)), 'atob'),
    btoa: (text) => converted(encode(String(text)), 'btoa'),
    asCalled: (call) => (text, record) => call(text, { text: reader('text', record), texts: reader('texts', record) }),
  }
})`

/** Everything that the names of a realm lead to, and what only its syntax does. */
const builtIns = `[
  ...Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name]),
  ...[function* () {}, async function () {}, async function* () {}].map(Object.getPrototypeOf),
  ...[[][Symbol.iterator](), ''[Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ''.matchAll(/./g)].map(Object.getPrototypeOf),
]`

const isObject = (value: unknown): value is object => (typeof value === 'object' && value !== null) || typeof value === 'function'

/** Freezes what is found and all that it leads to. A function of ours becomes one of the realm: as it was, it would lead to the gateway's own. */
const freezeAll = (found: unknown[], functions: object, seen: Set<object>): void => {
  for (const value of found) {
    if (!isObject(value) || seen.has(value)) continue
    seen.add(value)
    if (value instanceof Function) {
      Object.setPrototypeOf(value, functions)
      if (Object.hasOwn(value, 'prototype')) Object.assign(value, { prototype: undefined })
    }
    const members = Object.values(Object.getOwnPropertyDescriptors(value)).flatMap(({ value, get, set }) => [value, get, set])
    freezeAll([Object.getPrototypeOf(value), ...members], functions, seen)
    Object.freeze(value)
  }
}

/**
 * A frozen prototype would keep every object from having a `toString` or a `constructor` of its own, also one whose keys come from a record; and
 * so every function, list and day of theirs, and a class of errors from having its name. Answers what is behind the accessors that stand there now.
 */
const letOverride = (prototype: object, keep: (what: string) => never): unknown[] => {
  const behind: unknown[] = []
  for (const [name, { value, writable, configurable }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (!writable || !configurable) continue
    const set = function (this: object, given: unknown): void {
      if (this === prototype) keep(name)
      Object.defineProperty(this, name, { value: given, writable: true, enumerable: true, configurable: true })
    }
    Object.defineProperty(prototype, name, { get: () => value as unknown, set })
    behind.push(value)
  }
  return behind
}

const look = (record: RecordView, name: 'text' | 'texts', path: string) => {
  try {
    return { [name]: record[name](path) }
  } catch (thrown) {
    return { failed: (thrown as Error).message }
  }
}

interface Realm {
  names: object
  asCalled(call: PluginFunction): PluginFunction
}

const openRealm = (): Realm => {
  const names = createContext(Object.create(null), { codeGeneration: { strings: true, wasm: false } }) as Record<string, unknown>
  const theirs = runInContext('globalThis', names) as typeof globalThis
  const { refuse, keep, asCalled, ...given } = runInContext(
    inside,
    names,
  )({
    decode: base64(atob),
    encode: base64(btoa),
    look,
  }) as Realm & { refuse(what: string): never; keep(what: string): never }
  const errors = [
    ...[theirs.Error, theirs.AggregateError, theirs.EvalError, theirs.RangeError],
    ...[theirs.ReferenceError, theirs.SyntaxError, theirs.TypeError, theirs.URIError],
  ]
  const overridden = [theirs.Object, theirs.Function, theirs.Array, theirs.Date, theirs.Map, theirs.Set, theirs.RegExp, ...errors]
  Object.assign(names, given, { Date: onBeijingTime(theirs.Date, refuse) })
  for (const name of refused) Object.assign(names, { [name]: () => refuse(name) })
  theirs.Math.random = () => refuse('Math.random')
  // Where the gateway is installed is nothing to make a value of.
  theirs.Error.stackTraceLimit = 0
  onFixedLocale(theirs)
  const behind = overridden.flatMap(({ prototype }) => letOverride(prototype, keep))
  const found = runInContext(builtIns, names) as unknown[]
  freezeAll([...found, ...behind], theirs.Function.prototype, new Set<object>([theirs, names]))
  for (const name of Object.getOwnPropertyNames(theirs)) {
    if (name !== 'globalThis')
      Object.defineProperty(names, name, { value: theirs[name as never], writable: false, configurable: false })
  }
  return { names, asCalled }
}

/** The bundler writes one export statement, after all code. */
const asFunction = (bundle: string): string => {
  const at = bundle.lastIndexOf('\nexport {')
  const [, names = ''] = /^\nexport \{([^}]*)\}/.exec(bundle.slice(at)) ?? []
  const members = names.split(',').map((name) => name.trim().split(/\s+as\s+/))
  const exported = members.filter(([name]) => name).map(([name, known = name]) => `${known}: ${name}`)
  return `(async () => { 'use strict'\n${at < 0 ? bundle : bundle.slice(0, at)}\nreturn { ${exported.join(', ')} } })()`
}

/** The functions that a bundle exports, run in a realm of its own. Rejects with what it throws. */
export const runBundle = async (bundle: string): Promise<Record<string, PluginFunction>> => {
  const { names, asCalled } = openRealm()
  const exported = (await runInContext(asFunction(bundle), names, { filename: 'plugin.js' })) as Record<string, PluginFunction>
  const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function')
  return Object.fromEntries(functions.map(([name, call]) => [name, asCalled(call)]))
}
