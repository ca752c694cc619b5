import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { until } from '../temporary.ts'
import type { Part, PartMessage } from './attachments-part.ts'

const program = fileURLToPath(new URL('./attachments-part.js', import.meta.url))

export interface RunningPart {
  child: ChildProcess
  /** What it has told. */
  seen: PartMessage[]
  end(): void
}

/** Starts a part in a process of its own; resolves when it is ready. */
export const startPart = async (part: Part, folder: string, given = ''): Promise<RunningPart> => {
  const child = fork(program, [part, folder, given])
  const seen: PartMessage[] = []
  child.on('message', (message) => seen.push(message as PartMessage))
  await until(`${part} is ready`, () => seen.some((message) => 'ready' in message), 120_000)
  return { child, seen, end: () => void child.kill('SIGKILL') }
}
