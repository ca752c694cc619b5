/** The department's side of `npm run bench:attachments`, in a process of its own: it pushes one large content, or answers it. */
import { createReadStream, type PathLike } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { envelope, include, mtomType, part, root } from '../contract/soap-messages.ts'

export type Given = { kind: 'http' | 'mtom' | 'base64' | 'soap-answer'; port: number }

/** The columns of the record beside its file. */
export const record = { NO: 'S1', AT: '2026-03-02 09:00:00' }

type Pieces = AsyncGenerator<string | Uint8Array>

async function* raw(file: PathLike): Pieces {
  yield* createReadStream(file, { highWaterMark: 256 * 1024 })
}

/** In one line, as libraries for SOAP write it. */
async function* inBase64(file: PathLike): Pieces {
  // Three bytes are four characters: no piece but the last is padded.
  let rest = Buffer.alloc(0)
  for await (const piece of createReadStream(file, { highWaterMark: 255 * 1024 })) {
    const bytes = Buffer.concat([rest, piece as Buffer])
    const whole = bytes.length - (bytes.length % 3)
    yield bytes.subarray(0, whole).toString('base64')
    rest = bytes.subarray(whole)
  }
  if (rest.length > 0) yield rest.toString('base64')
}

async function* around(before: string, content: Pieces, behind: string): Pieces {
  yield before
  yield* content
  yield behind
}

const row = (content: string): string => `<SB><NO>${record.NO}</NO><AT>${record.AT}</AT><FILE>${content}</FILE></SB>`
/** What stands before and behind the content in a text that has one. */
const split = (whole: (content: string) => string): [string, string] => whole('\u0000').split('\u0000') as [string, string]

const bodies: Record<Given['kind'], (file: PathLike) => { type: string; body: Pieces }> = {
  http: (file) => {
    const json = JSON.stringify({ ...record, FILE: 'large.bin' })
    const head = `--m\r\nContent-Disposition: form-data; name="record"\r\n\r\n${json}\r\n--m\r\nContent-Disposition: form-data; name="f"; filename="large.bin"\r\nContent-Type: application/pdf\r\n\r\n`
    return { type: 'multipart/form-data; boundary=m', body: around(head, raw(file), '\r\n--m--\r\n') }
  },
  mtom: (file) => {
    const [head, message] = root(`<submit>${row(include('1'))}</submit>`)
    const before = `--m\r\n${head}\r\n\r\n${message}\r\n--m\r\n${part('1')}\r\n\r\n`
    return { type: mtomType, body: around(before, raw(file), '\r\n--m--\r\n') }
  },
  base64: (file) => {
    const [before, behind] = split((content) => `<R>${row(content)}</R>`)
    return { type: 'application/xml', body: around(before, inBase64(file), behind) }
  },
  'soap-answer': (file) => {
    const [before, behind] = split((content) => envelope(`<listResponse>${row(content)}</listResponse>`))
    return { type: 'text/xml; charset=utf-8', body: around(before, inBase64(file), behind) }
  },
}

const push = async (port: number, { type, body }: ReturnType<(typeof bodies)['http']>): Promise<void> => {
  const posted = request({ host: '127.0.0.1', port, path: '/cases', method: 'POST', headers: { 'content-type': type } })
  const answered = new Promise<IncomingMessage>((resolve, reject) => posted.once('response', resolve).once('error', reject))
  await pipeline(Readable.from(body), posted)
  const answer = await answered
  if (answer.statusCode !== 200) throw new Error(`the gateway answered ${answer.statusCode}: ${await text(answer)}`)
}

/** Resolves when it is ready to be told to go. */
export const openGiver = async (folder: string, { kind, port }: Given): Promise<void> => {
  const large = bodies[kind](join(folder, 'scan/large.bin'))
  if (kind !== 'soap-answer') return void process.once('message', () => void push(port, large))
  // Once; before and behind that there is nothing to list.
  let isDue = false
  process.once('message', () => {
    isDue = true
  })
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', large.type)
    if (!isDue) return void response.end(envelope('<listResponse/>'))
    isDue = false
    void pipeline(Readable.from(large.body), response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
}
