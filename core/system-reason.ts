import type { Text } from './errors.ts'

/** What the operating system, the network and SQLite say by a code, as a sentence. */
const sentences: Record<string, [zh: string, en: string]> = {
  ENOENT: ['文件或文件夹不存在', 'no such file or folder'],
  EACCES: ['没有权限', 'permission denied'],
  EPERM: ['没有权限', 'permission denied'],
  EISDIR: ['它是文件夹，不是文件', 'it is a folder, not a file'],
  ENOTDIR: ['路径中有一段不是文件夹', 'a part of the path is no folder'],
  EEXIST: ['它已经存在', 'it exists already'],
  ENOSPC: ['磁盘已满', 'the disk is full'],
  EDQUOT: ['磁盘配额已用完', 'the disk quota is used up'],
  EROFS: ['磁盘是只读的', 'the disk is read-only'],
  EMFILE: ['打开的文件过多', 'too many files are open'],
  EIO: ['磁盘读写出错', 'the disk fails to read or write'],
  ELOOP: ['符号链接成环', 'symbolic links form a loop'],
  EADDRINUSE: ['该端口已被另一个程序占用', 'another program uses the port'],
  EADDRNOTAVAIL: ['本机没有这个地址', 'this machine does not have the address'],
  ECONNREFUSED: ['该地址和端口没有程序接受连接', 'nothing accepts connections at this address and port'],
  ECONNRESET: ['连接被对方断开', 'the other side broke the connection'],
  EPIPE: ['连接被对方断开', 'the other side broke the connection'],
  ENOTFOUND: ['主机名解析不到地址', 'the host name has no address'],
  EAI_AGAIN: ['域名服务器没有答复', 'the name server does not answer'],
  ETIMEDOUT: ['连接超时', 'the connection timed out'],
  EHOSTUNREACH: ['网络到不了该主机', 'the network does not reach the host'],
  ENETUNREACH: ['网络不通', 'the network is unreachable'],
  SQLITE_FULL: ['磁盘已满', 'the disk is full'],
  SQLITE_READONLY: ['文件是只读的', 'the file is read-only'],
  SQLITE_IOERR: ['磁盘读写出错', 'the disk fails to read or write'],
  SQLITE_BUSY: ['文件被另一个程序锁住', 'another program holds a lock on the file'],
  SQLITE_LOCKED: ['文件被另一个程序锁住', 'another program holds a lock on the file'],
  SQLITE_CANTOPEN: ['文件打不开', 'the file cannot be opened'],
  SQLITE_CORRUPT: ['文件已损坏', 'the file is damaged'],
  SQLITE_NOTADB: ['它不是 SQLite 数据库文件', 'it is no SQLite database file'],
}

/**
 * What the system said, in both languages, with its code for whoever looks it up; never a path of the machine. Where the code is unknown its own
 * words are repeated.
 */
export const systemReason = (cause: unknown): Text => {
  const { code, message } = (typeof cause === 'object' && cause !== null ? cause : {}) as { code?: unknown; message?: unknown }
  const said = typeof code === 'string' ? code : ''
  const known = Object.keys(sentences).find(
    (name) => said === name || (name.startsWith('SQLITE_') && said.startsWith(`${name}_`)),
  )
  if (known) return { zh: `${sentences[known]![0]}（${said}）`, en: `${sentences[known]![1]} (${said})` }
  const other = [said, typeof message === 'string' ? message : String(cause)].filter(Boolean).join(' ')
  return { zh: `系统报告“${other}”`, en: `the system says "${other}"` }
}
