/** Programs of this project in processes of their own, as they run in an installation. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../core/package-root.ts'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  /** What it printed. */
  said: string
}

/** An open file that takes the standard error of all programs. */
export interface Log {
  file: string
  fd: number
}

const running = new Map<ChildProcess, Log>()

/** Those that write to this log. */
export const killRunning = (log: Log): void => {
  for (const [child, of] of running) if (of === log) child.kill('SIGKILL')
}

export const startProgram = (script: string, args: string[], log: Log) => {
  const child = spawn(process.execPath, [join(packageRoot, 'dist', script), ...args], {
    stdio: ['ignore', 'pipe', log.fd, 'ipc'],
  })
  running.set(child, log)
  child.once('close', () => running.delete(child))
  let said = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, said }))
  })
  return {
    ended,
    kill: (signal: NodeJS.Signals): void => void child.kill(signal),
    tell: (message: number): void => {
      if (child.connected) child.send(message)
    },
  }
}

export type Program = ReturnType<typeof startProgram>

export const endedByItself = (program: string, { code, signal }: Ended, log: Log): Error =>
  new Error(`${program} ended by itself (${signal ?? code}):\n${readFileSync(log.file, 'utf8').slice(-4000)}`)
