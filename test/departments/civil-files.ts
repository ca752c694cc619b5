/** 民政: a folder of GB 18030 XML files in the manner of UP_PRO, one file for each case and each later exchange, renamed when complete. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeText } from '../../core/contract.ts'
import { type CivilEntry, civilEntries, laterEntries, rejectedEntries, writeEntry } from './civil-entries.ts'
import { beijing, type DepartmentCase, seenAt } from './department-case.ts'

export { civil, civilOutcomes } from './civil-entries.ts'

export type CivilFault = 'garbage' | 'half' | 'charset'

const textOf = (entries: CivilEntry[], label: string): string =>
  `<?xml version="1.0" encoding="${label}"?>\n<Records>\n${entries.map(writeEntry).join('\n')}\n</Records>\n`

/** Names sort as the files were written. */
const nameOf = (source: DepartmentCase, at: number, what = ''): string =>
  `MZ_${beijing(at).replace(/\D/g, '')}_${source.no.slice(-7)}${what}.xml`

export const openCivil = (folder: string) => {
  mkdirSync(folder, { recursive: true })
  const putFile = (name: string, bytes: Uint8Array): void => {
    const path = join(folder, name)
    writeFileSync(`${path}.tmp`, bytes)
    renameSync(`${path}.tmp`, path)
  }
  const put = (name: string, entries: CivilEntry[]): void => {
    if (entries.length > 0) putFile(name, encodeText(textOf(entries, 'GB18030'), 'gb18030'))
  }

  return {
    folder,
    putFile,
    /** A file of these rows. */
    put,
    add: (source: DepartmentCase): void => {
      const last = Math.max(source.receivedAt, ...source.stages.map(seenAt), source.correction?.at ?? 0)
      put(nameOf(source, source.receivedAt), civilEntries(source))
      put(nameOf(source, last, '_2'), laterEntries(source))
      put(nameOf(source, source.rejection?.at ?? last, '_unqbak'), rejectedEntries(source))
    },
    /** A file of this case that is no XML, breaks off, or is labelled with another charset than its own. */
    addBroken: (source: DepartmentCase, fault: CivilFault): void => {
      const bytes = encodeText(textOf(civilEntries(source), fault === 'charset' ? 'UTF-8' : 'GB18030'), 'gb18030')
      const broken = { garbage: Buffer.from('ERROR 1045 没有数据'), half: bytes.subarray(0, bytes.length / 2), charset: bytes }
      putFile(nameOf(source, source.receivedAt), broken[fault])
    },
  }
}
