/** Writing: one operation, one file; its attachments before it, and its marker behind it. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type AdapterContext,
  createProbeSteps,
  GatewayError,
  type Operation,
  type Sink,
  toGatewayError,
  type Verdict,
  writeDocument,
} from '../../core/contract.ts'
import { attachmentsBeside, type Beside } from './beside.ts'
import { fileNameOf } from './file-name.ts'
import { lookIn, putFile, syncFolder } from './put-file.ts'
import { renderFile } from './render.ts'
import type { FileSinkOptions, WriteOptions } from './sink-options.ts'
import { errnoOf, troubleWith } from './trouble.ts'

/** A file as it is to stand in its folder. */
interface Wanted {
  folder: string
  name: string
  bytes: Uint8Array
  attachments: Beside[]
  marker: { name: string; bytes: Uint8Array } | undefined
  taken: string[]
}

const markerBytes = (content: 'empty' | 'json' | 'xml', name: string, bytes: Uint8Array): Uint8Array => {
  if (content === 'empty') return new Uint8Array()
  const manifest = { file: name, bytes: String(bytes.byteLength), sha256: createHash('sha256').update(bytes).digest('hex') }
  const text = content === 'xml' ? writeDocument({ manifest }, 'UTF-8') : JSON.stringify({ ...manifest, bytes: bytes.byteLength })
  return Buffer.from(`${text}\n`)
}

