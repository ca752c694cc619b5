/** What the schema cannot express. */
import { BlockList, isIP } from 'node:net'
import {
  elementPath,
  findNamingProblems,
  findPathProblems,
  findReferencePathProblems,
  isCharset,
  type Text,
} from '../../core/contract.ts'
import { toBlockList } from './addresses.ts'
import type { HttpOptions, StreamOptions } from './options.ts'

type Problem = { path: string; expected: Text }

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

const isLoopback = (host: string): boolean => loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')

const collect = () => {
  const problems: Problem[] = []
  return {
    problems,
    require: (holds: boolean, path: string, zh: string, en: string): void => {
      if (!holds) problems.push({ path, expected: { zh, en } })
    },
  }
}

const attachmentProblems = ({ format, soap, attachments }: StreamOptions): Problem[] => {
  const { problems, require } = collect()
  if (!attachments) return problems
  for (const [index, path] of attachments.paths.entries())
    problems.push(...findReferencePathProblems(`/attachments/paths/${index}`, path))
  require(format !== 'soap' ||
    [undefined, 'base64'].includes(attachments.holds), '/attachments/holds', 'soap 只有 base64', 'soap knows base64 only')
  require(soap?.kind !== 'xml-string' ||
    new RegExp(elementPath).test(
      soap.part,
    ), '/soap/part', '有 attachments 时须为只由名称组成的路径', 'with attachments it must be a path of plain names')
  return problems
}

const streamProblems = (options: StreamOptions): Problem[] => {
  const { format, records, stream, key, charset, soap } = options
  const { problems, require } = collect()
  problems.push(...findNamingProblems({ stream, key }), ...findPathProblems('/soap/part', soap?.part))
  problems.push(...attachmentProblems(options))
  const isPath = format === 'json' ? /^\// : new RegExp(elementPath)
  require(records === undefined ||
    isPath.test(
      records,
    ), '/records', 'json 须为以 / 开头的 JSON Pointer，xml 与 soap 须为元素路径', 'json needs a JSON pointer, which begins with /, xml and soap an element path')
  require(format !== 'json' || !stream.includes('{element}'), '/stream', '{element} 不用于 json', '{element} is not for json')
  require(isCharset(charset), '/charset', '已知的编码，如 utf-8、gb18030、gbk', 'a known charset, such as utf-8, gb18030 or gbk')
  require(format !== 'soap' || soap !== undefined, '/soap', 'format 为 soap 时必填', 'format soap needs it')
  require(format === 'soap' || soap === undefined, '/soap', '只用于 format: soap', 'it is for format: soap only')
  require(soap?.kind !== 'typed' ||
    soap.reply.failed === undefined, '/soap/reply/failed', '只用于 kind: xml-string', 'it is for kind: xml-string only')
  return problems
}

export const checkHttpOptions = (options: HttpOptions): Problem[] => {
  const { listen, tls, tokens, addresses, streams } = options
  const { problems, require } = collect()
  const isAddress = isIP(listen.host) > 0
  require(isAddress, '/listen/host', '本机的一个 IP 地址，如 127.0.0.1', 'an IP address of this machine, such as 127.0.0.1')
  const isLocal = !isAddress || isLoopback(listen.host)
  require(isLocal ||
    tls !== undefined ||
    listen.allowPlaintext, '/tls', '监听本机以外的地址须用 TLS，或写明 listen.allowPlaintext: true', 'an address other than the local one needs TLS, or listen.allowPlaintext: true')
  require(isLocal ||
    tokens !== undefined ||
    addresses !== undefined ||
    tls?.clientCa !== undefined ||
    listen.openToEveryone, '/tokens', '监听本机以外的地址须有 tokens、addresses 或 tls.clientCa，或写明 listen.openToEveryone: true', 'an address other than the local one needs tokens, addresses or tls.clientCa, or listen.openToEveryone: true')
  require(tls?.clientNames === undefined ||
    tls.clientCa !== undefined, '/tls/clientCa', '有 clientNames 时必填', 'clientNames need it')
  for (const [index, address] of (addresses ?? []).entries()) {
    require(toBlockList([address]) !==
      undefined, `/addresses/${index}`, 'IP 地址或网段，如 10.15.0.0/16', 'an IP address or a network, such as 10.15.0.0/16')
  }
  require(options.maxHeldBytes >= options.maxBodyBytes, '/maxHeldBytes', '不得小于 maxBodyBytes', 'must be at least maxBodyBytes')
  for (const [index, stream] of streams.entries()) {
    problems.push(...streamProblems(stream).map(({ path, expected }) => ({ path: `/streams/${index}${path}`, expected })))
    require(streams.findIndex(({ path }) => path === stream.path) ===
      index, `/streams/${index}/path`, '每个路径只能有一个流', 'each path has one stream only')
  }
  return problems
}
