/** The programs that this one has started, and theirs: a run that is stopped half-way leaves none of them behind. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

/** Behind the name, which may hold anything: `(node) S 4711 …`. */
const parentOf = (pid: string): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    // It has ended meanwhile.
    return undefined
  }
}

const childrenOf = (parents: ReadonlySet<number>): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parents.has(parentOf(name) ?? 0))
    .map(Number)

/** Kills them all, parents first: none of them is started again. */
export const killDescendants = (): void => {
  const found: number[] = []
  for (let young = childrenOf(new Set([process.pid])); young.length > 0; young = childrenOf(new Set(young))) found.push(...young)
  for (const pid of found) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}
