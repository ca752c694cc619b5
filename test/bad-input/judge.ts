import { isDeepStrictEqual } from 'node:util'
import type { Case } from './case.ts'

/** What was found instead of what was expected; undefined when they are the same. */
export const failureOf = async (given: Case): Promise<{ expected: unknown; found: unknown } | undefined> => {
  const { expected } = given
  const found = await given.find().catch((error: unknown) => ({ thrown: String(error) }))
  return isDeepStrictEqual(found, expected) ? undefined : { expected, found }
}
