/** Why nothing was sent of a record, in words: the gateway's own reasons; a rule's reason is what the mapping says, and none of these. */

const reasons = {
  unchanged: '内容没有变化 / it says nothing new',
  stale: '后来的记录已有更新的内容 / a later record has said something newer',
  echo: '是平台自己下发的内容 / it is what the platform wrote itself',
  unexchanged: '交换表写明不交换 / the exchange table says that it is not exchanged',
}

/** Whether the gateway itself gives a reason by this word: a mapping that used it would be told as what it is not. */
export const isOwnReason = (reason: string): reason is keyof typeof reasons => Object.hasOwn(reasons, reason)

export const ignoredReason = (reason: string): string => (isOwnReason(reason) ? reasons[reason] : reason)
