/** A name as one word of a JSON pointer (RFC 6901). */
export const pointerWord = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
