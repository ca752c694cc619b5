/**
 * A legacy service that is written to, and dies: `target-process.js <port> <SQLite file> <seed> <deaths in a thousand calls>`. Cases come over HTTP
 * as JSON and over SOAP as a string of XML. What it was told is on disk before it answers, and whoever tells it twice has it twice: it knows
 * nothing of ids. It dies by SIGKILL before the effect of a call or behind it.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import { parseXml, readXml, textsAt, toPath, type XmlElement } from '../../core/contract.ts'
import { cdata } from '../departments/housing-soap.ts'
import { soapEnvelope } from '../departments/target-soap.ts'
import { createRandom } from './random.ts'

const [port = '', file = '', seed = '', deaths = ''] = process.argv.slice(2)
const random = createRandom(Number(seed), 'target')
const db = new Database(file)
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS effect (n INTEGER PRIMARY KEY, door TEXT NOT NULL, id TEXT NOT NULL, case_no TEXT NOT NULL)`)
const insert = db.prepare('INSERT INTO effect (door, id, case_no) VALUES (?, ?, ?)')
const find = db.prepare('SELECT 1 FROM effect WHERE door = ? AND id = ?')

/** Lives on, or not. */
const risk = (): void => {
  if (random(1000) < Number(deaths)) process.kill(process.pid, 'SIGKILL')
}

const take = (door: string, id: string, caseNo: string): void => {
  risk()
  insert.run(door, id, caseNo)
  risk()
}

interface Answer {
  status: number
  type: string
  body: string
}

const json = (status: number, value: object): Answer => ({ status, type: 'application/json', body: JSON.stringify(value) })

/** `POST /<door>/cases`, and `GET /<door>/cases/<id>` for who wants to know. */
const overHttp = (method: string | undefined, url: string, body: string): Answer => {
  const [, door = '', , id] = url.split('/').map(decodeURIComponent)
  if (method === 'GET') return find.get(door, id) ? json(200, { no: id }) : json(404, {})
  const { data } = JSON.parse(body)
  take(door, data.no, data.caseNo)
  return json(201, {})
}

const first = (element: XmlElement, path: string): string => textsAt(element, toPath(path))[0] ?? ''

const overSoap = (body: string): Answer => {
  const message = parseXml(body)
  const [element] = toPath('Body/*').select({ root: message, node: message }) as XmlElement[]
  const given = readXml(first(element!, 'xmlString')).above
  let code = '0'
  if (element!.local === 'submit') take('soap', first(given, 'Request/Data/no'), first(given, 'Request/Data/caseNo'))
  else if (!find.get('soap', first(given, 'Query/no'))) code = '404'
  const answer = `<?xml version="1.0" encoding="UTF-8"?><Answer><Code>${code}</Code></Answer>`
  const name = `t:${element!.local}Response`
  return {
    status: 200,
    type: 'text/xml; charset=utf-8',
    body: soapEnvelope(`<${name}><t:return>${cdata(answer)}</t:return></${name}>`),
  }
}

const answerTo = async (request: IncomingMessage): Promise<Answer> => {
  const body = await text(request)
  return request.url === '/soap' ? overSoap(body) : overHttp(request.method, request.url ?? '/', body)
}

createServer(async (request, response) => {
  const { status, type, body } = await answerTo(request).catch((error: Error) => {
    console.error(error)
    return json(500, { said: error.message })
  })
  response.writeHead(status, { 'content-type': type }).end(body)
}).listen(Number(port), '127.0.0.1')
