import { createHash } from 'node:crypto'

/** A whole number from 0 up to but not including `below`. */
export type Random = (below: number) => number

/** The same seed and name give the same numbers. */
export const createRandom = (seed: number, name: string): Random => {
  let count = 0
  return (below) => createHash('sha256').update(`${seed} ${name} ${count++}`).digest().readUInt32LE() % below
}
