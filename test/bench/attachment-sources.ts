/** The ways by which an attachment comes to the gateway, each with its system, and with what makes it come. */

import { renameSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { createBucket } from '../contract/s3-place.ts'
import { listWsdl } from '../contract/soap-messages.ts'
import { freePort } from '../free-port.ts'
import { type Given, record } from './attachment-giver.ts'
import { startPart } from './attachments-process.ts'

export const sourceNames = ['db', 'file', 'http', 'mtom', 'base64', 'soap-answer', 'bucket'] as const
export type SourceName = (typeof sourceNames)[number]

export interface AttachmentSource {
  adapter: string
  options: object
  /** What stands before `digest` and `size` of the content in a path of its record. */
  at: string
  /** More of the configuration of both sides, and files beside it. */
  both?: { yaml: string; files: Record<string, string> }
  /** The content is there from now on. */
  give(): Promise<void>
  close(): Promise<void>
}

const inRecord = 'FILE/'
const inElement = 'FILE/@'
const key = ['NO']

/** A row with a bytea. The content is there before; its row comes with `give`. */
const openDatabase = async (file: string): Promise<AttachmentSource> => {
  const server = { host: '127.0.0.1', user: 'postgres' }
  const database = `qz_bench_att_${process.pid}`
  const maintenance = new pg.Client({ ...server, database: 'postgres' })
  await maintenance.connect()
  await maintenance.query(`CREATE DATABASE ${database}`)
  const client = new pg.Client({ ...server, database })
  await client.connect()
  await client.query('CREATE TABLE scan ("NO" text, "AT" text, "FILE" bytea, n int)')
  // By a large object: as a parameter it would be whole in memory, twice, as text.
  const oid: number = (await client.query('SELECT lo_create(0) AS oid')).rows[0].oid
  const handle = await open(file)
  let at = 0
  for await (const piece of handle.createReadStream({ highWaterMark: 4 * 1024 * 1024 })) {
    await client.query('SELECT lo_put($1, $2, $3)', [oid, at, piece])
    at += piece.length
  }
  await client.query('INSERT INTO scan SELECT $2, $3, lo_get($1), NULL', [oid, record.NO, record.AT])
  await client.query('SELECT lo_unlink($1)', [oid])
  await client.query('CHECKPOINT')
  return {
    adapter: 'db',
    options: {
      ...{ engine: 'postgresql', connection: { ...server, database }, timeoutMs: 600_000 },
      streams: [
        {
          ...{ table: 'scan', key, mode: 'watermark', watermark: { column: 'n', kind: 'number' } },
          attachments: [{ column: 'FILE' }],
        },
      ],
    },
    at: inRecord,
    give: async () => void (await client.query('UPDATE scan SET n = 1')),
    async close() {
      await client.end()
      await maintenance.query(`DROP DATABASE ${database} WITH (FORCE)`)
      await maintenance.end()
    },
  }
}

/** A file that a record names, which comes with `give`. */
const openFile = (folder: string): AttachmentSource => ({
  adapter: 'file',
  options: {
    ...{ folder: '../in', pattern: '*.json', format: 'json', stream: 'scan', key },
    attachments: { paths: ['FILE'], folder: '../scan' },
  },
  at: inRecord,
  async give() {
    writeFileSync(join(folder, 'in/scan.tmp'), JSON.stringify([{ ...record, FILE: 'large.bin' }]))
    renameSync(join(folder, 'in/scan.tmp'), join(folder, 'in/scan.json'))
  },
  close: async () => undefined,
})

/** The same, and on from the gateway by a bucket. */
const openBucketed = async (folder: string): Promise<AttachmentSource> => {
  const undo: (() => unknown)[] = []
  const both = await createBucket({ teardown: (work) => void undo.push(work) })
  return {
    ...openFile(folder),
    both,
    async close() {
      for (const work of undo) await work()
    },
  }
}

const attachments = { paths: ['FILE'] }
const streams = {
  http: { format: 'json', attachments },
  mtom: { format: 'soap', soap: { kind: 'typed' }, records: 'submit/SB', attachments },
  base64: { format: 'xml', records: 'R/SB', attachments: { ...attachments, holds: 'base64' } },
}

const openPushed = async (folder: string, kind: Given['kind']): Promise<AttachmentSource> => {
  const port = await freePort()
  const giver = await startPart('giver', folder, JSON.stringify({ kind, port }))
  const common = { at: kind === 'http' ? inRecord : inElement, give: async () => void giver.child.send('go') }
  const close = async () => giver.end()
  if (kind !== 'soap-answer') {
    const stream = { path: '/cases', stream: 'scan', key, ...streams[kind] }
    return { adapter: 'http', options: { listen: { port }, timeoutMs: 3_600_000, streams: [stream] }, ...common, close }
  }
  writeFileSync(join(folder, 'list.wsdl'), listWsdl)
  const options = {
    ...{ wsdl: '../list.wsdl', endpoint: `http://127.0.0.1:${port}/`, operation: 'list', timeoutMs: 3_600_000 },
    ...{ answer: { kind: 'typed', records: 'listResponse/SB' }, stream: 'scan', key, attachments },
  }
  return { adapter: 'soap', options, ...common, close }
}

/** `folder/scan/large.bin` is the content. */
export const openSource = async (name: SourceName, folder: string): Promise<AttachmentSource> => {
  if (name === 'db') return openDatabase(join(folder, 'scan/large.bin'))
  if (name === 'bucket') return openBucketed(folder)
  return name === 'file' ? openFile(folder) : openPushed(folder, name)
}
