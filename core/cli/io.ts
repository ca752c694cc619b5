import { beijingTime } from '../clock.ts'
import type { GatewayError } from '../errors.ts'

/** What a command may touch of the process, so that tests can hold it. */
export interface Io {
  out(text: string): void
  err(text: string): void
  env: NodeJS.ProcessEnv
  /** Aborts on Ctrl-C and SIGTERM; a second one ends the process at once. */
  interrupted: AbortSignal
  /** Set instead of `process.exit`, so that what is in the pipes still gets out. */
  exit(code: ExitCode): void
}

/** 0: done. 1: it ran and found something that is not in order. 2: wrong use. 3: it could not run. */
export type ExitCode = 0 | 1 | 2 | 3

/** An error as a person reads it: Chinese, English, the next step. */
export const formatError = (error: GatewayError): string =>
  `${error.code}\n  ${error.text.zh}\n  ${error.text.en}\n  → ${error.hint.zh}\n  → ${error.hint.en}`

export const errorToJson = (error: GatewayError) => ({
  code: error.code,
  zh: error.text.zh,
  en: error.text.en,
  hintZh: error.hint.zh,
  hintEn: error.hint.en,
  values: error.values,
})

/** Columns for a terminal: Chinese characters are two wide. */
const width = (text: string): number =>
  [...text].reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u.test(character) ? 2 : 1),
    0,
  )

export const table = (header: string[], rows: (string | number)[][]): string => {
  const lines = [header, ...rows.map((row) => row.map(String))]
  const widths = header.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + ' '.repeat(widths[column]! - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Bytes as people say them. */
export const shownSize = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${(bytes / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`
}

/** Beijing time to the second, as in the books. */
export const shownTime = (at: number): string => beijingTime(at).replace('T', ' ')
