import { parsePattern } from '../pattern.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, problem } from './compile-context.ts'

/** A test whether a text matches as a whole; undefined, with the problem told, for what is no expression. */
export const compilePattern = (
  context: CompileContext,
  written: unknown,
  path: YamlPath,
): ((text: string) => boolean) | undefined => {
  const { pattern, problem: reason } = parsePattern(String(written))
  if (reason) problem(context, path, reason)
  return pattern?.matches
}

/** A text as a pattern of itself. */
export const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
