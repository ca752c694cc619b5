// needs: rabbitmq
/**
 * A person who reads nothing but the message knows where, what was found, what is allowed and what to do next, in Chinese and in English. Every
 * code of the catalogue is provoked by the product's own code; each sentence that test/bad-input pins is judged for its languages, too.
 */
import t from 'tap'
import { catalogue, type ErrorCode } from '../core/errors.ts'
import { families } from './bad-input/families.ts'
import { attachments } from './errors/attachments.ts'
import { broker } from './errors/broker.ts'
import { commands } from './errors/commands.ts'
import { configuration } from './errors/configuration.ts'
import { down } from './errors/down.ts'
import { exchange } from './errors/exchange.ts'
import { mappings } from './errors/mapping.ts'
import { push } from './errors/push.ts'
import { records } from './errors/records.ts'
import { lacksOf, type Sayings } from './errors/saying.ts'
import { sources } from './errors/sources.ts'
import { store } from './errors/store.ts'
import { supervision } from './errors/supervision.ts'

const tables: Sayings[] = [
  configuration,
  mappings,
  records,
  sources,
  broker,
  store,
  commands,
  down,
  exchange,
  push,
  supervision,
  attachments,
]
const sayings: Sayings = Object.assign({}, ...tables)

t.test('every code of the catalogue says what a person must know, and none is said twice', async (t) => {
  t.same(Object.keys(sayings).sort(), Object.keys(catalogue).sort())
  t.equal(
    tables.reduce((sum, table) => sum + Object.keys(table).length, 0),
    Object.keys(catalogue).length,
  )
})

for (const [code, saying] of Object.entries(sayings)) {
  t.test(`${code}: where, what was found, what is allowed, what to do`, async (t) => {
    const error = await saying.provoke(t)
    t.equal(error.code, code)
    t.same(lacksOf(error, saying), [], error.message)
  })
}

t.test('of all bad input, each sentence has Chinese and English, each in its place', async (t) => {
  const quoted = /"[^"]*"|“[^”]*”|\{[^}]*\}/g
  const judge = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(judge)
    else if (typeof value === 'object' && value !== null) {
      const { code, zh, en } = value as { code?: ErrorCode; zh?: string; en?: string }
      if (zh !== undefined && en !== undefined && code !== undefined) {
        t.match(zh.replaceAll(quoted, ''), /\p{Script=Han}/u, code)
        t.notSame(zh, en, code)
        t.notMatch(`${zh} ${en}`, /\bundefined\b(?! entity)|\[object/, code)
      } else Object.values(value).forEach(judge)
    }
  }
  for (const { cases } of families) for (const { expected } of cases) judge(expected)
})
