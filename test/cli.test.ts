import { CommanderError } from 'commander'
import t from 'tap'
import { createProgram } from '../core/cli/program.ts'

const complaintOf = async (...words: string[]) => {
  const said: string[] = []
  const codes: number[] = []
  const program = createProgram({
    out: (text) => said.push(text),
    err: (text) => said.push(text),
    env: {},
    interrupted: new AbortController().signal,
    exit: (code) => codes.push(code),
  })
  await program.parseAsync(words, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error
  })
  return { said: said.join('\n'), codes }
}

t.test('wrong use is told in Chinese first, with what was probably meant, and ends with 2', async (t) => {
  t.match(await complaintOf('lnit'), {
    said: /^用法有误 \/ wrong use: unknown command 'lnit'\n\(Did you mean lint\?\)$/,
    codes: [2],
  })
  t.match(await complaintOf('lint', '--prob'), { said: /^用法有误 \/ wrong use: unknown option '--prob'/, codes: [2] })
  t.match(await complaintOf('quarantine', 'replay', '--config'), {
    said: /^用法有误 \/ wrong use: .*argument missing$/,
    codes: [2],
  })
})
