/**
 * The partition of a lane, the same for ever: 32-bit FNV-1a over the UTF-16 code units of the lane, low byte first,
 * folded to 16 bits (the low bits of FNV alone mix poorly), modulo the number of partitions.
 */
export const partitionOf = (lane: string, partitions: number): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < lane.length; at++) {
    const unit = lane.charCodeAt(at)
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
  }
  return ((hash ^ (hash >>> 16)) & 0xffff) % partitions
}
