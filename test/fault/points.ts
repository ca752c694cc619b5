import type { Random } from './random.ts'

/**
 * Where on the data path the gateway is killed, in the order of the path.
 *
 * - started:    it has opened its store and freed what its predecessor had claimed
 * - reading:    it holds a batch of which nothing is stored
 * - committing: inside the transaction of a batch, some of its messages written
 * - syncing:    inside a COMMIT, by a thread that does not wait for it
 * - synced:     a COMMIT of whatever kind has just returned
 * - stored:     the batch is on disk, the source's rows are not yet marked as taken
 * - claimed:    messages are claimed on disk, none is sent
 * - publishing: messages are on their way to the broker
 * - answered:   the broker has confirmed, nothing of it is stored
 * - settling:   inside the transaction that stores the confirms
 * - confirmed:  the confirms are on disk
 * - anytime:    whatever it does: `qianzhi run` itself, killed from outside
 */
export const points = [
  'started',
  'reading',
  'committing',
  'syncing',
  'synced',
  'stored',
  'claimed',
  'publishing',
  'answered',
  'settling',
  'confirmed',
  'anytime',
] as const

export type Point = (typeof points)[number]

/**
 * The same of the way down.
 *
 * - accepting: inside the transaction that takes messages into the inbox
 * - accepted:  they are on disk, the broker does not know it yet
 * - claiming:  inside the transaction that claims messages and stores what is to be written
 * - settled:   what became of one is on disk
 */
export const downPoints = ['started', 'accepting', 'accepted', 'claiming', 'syncing', 'synced', 'settled', 'anytime'] as const

export type DownPoint = (typeof downPoints)[number]

/**
 * Those of the lane of attachments, at the gateway. Down:
 *
 * - chunks:   chunks are on disk, and so is that they are; the broker does not know it yet
 * - arriving: inside the transaction that says that a content is whole
 * - handing:  a content is being handed to the target
 */
export const laneDownPoints = ['chunks', 'arriving', 'handing'] as const

/**
 * And up, with `committing` and `stored` between:
 *
 * - writing:    a content is coming, a piece of it is being written
 * - keeping:    inside the transaction that keeps a content, whose file has its name already
 * - confirming: inside the one that stores how much of a content the broker has, while that is not all
 * - finishing:  inside the one that stores that it has all
 * - verified:   inside the one that stores that the platform has it
 */
export const laneUpPoints = ['writing', 'keeping', 'committing', 'stored', 'confirming', 'finishing', 'verified'] as const

export type LanePoint = (typeof laneDownPoints)[number] | (typeof laneUpPoints)[number]

/**
 * Where the platform is killed.
 *
 * - carried:  it is on disk how much of a content the broker has, on the way down
 * - placed:   a content is whole and has its name; the store knows nothing of it
 * - recorded: chunks are on disk, and so is that they are; neither the broker nor the gateway knows it
 */
export type PlatformPoint = 'carried' | 'placed' | 'recorded'

export interface Plan<P = Point> {
  point: P
  /** At its so-manieth occurrence. */
  nth: number
  /** So many turns of the event loop later. */
  turns: number
  /** For `syncing`: so many microseconds after the last statement; for `anytime`, after the start. */
  afterUs: number
}

const planOf = <P extends string>(point: P, random: Random): Plan<P> => ({
  point,
  nth:
    {
      started: 1,
      committing: 1 + random(40),
      syncing: 1 + random(40),
      synced: 1 + random(40),
      publishing: 1 + random(60),
      settling: 1 + random(40),
      accepting: 1 + random(60),
      claiming: 1 + random(60),
      settled: 1 + random(60),
    }[point as string] ?? 1 + random(6),
  turns: point === 'stored' || point === 'publishing' ? random(6) : 0,
  afterUs: point === 'syncing' ? random(250) : 100_000 + random(1_500_000),
})

/** Every point in turn, each turn in another order. */
const plansAt = <P extends string>(all: readonly P[], kills: number, random: Random): Plan<P>[] => {
  const plans: Plan<P>[] = []
  while (plans.length < kills) {
    const turn = [...all]
    while (turn.length > 0) plans.push(planOf(turn.splice(random(turn.length), 1)[0]!, random))
  }
  return plans.slice(0, kills)
}

export const plansOf = (kills: number, random: Random): Plan[] => plansAt(points, kills, random)
export const downPlansOf = (kills: number, random: Random): Plan<DownPoint>[] => plansAt(downPoints, kills, random)

/** How many occurrences of a point are among those that a plan may take. */
const most: Partial<Record<LanePoint | PlatformPoint, number>> = {
  chunks: 3,
  writing: 12,
  keeping: 5,
  confirming: 1,
  recorded: 3,
}

/** Of the lane of attachments. It dies at the point itself, or just behind it. */
export const lanePlanOf = <P extends LanePoint | PlatformPoint>(point: P, random: Random): Plan<P> => ({
  point,
  nth: 1 + random(most[point] ?? 2),
  turns: random(2) * random(4),
  afterUs: 0,
})
