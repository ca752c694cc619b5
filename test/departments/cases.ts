/** Synthetic cases from a seed: the same seed gives the same cases. Names are put together from word lists, identifiers are reserved ones. */
import { createCourse, type Draw } from './course.ts'
import { beijing, type DepartmentCase, later, type Organisation, type Outcome } from './department-case.ts'

export * from './department-case.ts'

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
const firstDay = Date.UTC(2026, 2, 1, 16)

const createDraw = (seed: number): Draw => {
  const random = createRandom(seed)
  const pick: Draw['pick'] = (from) => from[Math.floor(random() * from.length)]!
  const person = (): string => (random() < 0.25 ? `${pick(firstNames)}·${pick(secondNames)}` : pick(surnames) + pick(given))
  return { random, pick, person }
}

/** Of each 25 cases one is recorded out of order, one corrected, one sent back by the platform. */
const rareTurn = 25

const createCase = (options: CaseOptions, index: number, bad: DepartmentCase['bad']): DepartmentCase => {
  const draw = createDraw(options.seed * 1_000_003 + index)
  const { random, pick, person } = draw
  const { org } = options
  const item = pick(org.items)
  const region = pick(regions)
  const isPerson = random() < 0.6
  const receivedAt = later(firstDay + (index % 11_000) * 11 * minute + Math.floor(random() * 50) * 1000, 9)
  const no = `${options.prefix}${region.code}${beijing(receivedAt).slice(0, 10).replaceAll('-', '')}${String(index).padStart(7, '0')}`
  const name = isPerson ? person() : `${region.name}${pick(surnames)}${pick(given)}${pick(trades)}有限公司`
  // One case in three ends otherwise than granted; the outcomes take turns, so that each occurs.
  const outcome: Outcome = index % 3 === 2 ? options.outcomes[Math.floor(index / 3) % options.outcomes.length]! : 'granted'
  const channel = pick(['window', 'online', 'mobile'] as const)
  const rare = index % rareTurn
  const certificate = { name: `${item.name}证`, no: `蒙${options.prefix}字第${no.slice(-7)}号` }
  const applicant = { kind: isPerson ? ('person' as const) : ('enterprise' as const), name }
  const stages = createCourse({
    draw,
    item,
    outcome,
    receivedAt,
    applicant,
    certificate,
    isPrereviewed: channel !== 'window' && random() < 0.5,
    isRecordedLate: rare === 7,
  })
  const last = stages.at(-1)?.at ?? receivedAt
  const title = `${name}申请${item.name}`
  return {
    no,
    item,
    org,
    region,
    applicant: { ...applicant, id: pick(isPerson ? citizenIds : enterpriseIds) },
    contact: isPerson ? name : person(),
    phone: `0474-0000${String(index % 1000).padStart(3, '0')}`,
    title,
    channel,
    address:
      random() < 0.2 ? '暂无' : `${region.name}${pick(['草原路', '察哈尔大街', '霸王河路'])}${1 + Math.floor(random() * 200)}号`,
    receivedAt,
    materials: ['申请书', '身份证明'],
    stages,
    ...(rare === 13 && { correction: { at: later(last, 2), title: `${title}（更正）` } }),
    ...(rare === 19 && { rejection: { at: later(last, 20), text: '事项编码在事项库中不存在' } }),
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
