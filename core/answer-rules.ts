/**
 * What the answer of a target means: rules in order, of which the first that holds decides. A rule compares one value of the answer as a whole;
 * where none holds, nobody knows what the answer means, and the error says what was found and what to write. Sinks over SOAP and HTTP share it.
 */
import { Type } from '@sinclair/typebox'
import { findPathProblems } from './codec/naming.ts'
import { type TreeNode, textsAt, toPath } from './codec/path.ts'
import { GatewayError, type Text } from './errors.ts'
import { parsePattern } from './pattern.ts'
import type { Confirmation, Verdict } from './verdict.ts'

export const verdictMeanings = ['accepted', 'duplicate', 'rejected', 'transient', 'unknown'] as const
export const confirmationMeanings = ['applied', 'absent', 'unknown'] as const

export interface AnswerRule<Over extends string = string, Means extends string = string> {
  /** Which part of the answer the paths begin in. */
  over: Over
  path: string
  equals?: string[]
  matches?: string
  means: Means
  codePath?: string
  textPath?: string
}

/** The parts of an answer by the names that `over` has for them; what could not be read, or is not there, is undefined. */
export type AnswerParts = Readonly<Record<string, TreeNode | undefined>>

/** A place that is told of when no rule holds, beside those of the rules. */
export interface AnswerPlace {
  over: string
  path: string
  /** It holds a sentence for people, and not a code. */
  isText?: boolean
}

export interface Judgement<Means extends string> {
  means: Means
  code: string
  text: string
}

/** No expression is tried on a longer value: what is meant to be told apart by one is short. */
const maxMatchedLength = 4096

/** Of a text of the target, what the books keep. */
const maxShownLength = 500

const groupNames = ['code', 'text']

const choice = <const Values extends readonly string[]>(values: Values, title: string, description: string) => ({
  type: 'string',
  enum: [...values],
  title,
  description,
})

const path = (title: string, description: string) => Type.String({ minLength: 1, title, description })

/** The schema of a list of rules. `parts`: what the adapter's answers consist of, the first by default, each explained. */
export const answerRulesOptions = <const Over extends string, const Means extends string>(
  parts: Readonly<Record<Over, Text>>,
  meanings: readonly Means[],
) => {
  const overs = Object.keys(parts) as Over[]
  const said = (language: keyof Text, colon: string, semicolon: string): string =>
    overs.map((over) => `${over}${colon}${parts[over][language]}`).join(semicolon)
  const rule = Type.Object(
    {
      over: Type.Unsafe<Over>({
        ...choice(overs, '在哪里 / Over', `${said('zh', '：', '；')}。 / ${said('en', ': ', '; ')}.`),
        default: overs[0],
      }),
      path: path(
        '路径 / Path',
        '所比较的值，须恰有一个；写法与映射相同。 / The value to compare, of which there must be exactly one; written as in mappings.',
      ),
      equals: Type.Optional(
        Type.Array(Type.String(), {
          minItems: 1,
          title: '等于 / Equals',
          description:
            '与其中之一完全相同（不计首尾空白）时成立。 / Holds when the value is one of these, blanks around it apart.',
        }),
      ),
      matches: Type.Optional(
        Type.String({
          minLength: 1,
          title: '匹配 / Matches',
          description:
            '代替 equals：整个值须匹配的正则表达式；命名分组 code、text 即给人看的代码与文字。 / In place of equals: a regular expression that the whole value must match; its named groups code and text are what a person is shown.',
        }),
      ),
      means: Type.Unsafe<Means>(
        choice(meanings, '含义 / Means', '规则成立时这个答复的含义。 / What the answer means when the rule holds.'),
      ),
      codePath: Type.Optional(
        path(
          '代码的路径 / Code path',
          '给人看的代码；不写则为所比较的值。 / The code that a person is shown; the compared value when absent.',
        ),
      ),
      textPath: Type.Optional(path('文字的路径 / Text path', '给人看的文字。 / The text that a person is shown.')),
    },
    { additionalProperties: false },
  )
  return Type.Array(rule, {
    minItems: 1,
    title: '规则 / Rules',
    description:
      '依次判断，第一条成立的规则说明答复的含义；都不成立则结果不明。 / In order, the first that holds says what the answer means; when none holds the outcome is unknown.',
  })
}

/** For `checkOptions`, over the rules at the option `at`. */
export const findAnswerRuleProblems = (at: string, rules: readonly AnswerRule[]): { path: string; expected: Text }[] =>
  rules.flatMap(({ path: place, codePath, textPath, equals, matches }, index) => {
    const option = `${at}/${index}`
    const found: Partial<ReturnType<typeof parsePattern>> = matches === undefined ? {} : parsePattern(matches)
    const stranger = found.pattern?.groups.find((name) => !groupNames.includes(name))
    return [
      ...findPathProblems(`${option}/path`, place),
      ...findPathProblems(`${option}/codePath`, codePath),
      ...findPathProblems(`${option}/textPath`, textPath),
      ...((equals === undefined) === (matches === undefined)
        ? [{ path: option, expected: { zh: 'equals 与 matches 恰好给出一个', en: 'exactly one of equals and matches' } }]
        : []),
      ...(found.problem ? [{ path: `${option}/matches`, expected: found.problem }] : []),
      ...(stranger === undefined
        ? []
        : [
            {
              path: `${option}/matches`,
              expected: {
                zh: `命名分组只有 code 与 text，没有“${stranger}”`,
                en: `named groups are code and text, not "${stranger}"`,
              },
            },
          ]),
    ]
  })

