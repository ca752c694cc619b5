/** IP addresses and networks. */
import { BlockList, isIP } from 'node:net'

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Undefined when one of them is neither an address nor a network in CIDR notation. */
export const toBlockList = (addresses: readonly string[]): BlockList | undefined => {
  const list = new BlockList()
  for (const written of addresses) {
    const [address = '', prefix, ...more] = written.split('/')
    const longest = isIP(address) === 6 ? 128 : 32
    if (isIP(address) === 0 || more.length > 0) return undefined
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) return undefined
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return list
}

/** An IPv4 address that came in through a socket of IPv6 is the address itself. */
export const plainAddress = (remote: string): string => remote.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')

export const isIn = (list: BlockList, remote: string): boolean => isIP(remote) > 0 && list.check(remote, familyOf(remote))
