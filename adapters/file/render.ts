/** An operation as the bytes of a file. The same operation gives the same bytes. */
import {
  charsetMisfit,
  encodeText,
  GatewayError,
  isXmlName,
  type Text,
  type ValuesWith,
  writeDocument,
  type XmlContent,
  xmlMisfit,
} from '../../core/contract.ts'
import type { WriteOptions } from './sink-options.ts'

/** Values without contents: files of their own stand for them. */
export type TextValues = ValuesWith<never>

type Value = TextValues[string]

/** Throws DELIVERY_MISFIT for what the file cannot hold as it is. */
export const renderFile = (
  system: string,
  { format, root = '', columns = [], delimiter = ',', charset }: WriteOptions,
  { write, values }: { write: string; values: TextValues },
): Uint8Array => {
  const misfit = (name: string, reason: Text): GatewayError => GatewayError.of('DELIVERY_MISFIT', { system, write, name, reason })

  const fitting = (text: string, name: string): string => {
    const reason = (format === 'xml' ? xmlMisfit(text) : undefined) ?? charsetMisfit(text, charset)
    if (reason) throw misfit(name, reason)
    return text
  }

  /** Looks at every text, in lists, too. */
  const check = (value: Value, name: string): void => {
    if (typeof value === 'string') fitting(value, name)
    else
      for (const [index, entry] of (value ?? []).entries())
        for (const [word, inner] of Object.entries(entry)) check(inner, `${name}[${index + 1}]/${word}`)
  }
  for (const [name, value] of Object.entries(values)) check(value, name)

  const contentOf = (given: TextValues): { [name: string]: XmlContent } =>
    Object.fromEntries(
      Object.entries(given).flatMap(([name, value]): [string, XmlContent][] => {
        fitting(name, name)
        if (!isXmlName(name)) throw misfit(name, { zh: '不是可用的元素名', en: 'it is no usable name of an element' })
        if (value === null) return []
        return [[name, typeof value === 'string' ? value : value.map(contentOf)]]
      }),
    )

  const cell = (name: string): string => {
    const value = values[name] ?? null
    if (value === null) return ''
    if (typeof value !== 'string') throw misfit(name, { zh: '是列表，csv 写不下', en: 'it is a list, which csv cannot hold' })
    return value === '' || /["\r\n]|^\s|\s$/.test(value) || value.includes(delimiter) ? `"${value.replaceAll('"', '""')}"` : value
  }
  const quoted = (name: string): string =>
    /["\r\n]/.test(name) || name.includes(delimiter) ? `"${name.replaceAll('"', '""')}"` : name

  const text = (): string => {
    if (format === 'xml') return `${writeDocument({ [root]: contentOf(values) }, charset.toUpperCase())}\n`
    if (format === 'json') return `${JSON.stringify(values)}\n`
    const stranger = Object.keys(values).find((name) => !columns.includes(name))
    if (stranger !== undefined) throw misfit(stranger, { zh: 'columns 里没有这一列', en: 'columns has no such column' })
    return `${columns.map(quoted).join(delimiter)}\r\n${columns.map(cell).join(delimiter)}\r\n`
  }
  return encodeText(text(), charset)
}
