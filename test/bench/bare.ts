/** The scripts a careful programmer would write instead of a gateway: fast, and without store, order, retry, books or quarantine. */
import { mkdirSync } from 'node:fs'
import { readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { SaxesParser } from 'saxes'
import { fetch } from 'undici'
import type { Assignment, Competitor, DatabaseSource, FileSource, SoapSource } from './assignment.ts'
import { openBarePublisher } from './bare-publisher.ts'
import { caseByHand, type Fields, type Origin, type Reception, receptionByHand } from './hand-message.ts'

const cursorRows = 500

const originOf = ({ department, source }: Assignment): Origin => {
  const housing = source.kind === 'soap'
  return {
    system: 'bench',
    department: department.code,
    departmentName: department.name,
    region: department.region,
    adapter: source.kind,
    mapping: housing ? 'housing/permit' : 'bench/case',
    standard: housing ? 'EX_GDBS' : 'BENCH',
    standardVersion: housing ? '2016' : '1',
  }
}

const readTable = async ({ database, table }: DatabaseSource, assignment: Assignment): Promise<void> => {
  const publisher = await openBarePublisher(assignment)
  const client = new pg.Client({ host: '127.0.0.1', user: 'postgres', database })
  await client.connect()
  await client.query('BEGIN READ ONLY')
  const asIs = (value: string) => value
  const types = { getTypeParser: () => asIs } as pg.CustomTypesConfig
  const { fields } = await client.query(`SELECT * FROM ${table} WHERE false`)
  const names = fields.map(({ name }) => name)
  const order = `SELECT * FROM ${table} ORDER BY 更新时间, 办件编号 LIMIT ${assignment.messages}`
  const cursor = client.query(new Cursor(order, [], { rowMode: 'array', types }))
  const origin = originOf(assignment)
  let next = cursor.read(cursorRows)
  for (let rows = await next; rows.length > 0; rows = await next) {
    next = cursor.read(cursorRows)
    for (const cells of rows) {
      const row: Fields = {}
      for (let at = 0; at < names.length; at++) row[names[at]!] = cells[at]
      await publisher.send(caseByHand(origin, row))
    }
  }
  await publisher.drain()
  await client.end()
  await publisher.close()
}

const envelopeOf = (page: number, size: number): Uint8Array =>
  iconv.encode(
    '<?xml version="1.0" encoding="GBK"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>' +
      '<query xmlns="urn:housing:exchange"><xmlString>&lt;?xml version="1.0" encoding="GBK"?&gt;&lt;Query&gt;' +
      `&lt;PageNo&gt;${page}&lt;/PageNo&gt;&lt;PageSize&gt;${size}&lt;/PageSize&gt;&lt;/Query&gt;</xmlString></query></soap:Body></soap:Envelope>`,
    'gbk',
  )

const strictParser = () => {
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => {
    throw error
  })
  return parser
}

const textOf = (envelope: string): string => {
  const parser = strictParser()
  let inner = ''
  parser.on('cdata', (part) => {
    inner += part
  })
  parser.write(envelope).close()
  return inner
}

/** The receptions of an answer: their fields, their form and their materials. */
export const receptionsIn = (answer: string): Reception[] => {
  const parser = strictParser()
  const documents: Reception[] = []
  let document: Reception = { fields: {}, form: undefined, materials: [] }
  let into: Fields = document.fields
  let name: string | undefined
  parser.on('opentag', ({ local, attributes }) => {
    name = undefined
    if (local === 'ExInfo') {
      document = { fields: {}, form: undefined, materials: [] }
      documents.push(document)
      into = document.fields
    } else if (local === 'ItemInfo') {
      document.form = { code: attributes.FormCode?.value, version: attributes.FormVersion?.value, fields: [] }
    } else if (local === 'File') {
      into = {}
      document.materials.push(into)
    } else if (local === 'Field' && document.form && attributes.Label) {
      into = { name: attributes.FieldName?.value, label: attributes.Label.value }
      document.form.fields.push(into)
      name = 'value'
    } else if (local === 'Field') name = attributes.FieldName?.value
    if (name !== undefined) into[name] = ''
  })
  parser.on('closetag', () => {
    name = undefined
  })
  parser.on('text', (part) => {
    if (name !== undefined) into[name] += part
  })
  parser.write(answer).close()
  return documents
}

const readService = async ({ endpoint, pageSize }: SoapSource, assignment: Assignment): Promise<void> => {
  const publisher = await openBarePublisher(assignment)
  const origin = originOf(assignment)
  const headers = { 'content-type': 'text/xml; charset=GBK', soapaction: '"urn:housing:exchange/query"' }
  const ask = async (page: number): Promise<Reception[]> => {
    const answer = await fetch(endpoint, { method: 'POST', headers, body: envelopeOf(page, pageSize) })
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
    const envelope = new TextDecoder('gb18030', { fatal: true }).decode(await answer.arrayBuffer())
    return receptionsIn(textOf(envelope))
  }
  for (let page = 1, full = true; full; page++) {
    const documents = await ask(page)
    for (const document of documents) await publisher.send(receptionByHand(origin, document))
    full = documents.length === pageSize
  }
  await publisher.drain()
  await publisher.close()
}

const caseIn = (text: string): { row: Fields; materials: Fields[] } => {
  const parser = strictParser()
  const row: Fields = {}
  const materials: Fields[] = []
  let into = row
  let name = ''
  parser.on('opentag', ({ local }) => {
    name = local
    if (local === '材料') {
      into = {}
      materials.push(into)
    }
  })
  parser.on('closetag', ({ local }) => {
    if (local === '材料') into = row
    name = ''
  })
  parser.on('text', (part) => {
    if (name !== '') into[name] = (into[name] ?? '') + part
  })
  parser.write(text).close()
  return { row, materials }
}

const readFolder = async ({ folder }: FileSource, assignment: Assignment): Promise<void> => {
  const publisher = await openBarePublisher(assignment)
  const done = join(folder, 'done')
  mkdirSync(done, { recursive: true })
  const origin = originOf(assignment)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.xml')).sort()
  const renames: Promise<void>[] = []
  let next = names[0] === undefined ? undefined : readFile(join(folder, names[0]))
  for (const [index, name] of names.entries()) {
    const bytes = await next!
    const following = names[index + 1]
    next = following === undefined ? undefined : readFile(join(folder, following))
    const { row, materials } = caseIn(new TextDecoder('gb18030', { fatal: true }).decode(bytes))
    await publisher.send(caseByHand(origin, row, materials), () => {
      renames.push(rename(join(folder, name), join(done, name)))
    })
  }
  await publisher.drain()
  await Promise.all(renames)
  await publisher.close()
}

export const createBare = async (assignment: Assignment): Promise<Competitor> => ({
  go: () => {
    const { source } = assignment
    if (source.kind === 'db') return readTable(source, assignment)
    return source.kind === 'soap' ? readService(source, assignment) : readFolder(source, assignment)
  },
  close: async () => undefined,
})
