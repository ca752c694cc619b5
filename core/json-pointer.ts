import type { YamlPath } from './yaml.ts'

/** A name as one word of a JSON pointer (RFC 6901). */
export const pointerWord = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** A JSON pointer (RFC 6901) as a path, below `base`. */
export const pointerToPath = (pointer: string, base: YamlPath): YamlPath => [
  ...base,
  ...pointer
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
]
