import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Changes whenever a file under one of the folders is written, added or removed. Looking is cheap, so that it can be done every
 * few seconds; what has really changed is told by loading. Folders on network mounts give no events, so nothing is watched.
 */
export const stateOfFiles = (folders: string[]): string =>
  folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => {
          const file = join(entry.parentPath, entry.name)
          const { mtimeMs, size } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 }
          return `${file} ${mtimeMs} ${size}`
        }),
    )
    .sort()
    .join('\n')
