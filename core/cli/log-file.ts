import { mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { GatewayError } from '../errors.ts'
import { systemReason } from '../system-reason.ts'

/**
 * Appends lines to a file, each written when `write` returns. Never throws for the world's doing: a gateway does not end because its log
 * is full. `onFailed` is called once for each time that the disk stops taking lines, `onResumed` with how many were lost when it
 * takes them again. Throws LOG_UNWRITABLE when the file cannot be opened.
 */
export const openLogFile = (
  file: string,
  { onFailed, onResumed }: { onFailed(error: GatewayError): void; onResumed(lost: number): void },
): { write(line: string): void } => {
  const unwritable = (cause: unknown) => GatewayError.of('LOG_UNWRITABLE', { file, reason: systemReason(cause) }, { cause })
  let descriptor: number
  try {
    mkdirSync(dirname(file), { recursive: true })
    descriptor = openSync(file, 'a')
  } catch (cause) {
    throw unwritable(cause)
  }
  let lost = 0
  // A full disk may take half a line: the next one that goes in begins on a line of its own.
  let isTorn = false

  const append = (line: string): void => {
    const bytes = Buffer.from(isTorn ? `\n${line}` : line)
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(descriptor, bytes, written)
    } catch (error) {
      isTorn ||= written > 0
      throw error
    }
    isTorn = false
  }

  return {
    write: (line) => {
      try {
        append(line)
      } catch (cause) {
        lost += 1
        if (lost === 1) onFailed(unwritable(cause))
        return
      }
      if (lost === 0) return
      const missing = lost
      lost = 0
      onResumed(missing)
    },
  }
}
