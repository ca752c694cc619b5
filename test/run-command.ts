import { createProgram } from '../core/cli/program.ts'

/** A command as a person types it: what it printed, the exit codes that it asked for, and what it threw. */
export const runCommand = async (...words: string[]) => {
  const [out, err]: [string[], string[]] = [[], []]
  const codes: number[] = []
  const program = createProgram({
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    interrupted: new AbortController().signal,
    exit: (code) => codes.push(code),
  })
  const error = await program.parseAsync(words, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { out: out.join('\n'), err: err.join('\n'), codes, error }
}
