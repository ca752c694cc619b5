import { existsSync } from 'node:fs'
import type { CatalogueItem } from '../canonical/index.ts'
import { dayOf, systemClock } from '../clock.ts'
import type { GatewayConfig, SystemConfig } from '../config/load.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import { anyItem } from '../exchange.ts'
import { storeFileOf } from '../gate.ts'
import { openStore } from '../store/open-store.ts'
import { parseYaml } from '../yaml.ts'

/** The table that the mapping looks its item codes up in, if it does. */
const itemTableOf = ({ read }: SystemConfig) => {
  if (!read) return undefined
  const { files, tables } = read.mappingModule
  for (const [name, text] of Object.entries(files)) {
    if (!name.endsWith('.yaml')) continue
    const { case: key } = (parseYaml(name, text).value ?? {}) as { case?: { itemCode?: { codes?: unknown } } }
    const table = key?.itemCode?.codes
    if (typeof table === 'string') return tables.get(table)
  }
  return undefined
}

/** Every item code that is written down in the configuration of a system, with its place. */
const writtenItems = (system: SystemConfig): { code: string; at: string }[] => [
  ...[...(system.exchange?.rows.values() ?? [])].flatMap(({ item, at }) => (item === anyItem ? [] : [{ code: item, at }])),
  ...(itemTableOf(system)?.versions ?? []).flatMap(({ rows }) =>
    rows.map(({ value, valueAt }) => ({ code: String(value), at: valueAt })),
  ),
]

/** Item codes in exchange and code tables that the catalogue of today does not have. Nothing where no catalogue was ever received. */
export const lintItems = (config: GatewayConfig): GatewayError[] => {
  const file = storeFileOf(config)
  const written = config.systems.flatMap(writtenItems)
  if (written.length === 0 || !existsSync(file)) return []
  const store = openStore(file, systemClock.now())
  try {
    const version = store.catalogues.versionOn(dayOf(systemClock.now()))
    if (version === undefined) return []
    const unknown = written.filter(({ code }) => store.catalogues.item(version, code) === undefined)
    if (unknown.length === 0) return []
    const known = store.catalogues.items(version).flatMap(({ code, otherCodes = [] }: CatalogueItem) => [code, ...otherCodes])
    return unknown.map(({ code, at }) =>
      GatewayError.of('ITEM_DOUBTFUL', { at, item: code, version, suggestion: didYouMean(code, known) }),
    )
  } finally {
    store.close()
  }
}
