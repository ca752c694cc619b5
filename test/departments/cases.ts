/** Synthetic cases from a seed: the same seed gives the same cases. Names are put together from word lists, identifiers are reserved ones. */

export type Outcome =
  | 'granted'
  | 'done'
  | 'denied'
  | 'refused'
  | 'voided'
  | 'deleted'
  | 'forwarded'
  | 'no-supplement'
  | 'withdrawn'
  | 'terminated'

interface Step<Kind extends string> {
  kind: Kind
  at: number
  by: string
}
interface Admission<Kind extends string> extends Step<Kind> {
  reason: string
}
interface Supplement<Kind extends string> extends Admission<Kind> {
  seq: number
  list: string
}
interface Opinion<Kind extends string> extends Step<Kind> {
  agrees: boolean
  opinion: string
}

export type Stage =
  | Admission<'accepted'>
  | Admission<'refused'>
  | Supplement<'supplement-requested'>
  | Supplement<'supplement-received'>
  | Opinion<'handled'>
  | Opinion<'reviewed'>
  | Opinion<'approved'>
  | { kind: 'closed'; at: number; outcome: Outcome; certificate?: { name: string; no: string }; reason: string }
  | { kind: 'collected'; at: number; who: string; how: 'window' | 'post' }

export interface Item {
  /** Basic code of 10 characters, with `00` the 12 of the national tables. */
  basic: string
  /** 31 characters: credit code of the body, level, item. */
  code: string
  name: string
  kind: 'instant' | 'promise'
  days: number
}

export interface Organisation {
  creditCode: string
  name: string
  items: Item[]
}

export interface DepartmentCase {
  no: string
  item: Item
  org: Organisation
  region: { code: string; name: string }
  applicant: { kind: 'person' | 'enterprise'; name: string; id: string }
  contact: string
  phone: string
  title: string
  channel: 'window' | 'online' | 'mobile'
  address: string
  receivedAt: number
  stages: Stage[]
  /** Only when asked for: what makes the record of its reception unusable. */
  bad?: 'unknown-code' | 'impossible-date'
}

export interface CaseOptions {
  seed: number
  count: number
  /** Letters that begin every case number. */
  prefix: string
  org: Organisation
  /** Closing outcomes in rotation beside `granted`. */
  outcomes: Outcome[]
  /** How many of the cases are bad; they are spread evenly. */
  bad?: number
}

const regions = (
  '150900 乌兰察布市 150902 集宁区 150921 卓资县 150922 化德县 150923 商都县 150924 兴和县 150925 凉城县 ' +
  '150926 察哈尔右翼前旗 150927 察哈尔右翼中旗 150928 察哈尔右翼后旗 150929 四子王旗 150981 丰镇市'
)
  .split(' ')
  .reduce<{ code: string; name: string }[]>((all, word, index, words) => {
    if (index % 2 === 0) all.push({ code: word, name: words[index + 1]! })
    return all
  }, [])

const surnames = [...'云岭溪禾松柏石岳江海']
const given = ['远山', '晓禾', '青岚', '一鸣', '清扬', '若川', '䶮', '𠮷', '望舒', '思齐']
const firstNames = ['巴特尔', '其其格', '娜仁', '苏和', '阿古拉', '萨仁']
const secondNames = ['额尔敦', '图雅', '毕力格', '高娃', '呼和', '托娅']
const trades = ['风力设备', '马铃薯种业', '皮毛加工', '物流', '奶制品', '石材', '文旅']
const citizenIds = ['150902188801010017', '150921188802290021', '150981188812310133']
const enterpriseIds = ['91150902PDY00001XY', '91150902PDY000028Y', '91150902PDY000036R']
const opinions = ['同意', '材料齐全，同意', '经审查符合条件，拟同意', '现场核查合格，同意', '无', '符合要求 <已核>&同意']
const materials = ['申请书', '营业执照复印件', '身份证明', '场地证明', '施工图审查合格书', '承诺书']

/** Mulberry32: small, fast and the same everywhere. */
const createRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const minute = 60_000
const hour = 60 * minute
const beijingOffset = 8 * hour
const firstDay = Date.UTC(2026, 2, 2) - beijingOffset

/** `yyyy-MM-dd HH:mm:ss` in Beijing. */
export const beijing = (at: number): string => new Date(at + beijingOffset).toISOString().slice(0, 19).replace('T', ' ')

/** Later by so many hours, and between 9:00 and 17:00 in Beijing. */
const later = (at: number, hours: number): number => {
  const then = at + hours * hour
  const local = (then + beijingOffset) % (24 * hour)
  if (local < 9 * hour) return then - local + 9 * hour
  return local > 17 * hour ? then - local + 33 * hour : then
}

