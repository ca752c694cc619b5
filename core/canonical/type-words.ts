import type { Text } from '../errors.ts'

const words: Record<string, Text> = {
  string: { zh: '文字（string）；数字须加引号', en: 'a text (string); quote a number' },
  integer: { zh: '整数（integer）', en: 'a whole number (integer)' },
  number: { zh: '数值（number）', en: 'a number' },
  boolean: { zh: 'true 或 false（boolean）', en: 'true or false (boolean)' },
  object: { zh: '一组“键: 值”（object）', en: 'a group of keys and values (object)' },
  array: { zh: '列表（array）', en: 'a list (array)' },
  null: { zh: '空（null）', en: 'null' },
}

/** What JSON Schema's `type` asks for, in words. */
export const typeReason = (type: unknown): Text => {
  const names = Array.isArray(type) ? type.map(String) : [String(type)]
  const said = names.map((name) => words[name] ?? { zh: name, en: name })
  return { zh: `应为${said.map(({ zh }) => zh).join('，或')}`, en: `must be ${said.map(({ en }) => en).join(', or ')}` }
}