/** What looks like a code is told; anything else, long numbers included, may be of a person. */
const shown = (value: string, isText = false): Text => {
  if (isText) return { zh: `“${value.slice(0, maxShownLength)}”`, en: `"${value.slice(0, maxShownLength)}"` }
  if (/^[\w.:/ -]{0,60}$/.test(value) && !/\d{9}/.test(value)) return { zh: `“${value}”`, en: `"${value}"` }
  return { zh: `${value.length} 个字符`, en: `${value.length} characters` }
}

/** Contract: the rules have passed `findAnswerRuleProblems`. `also`: places that are told of when no rule holds. */
export const createJudge = <Means extends string>(
  rules: readonly AnswerRule<string, Means>[],
  also: readonly AnswerPlace[] = [],
) => {
  const valuesAt = (parts: AnswerParts, over: string, written: string): string[] => {
    const part = parts[over]
    return part === undefined ? [] : textsAt(part, toPath(written)).map((value) => value.trim())
  }
  const first = (parts: AnswerParts, over: string, written: string | undefined): string | undefined =>
    written === undefined ? undefined : valuesAt(parts, over, written)[0]

  const compiled = rules.map(({ over, path: place, equals, matches, means, codePath, textPath }) => {
    const pattern = matches === undefined ? undefined : parsePattern(matches).pattern
    return (parts: AnswerParts): Judgement<Means> | undefined => {
      const values = valuesAt(parts, over, place)
      const [value] = values
      if (value === undefined || values.length > 1) return undefined
      const groups = pattern && value.length <= maxMatchedLength ? pattern.groupsOf(value) : undefined
      if (!equals?.includes(value) && !groups) return undefined
      const code = groups?.['code'] ?? first(parts, over, codePath) ?? value
      const text = groups?.['text'] ?? first(parts, over, textPath) ?? ''
      return { means, code: code.slice(0, maxShownLength), text: text.slice(0, maxShownLength) }
    }
  })

  const places: AnswerPlace[] = [...rules, ...also]
  const isFirst = ({ over, path: place }: AnswerPlace, index: number): boolean =>
    places.findIndex((other) => other.over === over && other.path === place) === index

  /** What stands at the places that were looked at. */
  const found = (parts: AnswerParts): Text => {
    const told = places.filter(isFirst).flatMap(({ over, path: place, isText }): Text[] => {
      const values = valuesAt(parts, over, place)
      // Of what the rules do not ask for, only what is there is of use.
      if (values.length === 0 && !rules.some((rule) => rule.over === over && rule.path === place)) return []
      if (values.length !== 1)
        return [{ zh: `${over} 的 ${place} 处有 ${values.length} 个值`, en: `${over} holds ${values.length} values at ${place}` }]
      const value = shown(values[0]!, isText)
      return [{ zh: `${over} 的 ${place} 为${value.zh}`, en: `${place} of ${over} is ${value.en}` }]
    })
    return { zh: told.map(({ zh }) => zh).join('；'), en: told.map(({ en }) => en).join('; ') }
  }

  return {
    /** Undefined when no rule holds. */
    judge: (parts: AnswerParts): Judgement<Means> | undefined => {
      for (const rule of compiled) {
        const judgement = rule(parts)
        if (judgement) return judgement
      }
      return undefined
    },
    found,
  }
}

export type Judge<Means extends string> = ReturnType<typeof createJudge<Means>>

/** Who answered to what, for errors. */
export interface Asked {
  system: string
  write: string
}

const undecided = <Means extends string>({ found }: Judge<Means>, parts: AnswerParts, { system, write }: Asked): GatewayError =>
  GatewayError.of('DELIVERY_ANSWER_UNKNOWN', { system, write, found: found(parts) })

const failure = ({ system }: Asked, { code, text }: Judgement<string>): GatewayError =>
  GatewayError.of('SOURCE_FAULT', { system, code, reason: text })

/** The verdict on an answer. `unreadable`: why some part of it could not be read; it is told where no rule holds. */
export const verdictOn = (
  judge: Judge<(typeof verdictMeanings)[number]>,
  parts: AnswerParts,
  asked: Asked,
  unreadable?: GatewayError,
): Verdict => {
  const judgement = judge.judge(parts)
  if (!judgement) return { verdict: 'unknown', error: unreadable ?? undecided(judge, parts, asked) }
  const { means, code, text } = judgement
  if (means === 'transient' || means === 'unknown') return { verdict: means, error: failure(asked, judgement) }
  return { verdict: means, code, text }
}

/** The same for a question whether the target has an operation. */
export const confirmationOn = (
  judge: Judge<(typeof confirmationMeanings)[number]>,
  parts: AnswerParts,
  asked: Asked,
  unreadable?: GatewayError,
): Confirmation => {
  const judgement = judge.judge(parts)
  if (!judgement) return { confirmed: 'unknown', error: unreadable ?? undecided(judge, parts, asked) }
  const { means } = judgement
  return means === 'unknown' ? { confirmed: 'unknown', error: failure(asked, judgement) } : { confirmed: means }
}