const createCase = (options: CaseOptions, index: number, bad: DepartmentCase['bad']): DepartmentCase => {
  const random = createRandom(options.seed * 1_000_003 + index)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const person = (): string => (random() < 0.25 ? `${pick(firstNames)}·${pick(secondNames)}` : pick(surnames) + pick(given))
  const { org } = options
  const item = pick(org.items)
  const region = pick(regions)
  const isPerson = random() < 0.6
  const receivedAt = later(firstDay + (index % 11_000) * 11 * minute + Math.floor(random() * 50) * 1000, 9)
  const no = `${options.prefix}${region.code}${beijing(receivedAt).slice(0, 10).replaceAll('-', '')}${String(index).padStart(7, '0')}`
  const applicantName = isPerson ? person() : `${region.name}${pick(surnames)}${pick(given)}${pick(trades)}有限公司`

  // One case in three ends otherwise than granted; the outcomes take turns, so that each occurs.
  const outcome: Outcome = index % 3 === 2 ? options.outcomes[Math.floor(index / 3) % options.outcomes.length]! : 'granted'
  const stages: Stage[] = []
  let at = receivedAt
  const next = (hours: number): number => {
    at = later(at, hours * (0.5 + random()))
    return at
  }
  const supplement = random() < 0.25 || outcome === 'no-supplement'
  if (supplement) {
    const list = pick(materials)
    stages.push({ kind: 'supplement-requested', at: next(4), by: person(), seq: 1, list, reason: `缺少${list}` })
    if (outcome !== 'no-supplement')
      stages.push({ kind: 'supplement-received', at: next(30), by: person(), seq: 1, list, reason: '' })
  }
  if (outcome === 'refused') {
    stages.push({ kind: 'refused', at: next(3), by: person(), reason: pick(['不属于本机关职权范围', '申请人不具备申请资格']) })
  } else if (outcome === 'no-supplement') {
    stages.push({ kind: 'closed', at: next(120), outcome, reason: '逾期未补正' })
  } else {
    stages.push({ kind: 'accepted', at: next(3), by: person(), reason: '' })
    const agrees = outcome !== 'denied'
    const opinion = (): string => (agrees ? pick(opinions) : '不符合法定条件，不同意')
    if (item.kind === 'promise' && outcome !== 'withdrawn') {
      stages.push({ kind: 'handled', at: next(8), by: person(), agrees, opinion: opinion() })
      if (outcome !== 'forwarded') stages.push({ kind: 'reviewed', at: next(20), by: person(), agrees, opinion: opinion() })
    }
    if (['granted', 'done', 'denied'].includes(outcome)) {
      stages.push({ kind: 'approved', at: next(12), by: person(), agrees, opinion: opinion() })
    }
    const reasons: Partial<Record<Outcome, string>> = {
      denied: '不符合法定条件',
      voided: '申请材料作废',
      deleted: '测试数据，技术性删除',
      forwarded: '转报上级机关',
      withdrawn: '申请人撤回申请',
      terminated: '办理程序终止',
    }
    const certificate =
      outcome === 'granted' ? { name: `${item.name}证`, no: `蒙${options.prefix}字第${no.slice(-7)}号` } : undefined
    stages.push({ kind: 'closed', at: next(6), outcome, ...(certificate && { certificate }), reason: reasons[outcome] ?? '' })
    if (certificate && random() < 0.7) {
      stages.push({
        kind: 'collected',
        at: next(40),
        who: isPerson ? applicantName : person(),
        how: pick(['window', 'post'] as const),
      })
    }
  }

  return {
    no,
    item,
    org,
    region,
    applicant: { kind: isPerson ? 'person' : 'enterprise', name: applicantName, id: pick(isPerson ? citizenIds : enterpriseIds) },
    contact: isPerson ? applicantName : person(),
    phone: `0474-0000${String(index % 1000).padStart(3, '0')}`,
    title: `${applicantName}申请${item.name}`,
    channel: pick(['window', 'online', 'mobile'] as const),
    address:
      random() < 0.2 ? '暂无' : `${region.name}${pick(['草原路', '察哈尔大街', '霸王河路'])}${1 + Math.floor(random() * 200)}号`,
    receivedAt,
    stages,
    ...(bad && { bad }),
  }
}

export function* createCases(options: CaseOptions): Generator<DepartmentCase> {
  const { count, bad = 0 } = options
  for (let index = 0; index < count; index++) {
    const turn = Math.floor(((index + 1) * bad) / count)
    const isBad = turn > Math.floor((index * bad) / count)
    yield createCase(options, index, isBad ? (turn % 2 === 1 ? 'unknown-code' : 'impossible-date') : undefined)
  }
}

/** An organisation with its items; `names` are those of the items, the last one of which is decided on the spot. */
export const createOrganisation = (creditCode: string, name: string, profile: string, names: string[]): Organisation => ({
  creditCode,
  name,
  items: names.map((item, index) => {
    const basic = `${profile}${String(index + 1).padStart(4, '0')}`
    const instant = index === names.length - 1
    return { basic, code: `${creditCode}2${basic}00`, name: item, kind: instant ? 'instant' : 'promise', days: instant ? 1 : 20 }
  }),
})
