/** Which files are there and complete, and where they go. Plain polling: change notices do not cross network mounts. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, lstat, mkdir, readdir, rename as renameFile, stat } from 'node:fs/promises'
import { dirname, join, parse, resolve } from 'node:path'
import type { AdapterContext } from '../../core/contract.ts'
import { GatewayError } from '../../core/contract.ts'
import type { FileOptions } from './options.ts'
import { errnoOf, troubleWith } from './trouble.ts'

export interface FoundFile {
  name: string
  path: string
  size: number
  mtimeMs: number
}

/** A glob as the option `pattern` has it. */
export const toPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.')}$`,
    'iu',
  )

export const openDropFolder = (options: FileOptions, { system, baseFolder, wait }: AdapterContext) => {
  const folder = resolve(baseFolder, options.folder)
  const pattern = toPattern(options.pattern)
  const inside = (name: string): string => resolve(folder, name)
  const { complete, order } = options

  const trouble = (cause: unknown, path = folder): GatewayError => troubleWith(system, path, cause)

  const markerOf = (name: string): string => (complete.by === 'marker' ? name + complete.suffix : '')
  /** Of a file that is on its way out of the folder: see `put`. Its name says for which content it stands. */
  const leavingMarkerOf = ({ name, size, mtimeMs }: Pick<FoundFile, 'name' | 'size' | 'mtimeMs'>): string =>
    `${markerOf(name)}.leaving-${createHash('sha256').update(`${size} ${mtimeMs}`).digest('hex').slice(0, 8)}`
  /** The name of the file that such a marker is of. */
  const leavingOf = (marker: string): string | undefined => {
    const end = marker.search(/\.leaving-[0-9a-f]{8}$/)
    const named = marker.slice(0, Math.max(end, 0))
    return complete.by === 'marker' && named.endsWith(complete.suffix) ? named.slice(0, -complete.suffix.length) : undefined
  }
  const isMarker = (name: string): boolean =>
    complete.by === 'marker' && (name.endsWith(complete.suffix) || leavingOf(name) !== undefined)

  const isReply = (at: string, name: string): boolean => {
    const { reply } = options
    return (
      reply !== undefined && inside(reply.folder) === at && [reply.success, reply.error].some((suffix) => name.endsWith(suffix))
    )
  }

  const look = async (name: string): Promise<FoundFile | undefined> => {
    const path = join(folder, name)
    try {
      const { size, mtimeMs } = await lstat(path)
      return { name, path, size, mtimeMs }
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      throw trouble(error, path)
    }
  }

  const lookAtAll = async (names: string[]): Promise<FoundFile[]> => {
    const found: FoundFile[] = []
    for (const name of names) {
      const file = await look(name)
      if (file) found.push(file)
    }
    return found
  }

  const listFiles = async (): Promise<Set<string>> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw trouble(error)
    })
    return new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name))
  }

  /** Moves the markers that a move has left in between, and whose file has gone. */
  const moveMarkersLeft = async (): Promise<void> => {
    if (complete.by !== 'marker') return
    const files = await listFiles()
    for (const marker of files) {
      const name = leavingOf(marker)
      if (name !== undefined && !files.has(name)) await move(marker, inside(options.done), markerOf(name))
    }
  }

  /** The files in order up to the first that is not complete, and that one as `holding` when a complete one waits behind it. */
  const list = async (signal: AbortSignal): Promise<{ files: FoundFile[]; holding: FoundFile | undefined }> => {
    const files = await listFiles()
    const wanted = [...files].filter((name) => pattern.test(name) && !/^\.|\.(tmp|part)$/i.test(name) && !isMarker(name))
    let found = await lookAtAll(wanted)
    // One that is leaving was read, and not moved. What was put under its name since has not been called complete by anybody.
    let isComplete = (file: FoundFile): boolean =>
      complete.by !== 'marker' || files.has(markerOf(file.name)) || files.has(leavingMarkerOf(file))
    if (complete.by === 'settled' && found.length > 0) {
      await wait(complete.ms, signal)
      const before = new Map(found.map((file) => [file.name, file]))
      found = await lookAtAll(wanted)
      isComplete = ({ name, size, mtimeMs }) => before.get(name)?.size === size && before.get(name)?.mtimeMs === mtimeMs
    }
    const byName = (a: FoundFile, b: FoundFile): number => (a.name < b.name ? -1 : 1)
    found.sort(order === 'name' ? byName : (a, b) => a.mtimeMs - b.mtimeMs || byName(a, b))
    const first = found.findIndex((file) => !isComplete(file))
    if (first < 0) return { files: found, holding: undefined }
    // What is behind it may build on it: no file overtakes another.
    return { files: found.slice(0, first), holding: found.slice(first).some(isComplete) ? found[first] : undefined }
  }

  /**
   * Paths that a file is on its way to: several are moved at a time, and the number of one may be the name of another. As disks compare names that
   * tell least of them apart.
   */
  const taken = new Set<string>()
  const inTaken = (path: string): string => path.normalize('NFC').toLowerCase()

  /** To be taken out of `taken` when the file is there. */
  const takeFreeName = async (target: string, name: string): Promise<string> => {
    const { name: stem, ext } = parse(name)
    for (let number = 0; ; number++) {
      const path = join(target, number === 0 ? name : `${stem}.${number}${ext}`)
      if (taken.has(inTaken(path))) continue
      taken.add(inTaken(path))
      const isThere = await lstat(path).then(
        () => true,
        () => false,
      )
      if (!isThere) return path
      taken.delete(inTaken(path))
    }
  }

  /**
   * Renames into `target`, as `named`, under a number when that is taken: nothing is overwritten. Resolves with the new path. Another file system
   * is refused.
   */
  const move = async (name: string, target: string, named = name): Promise<string> => {
    const rename = async (): Promise<string> => {
      const path = await takeFreeName(target, named)
      try {
        await renameFile(join(folder, name), path)
        return path
      } finally {
        taken.delete(inTaken(path))
      }
    }
    try {
      return await rename().catch(async (error: unknown) => {
        if (errnoOf(error) !== 'ENOENT') throw error
        await mkdir(target, { recursive: true })
        return rename()
      })
    } catch (error) {
      if (errnoOf(error) !== 'EXDEV') throw trouble(error)
      throw GatewayError.of(
        'SOURCE_OPTIONS_INVALID',
        {
          system,
          reason: { zh: `${target} 与接收文件夹不在同一文件系统`, en: `${target} is not on the file system of the drop folder` },
        },
        { cause: error },
      )
    }
  }

  const letLeave = (file: FoundFile): Promise<void> =>
    renameFile(inside(markerOf(file.name)), inside(leavingMarkerOf(file))).catch((error: unknown) => {
      // An earlier attempt has renamed it, or somebody has taken it away.
      if (errnoOf(error) !== 'ENOENT') throw trouble(error)
    })

  /**
   * Resolves with false when something else stands under the name by now: that was never read and stays. The marker is renamed first: as it is it
   * would vouch for the next file of that name before it is complete. Where the gateway dies in between, or the file cannot be moved, the marker's
   * new name still vouches for this one: it is read again, as a duplicate, and moved.
   */
  const put = async (file: FoundFile, where: 'done' | 'error'): Promise<boolean> => {
    const { name } = file
    const target = inside(options[where])
    if (complete.by === 'marker') await letLeave(file)
    const moved = await move(name, target)
    const marker = complete.by === 'marker' ? await look(leavingMarkerOf(file)) : undefined
    if (marker) await move(marker.name, target, markerOf(name))
    const { size, mtimeMs } = await lstat(moved)
    if (size === file.size && mtimeMs === file.mtimeMs) return true
    // Replaced between the last look and the move.
    await renameFile(moved, join(folder, name))
    return false
  }

  /** The files in the error folder, without markers and replies; `last` is the last of them by name. */
  const setAside = async (): Promise<{ count: number; last: string | undefined }> => {
    const path = inside(options.error)
    if (path === inside(options.done)) return { count: 0, last: undefined }
    const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return []
      throw trouble(error, path)
    })
    const names = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !isMarker(entry.name) && !isReply(path, entry.name))
      .map(({ name }) => name)
    return { count: names.length, last: names.sort().at(-1) }
  }

  const nearest = async (path: string): Promise<{ path: string; dev: number }> =>
    stat(path).then(
      ({ dev }) => ({ path, dev }),
      (error: unknown) => {
        if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error
        return nearest(dirname(path))
      },
    )

  /** Throws when files could not be moved to one of the folders; makes nothing. */
  const checkMoves = async (): Promise<void> => {
    try {
      await access(folder, constants.R_OK | constants.W_OK)
      const { dev } = await stat(folder)
      for (const name of [options.done, options.error, ...(options.reply ? [options.reply.folder] : [])]) {
        const there = await nearest(inside(name))
        await access(there.path, constants.W_OK)
        if (there.dev !== dev) {
          throw GatewayError.of('SOURCE_OPTIONS_INVALID', {
            system,
            reason: { zh: `${name} 与接收文件夹不在同一文件系统`, en: `${name} is not on the file system of the drop folder` },
          })
        }
      }
    } catch (error) {
      throw error instanceof GatewayError ? error : trouble(error)
    }
  }

  return { folder, inside, list, look, put, moveMarkersLeft, setAside, checkMoves, trouble }
}
