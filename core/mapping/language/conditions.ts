/** What `when`, `ignore` and the rows of code tables may ask. */
import { construct, type Example, type Family, type Result } from './construct.ts'

const holds: Result = { ignored: '符合' }
const fails: Result = { message: { '/type': 'application.received' } }

/** The condition decides whether the record is ignored. */
const asked = (condition: string, record: Example['record'], result: Result): Example => ({
  mapping: `ignore:\n  - { when: ${condition}, reason: 符合 }`,
  ...(record === undefined ? {} : { record }),
  result,
})

/** Where a condition looks. */
export const conditionPlace = {
  path: construct(
    '看哪里；几个值中有一个符合即可',
    'Where it looks; of several values one is enough',
    asked('{ path: LX, equals: "2" }', { LX: ['1', '2'] }, holds),
  ),
} satisfies Family

/** What is asked of it: exactly one of these. */
export const conditionTests = {
  equals: construct(
    '等于这一文字，与文件里写的一样',
    'Is this text, as the file has it',
    asked('{ path: LX, equals: 01 }', { LX: '01' }, holds),
    asked('{ path: LX, equals: 01 }', { LX: '1' }, fails),
  ),
  in: construct(
    '是其中之一',
    'Is one of these',
    asked('{ path: LX, in: ["3", "4"] }', { LX: '4' }, holds),
    asked('{ path: LX, in: ["3", "4"] }', { LX: '34' }, fails),
  ),
  matches: construct(
    '整体匹配这一正则表达式（RE2：没有前后断言与反向引用）',
    'Matches this regular expression as a whole (RE2: no look-around, no back-references)',
    asked('{ path: SXMC, matches: .*(测试|演示).* }', { SXMC: '演示事项' }, holds),
    asked('{ path: SXMC, matches: 测试 }', { SXMC: '测试事项' }, fails),
    asked("{ path: SXMC, matches: '(?=测试).*' }", {}, { refused: 'MAPPING_INVALID' }),
  ),
  present: construct(
    '有值且不是占位词；false 为没有',
    'Has a value that is no placeholder; with false, has none',
    asked('{ path: ZF, present: true }', { ZF: '2026-03-02' }, holds),
    asked('{ path: ZF, present: true }', { ZF: '无' }, fails),
    asked('{ path: ZF, present: false }', { ZF: '' }, holds),
  ),
  nil: construct(
    '写明为空：NULL、xsi:nil',
    'Is said to be none: NULL, xsi:nil',
    asked('{ path: ZF, nil: true }', { ZF: null }, holds),
    asked('{ path: ZF, nil: true }', '<ZF xsi:nil="true"/>', holds),
    asked('{ path: ZF, nil: true }', '<ZF xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="1"/>', holds),
    asked('{ path: ZF, nil: true }', '<ZF/>', fails),
  ),
  empty: construct(
    '写了，但没有字',
    'Is there, without a character',
    asked('{ path: ZF, empty: true }', { ZF: ' ' }, holds),
    asked('{ path: ZF, empty: true }', {}, fails),
  ),
  absent: construct(
    '没有这一处',
    'Is not there at all',
    asked('{ path: ZF, absent: true }', {}, holds),
    asked('{ path: ZF, absent: true }', { ZF: null }, fails),
  ),
} satisfies Family

/** Conditions of conditions; a list is `all`. */
export const conditionGroups = {
  all: construct(
    '全部符合；写成列表也是',
    'All of them hold; a list says the same',
    asked('{ all: [{ path: LX, equals: "1" }, { path: ZT, equals: "9" }] }', { LX: '1', ZT: '9' }, holds),
    {
      about: { zh: '写成列表', en: 'as a list' },
      ...asked('[{ path: LX, equals: "1" }, { path: ZT, equals: "9" }]', { LX: '1', ZT: '8' }, fails),
    },
  ),
  any: construct(
    '有一个符合',
    'One of them holds',
    asked('{ any: [{ path: LX, equals: "1" }, { path: ZT, equals: "9" }] }', { LX: '2', ZT: '9' }, holds),
  ),
  not: construct('不符合', 'Does not hold', asked('{ not: { path: LX, in: ["1", "2"] } }', { LX: '3' }, holds)),
} satisfies Family
