#!/usr/bin/env node
import { CommanderError } from 'commander'
import { toGatewayError } from '../errors.ts'
import { keepHeapSmall } from './heap.ts'
import { type ExitCode, formatError } from './io.ts'
import { createProgram } from './program.ts'

keepHeapSmall()

const interruption = new AbortController()
const interrupt = () => {
  if (interruption.signal.aborted) process.exit(130)
  interruption.abort()
}
process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)

// Whoever reads the output may end before we do: `status | head -1`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const write = (stream: NodeJS.WriteStream) => (text: string) => void stream.write(`${text}\n`)

const program = createProgram({
  out: write(process.stdout),
  err: write(process.stderr),
  env: process.env,
  interrupted: interruption.signal,
  exit: (code: ExitCode) => {
    process.exitCode = code
  },
})

program.parseAsync().catch((thrown: unknown) => {
  // Commander has already said it; `exit` was set when it was a mistake.
  if (thrown instanceof CommanderError) return
  const error = toGatewayError(thrown)
  process.stderr.write(`${formatError(error)}\n`)
  if (error.code === 'UNEXPECTED' && process.env['QIANZHI_DEBUG']) process.stderr.write(`${(thrown as Error).stack}\n`)
  process.exitCode = error.code === 'COMMAND_USAGE' ? 2 : 3
})
