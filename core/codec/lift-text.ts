/**
 * Takes large texts out of an XML document while it comes, and leaves in place of each what whoever takes it answers, so that the rest is small
 * enough to be read whole.
 *
 *     <SB><NO>1</NO><SCAN>JVBERi0xLjcK…</SCAN></SB>   ──▶   <SB><NO>1</NO><SCAN>sha256:…</SCAN></SB>
 *                             └──▶ take, piece by piece
 *
 * Of XML it knows where tags begin and end, and judges nothing: what it does not understand goes through as it is, for the parser to judge.
 * The parser itself would hold each text whole.
 */

/** Where the texts are: names of elements from the root on, each in all of its spellings; `any` for every name. */
export type Steps = readonly (ReadonlySet<string> | typeof any)[]
export const any: unique symbol = Symbol('any')

export interface Places {
  /** Where the text of an element is itself the document that `texts` begin in. */
  document?: Steps
  texts: readonly Steps[]
}

/** What takes the text at a place; it may stop in the middle. What it answers must be no markup. */
export type Take = (pieces: AsyncIterable<string>) => Promise<string>

/** A longer tag is none that we look for. */
const maxTag = 64 * 1024
/** No delimiter and no reference to a character is longer. */
const longest = 16
const nothing = /(?!)/

/** How markup is written: in a document, and in one that is the text of an element. */
const spellings = {
  plain: { lt: '<', gt: '>' },
  escaped: { lt: '&(?:lt|#60|#x3[cC]);', gt: '(?:>|&(?:gt|#62|#x3[eE]);)' },
} as const

/** `until`: what ends the document that is read. */
const compile = ({ lt, gt }: { lt: string; gt: string }, until?: string) => ({
  markup: new RegExp(until === undefined ? lt : `${until}|${lt}`),
  atEnd: until === undefined ? undefined : new RegExp(`^(?:${until})`),
  sections: [
    [new RegExp(`^${lt}!--`), new RegExp(`--${gt}`)],
    [new RegExp(`^${lt}\\?`), new RegExp(`\\?${gt}`)],
    [new RegExp(`^${lt}!\\[CDATA\\[`), new RegExp(`\\]\\]${gt}`)],
  ] as const,
  cdata: new RegExp(`^${lt}!\\[CDATA\\[`),
  cdataEnd: new RegExp(`\\]\\]${gt}`),
  closing: new RegExp(`^${lt}/(?:(?!${gt})[^])*${gt}`),
  opening: new RegExp(`^${lt}([^\\s/>&"'!?]+)(?:"[^"]*"|'[^']*'|(?!${gt})[^"'])*${gt}`),
  empty: new RegExp(`/${gt}$`),
})

type Markup = ReturnType<typeof compile>

const outer = compile(spellings.plain)
const inner = { escaped: compile(spellings.escaped, '<'), cdata: compile(spellings.plain, '\\]\\]>') }

/** The document breaks off within a text. */
class BrokenOff extends Error {}

const openWindow = (chunks: AsyncIterable<string> | Iterable<string>) => {
  const iterator = (async function* () {
    yield* chunks
  })()
  let text = ''
  const window = {
    text: (): string => text,
    /** False when there is no more. */
    async more(): Promise<boolean> {
      const next = await iterator.next()
      if (next.done) return false
      text += next.value
      return true
    },
    take(length = text.length): string {
      const taken = text.slice(0, length)
      text = text.slice(length)
      return taken
    },
    /** True when so many characters are there. */
    async has(length: number): Promise<boolean> {
      while (text.length < length) if (!(await window.more())) return false
      return true
    },
    /** What stands before the delimiter; throws at the end of the document when it must come. Never divides a reference to a character. */
    async *upTo(delimiter: RegExp, mustCome = false): AsyncGenerator<string> {
      for (;;) {
        const found = text.search(delimiter)
        if (found >= 0) {
          if (found > 0) yield window.take(found)
          return
        }
        const sure = Math.max(0, text.length - longest)
        const reference = text.lastIndexOf('&', sure)
        const cut = reference >= 0 && reference > sure - longest ? reference : sure
        if (cut > 0) yield window.take(cut)
        if (await window.more()) continue
        if (mustCome) throw new BrokenOff()
        if (text !== '') yield window.take()
        return
      }
    },
    close: () => iterator.return(undefined),
  }
  return window
}

const isAt = (trail: readonly string[], steps: Steps): boolean =>
  trail.length === steps.length &&
  steps.every((step, depth) => {
    const name = trail[depth]!
    return step === any || step.has(name) || step.has(name.slice(name.indexOf(':') + 1))
  })

/** The document with what `take` answered in place of each text that is not empty. Rejects with what `take` rejects with. */
export async function* liftTexts(
  chunks: AsyncIterable<string> | Iterable<string>,
  { document, texts }: Places,
  take: Take,
): AsyncGenerator<string> {
  const window = openWindow(chunks)

  /** The text of the element that has just been opened, when it has one. */
  async function* lift(markup: Markup): AsyncGenerator<string> {
    yield* window.upTo(/\S/)
    await window.has(longest * 2)
    const start = markup.cdata.exec(window.text())?.[0]
    const end = start === undefined ? markup.markup : markup.cdataEnd
    if (start !== undefined) yield window.take(start.length)
    else if (window.text().search(markup.markup) === 0) return
    const answer = await take(window.upTo(end, true))
    // Whoever stopped in the middle has left the rest.
    for await (const _ of window.upTo(end, true));
    yield answer
  }

  async function* descend(): AsyncGenerator<string> {
    yield* window.upTo(/\S/)
    await window.has(longest)
    const start = outer.cdata.exec(window.text())?.[0]
    if (start === undefined) return yield* scan(inner.escaped, texts)
    yield window.take(start.length)
    yield* scan(inner.cdata, texts)
  }

  async function* scan(markup: Markup, wanted: readonly Steps[]): AsyncGenerator<string> {
    const trail: string[] = []
    for (;;) {
      yield* window.upTo(markup.markup)
      if (window.text() === '' || markup.atEnd?.test(window.text())) return
      await window.has(longest)
      const section = markup.sections.find(([start]) => start.test(window.text()))
      if (section) {
        yield window.take(section[0].exec(window.text())![0].length)
        yield* window.upTo(section[1])
        continue
      }
      let tag = markup.closing.exec(window.text()) ?? markup.opening.exec(window.text())
      while (!tag && window.text().length < maxTag && (await window.more()))
        tag = markup.closing.exec(window.text()) ?? markup.opening.exec(window.text())
      if (!tag) {
        yield* window.upTo(nothing)
        return
      }
      yield window.take(tag[0].length)
      const [whole, name] = tag
      if (name === undefined) {
        trail.pop()
        continue
      }
      if (markup.empty.test(whole)) continue
      trail.push(name)
      if (markup === outer && document && isAt(trail, document)) yield* descend()
      else if (wanted.some((steps) => isAt(trail, steps))) yield* lift(markup)
    }
  }

  try {
    yield* scan(outer, document ? [] : texts)
    if (window.text() !== '') yield window.take()
  } catch (error) {
    if (!(error instanceof BrokenOff)) throw error
  } finally {
    await window.close()
  }
}
