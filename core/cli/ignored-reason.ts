/** Why nothing was sent of a record, in words: the gateway's own reasons; a rule's reason is what the mapping says. */

const reasons: Record<string, string> = {
  unchanged: '内容没有变化 / it says nothing new',
  stale: '后来的记录已有更新的内容 / a later record has said something newer',
  echo: '是平台自己下发的内容 / it is what the platform wrote itself',
  unexchanged: '交换表写明不交换 / the exchange table says that it is not exchanged',
}

export const ignoredReason = (reason: string): string => reasons[reason] ?? reason
