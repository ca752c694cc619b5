import { userInfo } from 'node:os'
import { InvalidArgumentError } from 'commander'

export const toRecordNumber = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('须为记录编号 / must be the number of a record')
  return Number(text)
}

/** Who decided, as the quarantine keeps it: the user's name, or the uid where the system knows no name for it (containers). */
export const operatorName = (): string => {
  try {
    return userInfo().username
  } catch (error) {
    const uid = process.getuid?.()
    if (uid === undefined) throw error
    return `uid ${uid}`
  }
}
