import t from 'tap'
import { families } from './bad-input/families.ts'

for (const { name, cases } of families) {
  t.test(name, async (t) => {
    for (const { name, find, expected } of cases) t.strictSame(await find(), expected, name)
  })
}

t.test('no two cases have one name, and there are as many as are promised', async (t) => {
  const names = families.flatMap(({ name: family, cases }) => cases.map(({ name }) => `${family}: ${name}`))
  t.equal(new Set(names).size, names.length)
  t.ok(names.length >= 300, `${names.length} cases`)
})