export const openFileSink = (options: FileSinkOptions, { system, baseFolder }: AdapterContext): Sink => {
  /** By path. Two operations that make the same name must not both find it free. */
  const busy = new Map<string, Promise<unknown>>()

  const inTurn = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    const before = busy.get(path)
    const working = (async () => {
      await before
      return work()
    })()
    const settled = working.catch(() => undefined)
    busy.set(path, settled)
    try {
      return await working
    } finally {
      if (busy.get(path) === settled) busy.delete(path)
    }
  }

  const writeOf = ({ write }: Operation): WriteOptions => {
    const given = Object.hasOwn(options.writes, write) ? options.writes[write] : undefined
    if (given) return given
    const known = Object.keys(options.writes).join(', ')
    const reason = {
      zh: `deliver.options.writes 没有“${write}”，只有 ${known}`,
      en: `deliver.options.writes has no "${write}", only ${known}`,
    }
    throw GatewayError.of('SOURCE_OPTIONS_INVALID', { system, reason })
  }

  const wantedBy = (operation: Operation): Wanted => {
    const write = writeOf(operation)
    const name = fileNameOf(system, write.name, operation)
    const { values, files } = attachmentsBeside(system, baseFolder, write, operation)
    const bytes = renderFile(system, write, { write: operation.write, values })
    const { marker, taken = [] } = write
    const folder = resolve(baseFolder, write.folder)
    const own = [name, ...(marker ? [name + marker.suffix] : [])]
    const clash = files.find((one) => one.folder === folder && own.includes(one.name))
    if (clash) {
      const reason = { zh: '附件与记录同名', en: 'the attachment has the name of the record' }
      throw GatewayError.of('DELIVERY_MISFIT', { system, write: operation.write, name: clash.name, reason })
    }
    return {
      folder,
      name,
      bytes,
      attachments: files,
      marker: marker && { name: name + marker.suffix, bytes: markerBytes(marker.content, name, bytes) },
      taken: taken.map((folder) => resolve(baseFolder, folder)),
    }
  }

  const isTaken = async ({ taken, name, bytes }: Wanted): Promise<boolean> => {
    for (const folder of taken) if ((await lookIn(folder, name, bytes)) === 'same') return true
    return false
  }

  const occupied = ({ write }: Operation, name: string): GatewayError =>
    GatewayError.of('DELIVERY_MISFIT', {
      system,
      write,
      name,
      reason: { zh: '同名文件已在，内容不同', en: 'a file of this name is there, with other content' },
    })

  const placeBeside = async (operation: Operation, { folder, name, content }: Beside): Promise<void> => {
    const there = await lookIn(folder, name, content)
    if (there === 'other') throw occupied(operation, name)
    if (there === 'same') await syncFolder(folder)
    else await putFile(folder, name, content, () => undefined)
  }

  /** `placing`: from now on the reader may have it. */
  const place = async (operation: Operation, wanted: Wanted, placing: () => void): Promise<Verdict> => {
    const { folder, name, bytes, attachments, marker } = wanted
    const there = await lookIn(folder, name, bytes)
    // A name that is taken is neither given to something else, nor does the file get another one that nobody expects.
    if (there === 'other') throw occupied(operation, name)
    // An attempt that was interrupted may have left the name not yet on disk.
    if (there === 'same') await syncFolder(folder)
    else {
      if (await isTaken(wanted)) return { verdict: 'duplicate' }
      // Whoever finds the record finds all that it names.
      for (const one of attachments) await inTurn(join(one.folder, one.name), () => placeBeside(operation, one))
      // Without its marker nobody reads it.
      await putFile(folder, name, bytes, marker ? () => undefined : placing)
    }
    if (!marker) return { verdict: there === 'absent' ? 'accepted' : 'duplicate' }
    const marked = await lookIn(folder, marker.name, marker.bytes)
    if (marked === 'other') throw occupied(operation, marker.name)
    if (marked === 'same') return { verdict: 'duplicate' }
    await putFile(folder, marker.name, marker.bytes, placing)
    return { verdict: 'accepted' }
  }

  return {
    async deliver(operation) {
      let wanted: Wanted | undefined
      let isPlaced = false
      try {
        const given = wantedBy(operation)
        wanted = given
        return await inTurn(join(given.folder, given.name), () =>
          place(operation, given, () => {
            isPlaced = true
          }),
        )
      } catch (thrown) {
        if (thrown instanceof GatewayError) {
          if (thrown.code === 'DELIVERY_MISFIT') throw thrown
          return { verdict: 'transient', error: thrown }
        }
        // Somebody else was quicker: the next attempt sees with what.
        const isRefused = errnoOf(thrown) === 'EEXIST'
        const error = wanted ? troubleWith(system, wanted.folder, thrown) : toGatewayError(thrown)
        return { verdict: isPlaced && !isRefused ? 'unknown' : 'transient', error }
      }
    },

    async confirm(operation) {
      try {
        const wanted = wantedBy(operation)
        const { folder, name, bytes, marker } = wanted
        if (await isTaken(wanted)) return { confirmed: 'applied' }
        const there = await lookIn(folder, name, bytes)
        if (there === 'other') throw occupied(operation, name)
        if (there === 'absent' || !marker) return { confirmed: there === 'same' ? 'applied' : 'absent' }
        const marked = await lookIn(folder, marker.name, marker.bytes)
        return { confirmed: marked === 'absent' ? 'absent' : 'applied' }
      } catch (thrown) {
        const error = thrown instanceof GatewayError ? thrown : troubleWith(system, baseFolder, thrown)
        return { confirmed: 'unknown', error }
      }
    },

    async probe() {
      const { steps, step } = createProbeSteps()
      const check = async (folder: string, mode: number): Promise<string> => {
        const path = resolve(baseFolder, folder)
        try {
          if (!(await stat(path)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' })
          await access(path, mode)
          return path
        } catch (error) {
          throw troubleWith(system, path, error)
        }
      }
      for (const [name, { folder, attachments, taken = [] }] of Object.entries(options.writes)) {
        await step({ zh: `写入 ${name}`, en: `write ${name}` }, () =>
          check(folder, constants.R_OK | constants.W_OK | constants.X_OK),
        )
        if (attachments?.folder !== undefined)
          await step({ zh: `写入 ${name} 的附件`, en: `write the attachments of ${name}` }, () =>
            check(attachments.folder!, constants.R_OK | constants.W_OK | constants.X_OK),
          )
        for (const one of taken)
          await step({ zh: `查看 ${name} 取走之后的文件夹`, en: `look at where ${name} is taken to` }, () =>
            check(one, constants.R_OK | constants.X_OK),
          )
      }
      return steps
    },

    close: async () => undefined,
  }
}
