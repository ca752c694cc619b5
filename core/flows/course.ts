import type { CaseStatus } from '../canonical/index.ts'
import type { City, Seen } from './city.ts'
import { diverged } from './diverged.ts'

/** `up acceptance.decided refused`: direction, type, and what was decided. */
export const wordsOf = ({ direction, type, content, dataVersion }: Seen): string =>
  [direction, type, content['decision'] ?? content['outcome'], dataVersion > 1 ? `v${dataVersion}` : undefined]
    .filter((word) => word !== undefined)
    .join(' ')

/** Throws FLOW_DIVERGED unless a case of a system went this way, message by message, and stands at `status` with nothing held back. */
export const wentThrough = async (
  city: City,
  system: string,
  no: string,
  status: CaseStatus,
  course: string[],
): Promise<void> => {
  const went = city.seen.filter((one) => one.case === no && one.system === system).map(wordsOf)
  const { state } = await city.platform.store.caseHistory(`${system}/${no}`)
  const found = { status: state?.status, held: state?.held?.length ?? 0, course: went }
  const wanted = { status, held: 0, course }
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (a === b) return
  throw diverged(city.flow, { zh: `${system}/${no} 应为 ${b}，实为 ${a}`, en: `${system}/${no} was to be ${b}, and is ${a}` })
}
