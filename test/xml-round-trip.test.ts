/** XML -> value -> XML keeps its meaning: what is read, written and read again is the same, whole or cut into records. */
import fc from 'fast-check'
import t from 'tap'
import { writeXml } from '../core/codec/write-xml.ts'
import { parseXml, readXml, splitXml } from '../core/codec/xml.ts'
import type { XmlElement } from '../core/codec/xml-element.ts'
import { plainOf, recordsDocument, xmlDocument } from './xml-documents.ts'

const plain = (text: string) => plainOf(parseXml(text))

t.test('random documents mean the same to our reader as what they were made of', async () => {
  fc.assert(
    fc.property(xmlDocument, ({ text, meaning }) => {
      return JSON.stringify(plain(text)) === JSON.stringify(meaning)
    }),
    { numRuns: 1500 },
  )
})

t.test('read, written, read again: equal; and written again: the same text', async () => {
  fc.assert(
    fc.property(xmlDocument, ({ text }) => {
      const once = parseXml(text)
      const written = writeXml(once)
      return JSON.stringify(plain(written)) === JSON.stringify(plainOf(once)) && writeXml(parseXml(written)) === written
    }),
    { numRuns: 1500 },
  )
})

t.test('an element from the middle of a document, written alone, still is what it was', async () => {
  const inside = (element: XmlElement): XmlElement[] =>
    element.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...inside(child)]))
  fc.assert(
    fc.property(xmlDocument, ({ text }) =>
      inside(parseXml(text)).every(
        (element) =>
          JSON.stringify(withoutDeclarations(plain(writeXml(element)))) === JSON.stringify(withoutDeclarations(plainOf(element))),
      ),
    ),
    { numRuns: 500 },
  )
})

t.test('the documents are no small ones', async (t) => {
  const lengths = fc.sample(xmlDocument, 200).map(({ text }) => text.length)
  t.ok(Math.max(...lengths) > 500 && lengths.reduce((sum, length) => sum + length) / 200 > 150, String(Math.max(...lengths)))
})

t.test('cut into records, in chunks of any size, each record is what parsing the whole gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      recordsDocument,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      async ({ text }, sizes) => {
        const chunks: string[] = []
        for (let at = 0, n = 0; at < text.length; n += 1) {
          const size = sizes[n % sizes.length]!
          chunks.push(text.slice(at, at + size))
          at += size
        }
        const inWhole = plain(text) as { children: unknown[] }
        const wanted = inWhole.children.filter((child) => typeof child !== 'string')
        const cut: unknown[] = []
        for await (const { text: record, element } of splitXml(chunks, 'Records/*')) {
          const parsed = plain(record)
          if (JSON.stringify(parsed) !== JSON.stringify(plainOf(element!))) return false
          if (JSON.stringify(plain(writeXml(element!))) !== JSON.stringify(parsed)) return false
          cut.push(withoutDeclarations(parsed))
        }
        const held = readXml(text, { path: 'Records/*' }).records.map(({ element }) => withoutDeclarations(plainOf(element!)))
        const expected = JSON.stringify(wanted.map(withoutDeclarations))
        return JSON.stringify(cut) === expected && JSON.stringify(held) === expected
      },
    ),
    { numRuns: 500 },
  )
})

/** A record that stands alone repeats the namespaces of its ancestors: they are no part of what it says. */
const withoutDeclarations = (value: unknown): unknown => {
  const { attributes, children, ...rest } = value as { attributes: [string, string][]; children: unknown[] }
  return {
    ...rest,
    attributes: attributes.filter(([name]) => name !== 'xmlns' && !name.startsWith('xmlns:')),
    children: children.map((child) => (typeof child === 'string' ? child : withoutDeclarations(child))),
  }
}

t.test('nil, empty, blank and absent are four things, before and after', async (t) => {
  const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
  const read = (inner: string) => parseXml(`<r ${xsi}>${inner}</r>`)
  const four = ['<a xsi:nil="true"/>', '<a/>', '<a> </a>', ''].map(read)
  const again = four.map((element) => parseXml(writeXml(element)))
  for (const elements of [four, again]) {
    const seen = elements.map((element) => {
      const [a] = element.children as XmlElement[]
      return a && [a.attributes['xsi:nil'], a.children]
    })
    t.same(seen, [['true', []], [undefined, []], [undefined, [' ']], undefined])
  }
  t.same(plainOf(read('<a></a>')), plainOf(read('<a/>')), 'two ways of writing empty are one')
})

t.test('what would end a text, an attribute or a line is written so that it stays', async (t) => {
  const text = ']]> & < > " \' \r\n \t 𠮷 中 &amp; <![CDATA['
  const element = parseXml('<a b=""/>')
  const made: XmlElement = {
    ...element,
    attributes: { b: text },
    children: [text, { ...element, attributes: {}, children: [] }, ' '],
  }
  const read = parseXml(writeXml(made))
  t.equal(read.attributes['b'], text)
  t.equal(read.children[0], text)
  t.same(read.children.length, 3)
})

t.test('a list of one entry and one of many stay lists', async () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '中', '𠮷', '&', ' ') }), { maxLength: 4 }), (entries) => {
      const list = parseXml('<l/>')
      const children = entries.map((entry) => ({ ...list, name: 'e', local: 'e', children: entry === '' ? [] : [entry] }))
      const read = parseXml(writeXml({ ...list, children }))
      return JSON.stringify(read.children.map((child) => (child as XmlElement).children[0] ?? '')) === JSON.stringify(entries)
    }),
  )
})
