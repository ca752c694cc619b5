/** JSON pointers into a draft (RFC 6901). */

/** The same with `*` for the number of each list entry. */
export const general = (pointer: string): string => pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*')

/** Whether a pointer is the field that is asked about, or one that it holds. */
export const isAbout = (asked: string, pointer: string): boolean => pointer === asked || pointer.startsWith(`${asked}/`)
