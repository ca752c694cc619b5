/** The rules of supervision as the city writes them: thresholds differ from city to city, so they are data. */
import { type Static, Type } from '@sinclair/typebox'
import { codesOf } from '../canonical/index.ts'
import { strict } from '../config/sections.ts'

const choice = <T extends string>(values: readonly T[], title: string, description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], title, description })

export const stageClocks = ['reception', 'acceptance', 'review', 'approval', 'issuance'] as const

const limit = Type.Object(
  {
    amount: Type.Integer({ title: '时限 / Amount', description: '数量。 / The amount.', minimum: 0, maximum: 100_000 }),
    unit: choice(codesOf('timeUnit'), '单位 / Unit', '时限单位。 / Unit of time.'),
  },
  strict,
)

const days = (title: string, description: string, minimum: number) =>
  Type.Object({ [title]: Type.Integer({ title, description, minimum, maximum: 10_000 }) }, strict)

const threshold = Type.Unsafe<Threshold>({
  anyOf: [
    days('percent', '已用时限达到的百分比。 / Share of the limit that is used, in percent.', 1),
    days('left', '剩余天数不多于此数。 / So many days are left, or fewer.', 0),
    days('over', '超过的天数达到此数；1 即已超期。 / So many days over; 1 is over at all.', 1),
  ],
  title: '何时 / When',
  description:
    '写成 {percent: 90}、{left: 1} 或 {over: 1}，三者取其一；天数按时限的单位（工作日或自然日）。 / Write {percent: 90}, {left: 1} or {over: 1}; days are those of the limit, working or calendar.',
})

const rule = Type.Object(
  {
    no: Type.String({
      title: '编号 / Number',
      description: '1 到 20 个字母、数字、连字符。 / 1 to 20 letters, digits and hyphens.',
      pattern: '^[A-Za-z0-9-]{1,20}$',
    }),
    title: Type.String({ title: '名称 / Title', description: '给人看的名称。 / For people.', minLength: 1, maxLength: 200 }),
    scope: choice(
      ['case', 'stage', 'upward', 'refusal'],
      '范围 / Scope',
      'case 整件，stage 环节，upward 上报件的审核，refusal 无理由的不利决定。 / case: the whole; stage: its stages; upward: the review of what was forwarded; refusal: a negative decision without its reason.',
    ),
    stages: Type.Optional(
      Type.Array(choice(stageClocks, '环节 / Stage', '审批环节。 / A stage.'), {
        minItems: 1,
        title: '环节 / Stages',
        description: 'scope 为 stage 时：哪些环节，不写则全部。 / With scope stage: which of them; all when absent.',
      }),
    ),
    colour: choice(codesOf('alertColour'), '级别 / Colour', 'reminder 提醒、yellow 黄牌、red 红牌。 / What is raised.'),
    when: Type.Optional(threshold),
  },
  strict,
)

export const rulesSchema = Type.Object(
  {
    version: Type.String({
      title: '版本 / Version',
      description: '1 到 50 个字符；内容改了就换一个。 / 1 to 50 characters; another one whenever its content changes.',
      minLength: 1,
      maxLength: 50,
    }),
    notice: Type.String({ title: '依据 / Notice', description: '所依据的文件。 / What they are taken from.', minLength: 1 }),
    limits: Type.Partial(
      Type.Object(
        { reception: limit, acceptance: limit, review: limit, approval: limit, issuance: limit, upward: limit },
        {
          ...strict,
          title: '环节时限 / Limits',
          description: '事项目录没有写时，各环节的法定时限。 / Limits of the stages by law, where the catalogue has none.',
        },
      ),
      { default: {} },
    ),
    excluded: Type.Array(choice(codesOf('specialKind'), '种类 / Kind', '特别程序种类。 / Kind of special procedure.'), {
      title: '不计时的特别程序 / Excluded',
      description:
        '来源没有说明是否计时的，这些种类不计入时限；延长审批总是把时限加长。 / Kinds whose time does not count where the source does not say; an extension always lengthens the limit.',
      default: [],
    }),
    backfillDays: Type.Integer({
      title: '补录天数 / Backfill',
      description: '发生后超过这么多天才登记的算补录。 / Recorded more days than this after it happened is entered late.',
      default: 1,
      minimum: 0,
      maximum: 3650,
    }),
    rules: Type.Array(rule, { minItems: 1, title: '规则 / Rules' }),
  },
  { ...strict, title: 'rules.yaml' },
)

export type SupervisionRules = Static<typeof rulesSchema>
export type SupervisionRule = SupervisionRules['rules'][number]
export type Threshold = { percent: number } | { left: number } | { over: number }
