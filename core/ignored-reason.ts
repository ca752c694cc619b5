/** Why nothing was sent of a record, in words: the gateway's own reasons; a rule's reason is what the mapping says, and none of these. */

const reasons = {
  unchanged: '内容没有变化 / it says nothing new',
  stale: '后来的记录已有更新的内容 / a later record has said something newer',
  echo: '是平台自己下发的内容 / it is what the platform wrote itself',
  unexchanged: '交换表写明不交换 / the exchange table says that it is not exchanged',
}

const isWord = (reason: string): reason is keyof typeof reasons => Object.hasOwn(reasons, reason)

const superseded = /^superseded by record (\d+)$/
const discarded = /^discarded: (.*)$/s

/** Whether the gateway itself gives a reason in these words: a mapping that used them would be told as what it is not. */
export const isOwnReason = (reason: string): boolean => isWord(reason) || superseded.test(reason) || discarded.test(reason)

export const ignoredReason = (reason: string): string => {
  if (isWord(reason)) return reasons[reason]
  const newer = superseded.exec(reason)?.[1]
  if (newer !== undefined)
    return `来源给出了更新的一版，即记录 ${newer}，由它代替 / the source gave a newer version, record ${newer}, in its place`
  const why = discarded.exec(reason)?.[1]
  return why === undefined ? reason : `人员决定不报送：${why} / a person decided that it is not sent`
}
