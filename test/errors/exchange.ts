import type { EventType } from '../../core/canonical/index.ts'
import type { ErrorCode, GatewayError } from '../../core/errors.ts'
import type { ExchangeTable } from '../../core/exchange.ts'
import { inFolder, openGateway, recordOf, route } from '../bad-input/gateway.ts'
import { configurationProblems } from '../bad-input/loaders.ts'
import { type Sayings, withCode } from './saying.ts'

const file = 'config/exchange/one.csv'

const stages = new Map([['application.received' as EventType, { direction: 'down' as const, at: `${file}:2:6` }]])

const table: ExchangeTable = { version: '1', file, rows: new Map([['0100', { item: '0100', at: `${file}:2:1`, stages }]]) }

/** What a receipt says of an application that a department's system has by itself. */
const refused = (code: ErrorCode, item: string): Promise<GatewayError> =>
  inFolder(async (folder) => {
    const { store, pipeline } = openGateway(folder)
    try {
      const receipts = pipeline.receive({ ...route, exchange: table }, { records: [recordOf('SB', 'B', { SXBM: item })] })
      return withCode(
        code,
        receipts.map(({ error }) => error),
      )
    } finally {
      store.close()
    }
  })

/** The exchange table. */
export const exchange: Sayings = {
  EXCHANGE_INVALID: {
    provoke: async () =>
      withCode(
        'EXCHANGE_INVALID',
        await configurationProblems({
          change: ['config/adapters/one.yaml', 'mapping: dept/one', 'mapping: dept/one\nexchange: exchange/one.csv'],
          files: { [file]: 'item,application.received\n*,upward\n' },
        }),
      ),
    where: `${file}:2:3`,
    found: { zh: '“upward”', en: '"upward"' },
    allowed: { zh: 'up（部门报送）', en: 'up (the department sends)' },
    next: 'docs/exchange.md',
  },
  EXCHANGE_ITEM_UNKNOWN: {
    provoke: () => refused('EXCHANGE_ITEM_UNKNOWN', '0300'),
    where: file,
    found: '0300',
    allowed: '*',
    next: { zh: '补上该事项一行', en: 'Add a row for the item' },
  },
  EXCHANGE_CONFLICT: {
    provoke: () => refused('EXCHANGE_CONFLICT', '0100'),
    where: `${file}:2:6`,
    found: 'application.received',
    allowed: { zh: '该环节由平台负责', en: 'the platform is its authority' },
    next: { zh: '与对方核实', en: 'Settle with the other side' },
  },
}
