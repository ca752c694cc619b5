/** What a plug-in writes for people follows the languages it names, then Chinese: never the language of the machine. */

/** The list as the built-ins take it: also one of which the machine knows none ends in one that it does. */
export const withChinese = (locales: unknown): unknown[] => [...(locales === undefined ? [] : [locales].flat()), 'zh-CN']

type Locales = Record<string, (...given: unknown[]) => unknown>
type Formatter = (new (...given: unknown[]) => object) & { prototype: object }

/** Changes the `Intl` of a realm, and its methods that take a list of languages. */
export const onFixedLocale = (theirs: typeof globalThis): void => {
  const define = (prototype: object, name: string, at: number): void => {
    const real = (prototype as Locales)[name]!
    const value = {
      [name](this: unknown, ...given: unknown[]): unknown {
        given[at] = withChinese(given[at])
        return real.apply(this, given)
      },
    }[name]
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true })
  }
  for (const numbers of [theirs.Number, theirs.BigInt]) define(numbers.prototype, 'toLocaleString', 0)
  define(theirs.String.prototype, 'localeCompare', 1)
  for (const name of ['toLocaleUpperCase', 'toLocaleLowerCase']) define(theirs.String.prototype, name, 0)
  // It formats the time of now when it is given none, in the zone of the machine.
  Reflect.deleteProperty(theirs.Intl, 'DateTimeFormat')
  const formatters = theirs.Intl as unknown as Record<string, Formatter>
  for (const name of Object.getOwnPropertyNames(theirs.Intl)) {
    const real = formatters[name]!
    // A language by itself has to be named.
    if (typeof real !== 'function' || real.prototype === undefined || name === 'Locale') continue
    const formatter = new Proxy(real, {
      construct: (made, [locales, ...given]: unknown[], target) =>
        Reflect.construct(made, [withChinese(locales), ...given], target) as object,
      apply: (made, self, [locales, ...given]: unknown[]) =>
        Reflect.apply(made, self, [withChinese(locales), ...given]) as unknown,
    })
    Object.defineProperty(real.prototype, 'constructor', { value: formatter })
    Object.defineProperty(theirs.Intl, name, { value: formatter })
  }
}
