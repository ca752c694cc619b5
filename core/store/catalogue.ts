import type { Database } from 'better-sqlite3'
import { type CatalogueItem, type CataloguePart, catalogueDigest } from '../canonical/index.ts'
import type {
  CatalogueOutcome,
  CatalogueRefusal,
  CatalogueRefusalReason,
  Catalogues,
  CatalogueVersion,
} from './catalogue-store.ts'

export const catalogueVerbs = (db: Database): Catalogues => {
  const columns =
    'version, effective_from AS effectiveFrom, digest, items, parts, received_at AS receivedAt, whole_at AS wholeAt FROM catalogue'
  const find = db.prepare<[number], CatalogueVersion>(`SELECT ${columns} WHERE version = ?`)
  const versions = db.prepare<[], CatalogueVersion>(`SELECT ${columns} ORDER BY version DESC`)
  const newest = db.prepare<[], number | null>('SELECT max(version) FROM catalogue WHERE whole_at IS NOT NULL').pluck()
  const versionOn = db
    .prepare<[string], number | null>('SELECT max(version) FROM catalogue WHERE whole_at IS NOT NULL AND effective_from <= ?')
    .pluck()
  const insert = db.prepare(
    'INSERT INTO catalogue (version, effective_from, digest, items, parts, received_at) VALUES (@version, @effectiveFrom, @digest, @count, @parts, @now)',
  )
  const keepPart = db.prepare('INSERT INTO catalogue_part (version, part, items) VALUES (?, ?, ?)')
  const part = db.prepare<[number, number], string>('SELECT items FROM catalogue_part WHERE version = ? AND part = ?').pluck()
  const parts = db.prepare<[number], string>('SELECT items FROM catalogue_part WHERE version = ? ORDER BY part').pluck()
  const countParts = db.prepare<[number], number>('SELECT count(*) FROM catalogue_part WHERE version = ?').pluck()
  const drop = db.prepare('DELETE FROM catalogue WHERE version = ? AND whole_at IS NULL')
  const dropOlder = db.prepare('DELETE FROM catalogue WHERE version < ? AND whole_at IS NULL')
  const dropParts = db.prepare('DELETE FROM catalogue_part WHERE version = ?')
  const keepItem = db.prepare('INSERT INTO catalogue_item (version, place, item) VALUES (?, ?, ?)')
  // A code that two items claim stays with the first of them: what is sent was looked at before.
  const keepCode = db.prepare('INSERT INTO catalogue_code (version, code, place) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const setWhole = db.prepare('UPDATE catalogue SET whole_at = ? WHERE version = ?')
  const refuseOnce = db.prepare(
    `INSERT INTO catalogue_refusal VALUES (@version, @digest, @reason, 1, @now)
      ON CONFLICT DO UPDATE SET times = times + 1, last_at = excluded.last_at`,
  )
  const refusals = db.prepare<[], CatalogueRefusal>(
    'SELECT version, digest, reason, times, last_at AS lastAt FROM catalogue_refusal ORDER BY last_at',
  )
  const item = db
    .prepare<[number, string], string>(
      'SELECT i.item FROM catalogue_code c JOIN catalogue_item i USING (version, place) WHERE c.version = ? AND c.code = ?',
    )
    .pluck()
  const items = db.prepare<[number], string>('SELECT item FROM catalogue_item WHERE version = ? ORDER BY place').pluck()

  const refuse = ({ version, digest }: CataloguePart, reason: CatalogueRefusalReason, now: number): CatalogueOutcome => {
    refuseOnce.run({ version, digest, reason, now })
    return reason
  }

  /** All parts are there. */
  const complete = (given: CataloguePart, now: number): CatalogueOutcome => {
    const { version, digest, count } = given
    const all = parts.all(version).flatMap((text) => JSON.parse(text) as CatalogueItem[])
    if (all.length !== count || catalogueDigest(all) !== digest) {
      drop.run(version)
      return refuse(given, 'damaged', now)
    }
    for (const [place, one] of all.entries()) {
      keepItem.run(version, place, JSON.stringify(one))
      for (const code of [one.code, ...(one.otherCodes ?? [])]) keepCode.run(version, code, place)
    }
    setWhole.run(now, version)
    dropParts.run(version)
    dropOlder.run(version)
    return 'whole'
  }

  return {
    take: (given, now) => {
      const { version, digest, effectiveFrom, count, parts: all, part: number } = given
      const known = find.get(version)
      const isSame =
        known?.digest === digest && known.effectiveFrom === effectiveFrom && known.items === count && known.parts === all
      if (known && !isSame) return refuse(given, 'conflict', now)
      if (known?.wholeAt) return 'known'
      if (version < (newest.get() ?? 0)) return refuse(given, 'older', now)
      if (!known) insert.run({ version, effectiveFrom, digest, count, parts: all, now })
      const text = JSON.stringify(given.items)
      const kept = part.get(version, number)
      if (kept !== undefined && kept !== text) return refuse(given, 'conflict', now)
      if (kept !== undefined) return 'known'
      keepPart.run(version, number, text)
      return countParts.get(version)! < all ? 'kept' : complete(given, now)
    },
    versionOn: (day) => versionOn.get(day) ?? undefined,
    item: (version, code) => {
      const text = item.get(version, code)
      return text === undefined ? undefined : (JSON.parse(text) as CatalogueItem)
    },
    versions: () => versions.all(),
    refusals: () => refusals.all(),
    items: (version) => items.all(version).map((text) => JSON.parse(text) as CatalogueItem),
  }
}
