import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { openDropFolder } from '../adapters/file/drop-folder.ts'
import file from '../adapters/file/index.ts'
import {
  type AdapterContext,
  decodeText,
  type Emit,
  encodeText,
  GatewayError,
  parseXml,
  type SourceRecord,
} from '../core/contract.ts'
import {
  checkedOptions,
  collector,
  type LegacySystem,
  type Row,
  runOnce,
  testContext,
  testSource,
  textOf,
  withSource,
} from './contract/source-contract.ts'
import { createCases } from './departments/cases.ts'
import { civil, civilEntries, civilOutcomes, laterEntries, rejectedEntries } from './departments/civil-entries.ts'
import { openCivil } from './departments/civil-files.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

type Options = Record<string, unknown>

const makeFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'drop-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const inbox = join(folder, 'in')
  mkdirSync(inbox)
  return inbox
}

const xmlOptions = (folder: string, more: Options = {}): Options => ({
  folder,
  pattern: '*.xml',
  format: 'xml',
  charset: 'gbk',
  records: 'Records/*',
  stream: '{element}',
  key: ['@id'],
  batchSize: 3,
  ...more,
})

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
const recordOf = ({ id, name }: Row): string => `<case id="${id}"><name>${escaped(name)}</name></case>`
const documentOf = (rows: Row[], label = 'GBK'): string =>
  `<?xml version="1.0" encoding="${label}"?>\n<Records>\n${rows.map(recordOf).join('\n')}\n</Records>`

const drop = (folder: string, name: string, text: string, charset = 'gb18030'): void => {
  writeFileSync(join(folder, `${name}.tmp`), encodeText(text, charset))
  renameSync(join(folder, `${name}.tmp`), join(folder, name))
}

const namesIn = (...path: string[]): string[] =>
  readdirSync(join(...path), { withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [entry.name] : []))
    .sort()

testSource(t, 'file: XML', {
  adapter: file,
  faults: ['dead'],
  seesChanges: true,
  secrets: [],
  openSystem: async (t): Promise<LegacySystem> => {
    const folder = makeFolder(t)
    let files = 0
    const put = (rows: Row[]): void => drop(folder, `${String(++files).padStart(4, '0')}.xml`, documentOf(rows))
    return {
      options: xmlOptions(folder),
      batchSize: 3,
      put: async (rows) => {
        put(rows.slice(0, 2))
        if (rows.length > 2) put(rows.slice(2))
      },
      change: async (id, name) => put([{ id, name }]),
      breakDown: async () => {
        try {
          renameSync(folder, `${folder}.away`)
        } catch {
          // It is away already.
        }
      },
      mend: async () => renameSync(`${folder}.away`, folder),
      keyOf: (id) => id,
    }
  },
})

testSource(t, 'file: CSV', {
  adapter: file,
  faults: [],
  seesChanges: true,
  secrets: [],
  openSystem: async (t): Promise<LegacySystem> => {
    const folder = makeFolder(t)
    let files = 0
    const put = (rows: Row[]): void =>
      drop(folder, `${++files}.csv`, `ID,XM\r\n${rows.map(({ id, name }) => `${id},"${name}"\r\n`).join('')}`)
    return {
      options: { folder, pattern: '*.csv', format: 'csv', charset: 'gbk', stream: 'case', key: ['ID'], batchSize: 3 },
      batchSize: 3,
      put: async (rows) => put(rows),
      change: async (id, name) => put([{ id, name }]),
      breakDown: async () => undefined,
      mend: async () => undefined,
      keyOf: (id) => id,
    }
  },
})

const read = async (options: Options, more: Partial<AdapterContext> = {}, emit?: Emit) => {
  const records: SourceRecord[] = []
  const warnings: GatewayError[] = []
  const gather: Emit = async (batch) => {
    records.push(...batch.records)
    return batch.records.map(({ key }) => ({ key, outcome: 'stored', recordSeq: 1 }))
  }
  const source = file.openSource(checkedOptions(file, options) as never, { ...testContext(warnings), ...more })
  await runOnce(source, { checkpoint: () => undefined }, emit ?? gather)
  await source.close()
  return { records, warnings }
}

/** A run that must fail; with what was taken before it did. */
const failedRead = async (options: Options, more: Partial<AdapterContext> = {}, emit?: Emit) => {
  const gateway = collector()
  const error: unknown = await read(options, more, emit ?? gateway.emit).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { error, keys: gateway.keys() }
}

const outline = (records: SourceRecord[]) => records.map(({ key, fault }) => (fault ? [key, fault.code] : [key]))

t.test('file: which files are read', async (t) => {
  t.test('temporary names, other names, sub-folders, symbolic links and what is done are not read', async (t) => {
    const folder = makeFolder(t)
    const document = documentOf([{ id: '1', name: 'x' }])
    for (const name of ['a.XML', 'b.xml.tmp', 'c.xml.part', 'd.txt', '.e.xml']) writeFileSync(join(folder, name), document)
    mkdirSync(join(folder, 'sub.xml'))
    writeFileSync(join(folder, 'sub.xml', 'f.xml'), document)
    symlinkSync(join(folder, 'sub.xml', 'f.xml'), join(folder, 'g.xml'))
    t.same(outline((await read(xmlOptions(folder))).records), [['1']])
    t.same(namesIn(folder, 'done'), ['a.XML'])
    t.same((await read(xmlOptions(folder))).records, [])
  })

  t.test('with a marker, only what has one; the marker goes with its file', async (t) => {
    const folder = makeFolder(t)
    const options = xmlOptions(folder, { pattern: '*', complete: { by: 'marker' } })
    drop(folder, 'a.xml', documentOf([{ id: 'a', name: 'x' }]))
    drop(folder, 'b.xml', documentOf([{ id: 'b', name: 'x' }]))
    writeFileSync(join(folder, 'a.xml.ok'), '')
    t.same(outline((await read(options)).records), [['a']])
    t.same(namesIn(folder), ['b.xml'])
    t.same(namesIn(folder, 'done'), ['a.xml', 'a.xml.ok'])
  })

  t.test(
    'a file that was stored and could not be moved is read again and moved; what came under its name since waits',
    async (t) => {
      const folder = makeFolder(t)
      const options = xmlOptions(folder, { pattern: '*', complete: { by: 'marker' } })
      const cannotMove = async (name: string): Promise<void> => {
        drop(folder, name, documentOf([{ id: name, name: 'x' }]))
        writeFileSync(join(folder, `${name}.ok`), '')
        rmSync(join(folder, 'done'), { recursive: true, force: true })
        writeFileSync(join(folder, 'done'), 'in the way')
        await t.rejects(read(options), { code: 'SOURCE_UNREACHABLE' })
        rmSync(join(folder, 'done'))
        t.same(
          namesIn(folder).map((one) => one.replace(/-[0-9a-f]{8}$/, '')),
          [name, `${name}.ok.leaving`],
          'as where the gateway was killed in between',
        )
      }
      await cannotMove('a.xml')
      // A backup or a scan of viruses does such things.
      chmodSync(join(folder, 'a.xml'), 0o600)
      t.same(outline((await read(options)).records), [['a.xml']])
      t.same([namesIn(folder), namesIn(folder, 'done')], [[], ['a.xml', 'a.xml.ok']])

      await cannotMove('b.xml')
      drop(folder, 'b.xml', documentOf([{ id: 'half', name: 'x' }]).slice(0, 40))
      t.same((await read(options)).records, [])
      drop(folder, 'b.xml', documentOf([{ id: 'whole', name: 'x' }]))
      writeFileSync(join(folder, 'b.xml.ok'), '')
      t.same(outline((await read(options)).records), [['whole']])
      t.equal(namesIn(folder).length, 1, 'the marker of what stood there before')
      t.equal((await read(options)).warnings.length, 0)
      t.same([namesIn(folder), namesIn(folder, 'done').length], [[], 3], 'a marker whose file has gone goes after it')
    },
  )

  t.test('a marker that somebody takes away while its file is stored keeps nothing from being moved', async (t) => {
    const folder = makeFolder(t)
    const options = xmlOptions(folder, { complete: { by: 'marker' } })
    drop(folder, 'a.xml', documentOf([{ id: 'a', name: 'x' }]))
    writeFileSync(join(folder, 'a.xml.ok'), '')
    const gateway = collector()
    await withSource(file, options, (source) =>
      runOnce(source, gateway, (batch) => {
        rmSync(join(folder, 'a.xml.ok'), { force: true })
        return gateway.emit(batch)
      }),
    )
    t.same([namesIn(folder), namesIn(folder, 'done')], [[], ['a.xml']])
  })

  t.test('settled: a file that grows between two looks waits for the next run, and none overtakes it', async (t) => {
    const folder = makeFolder(t)
    const options = xmlOptions(folder, { complete: { by: 'settled', ms: 50 } })
    const document = documentOf([{ id: '2', name: 'x' }])
    drop(folder, 'a.xml', documentOf([{ id: '1', name: 'x' }]))
    drop(folder, 'c.xml', documentOf([{ id: '3', name: 'x' }]))
    writeFileSync(join(folder, 'b.xml'), document.slice(0, 50))
    const looks: number[] = []
    const wait = async (ms: number) => {
      looks.push(ms)
      writeFileSync(join(folder, 'b.xml'), document)
    }
    const first = await read(options, { wait })
    t.same(outline(first.records), [['1']])
    t.match(first.warnings, [{ code: 'SOURCE_FILE_DOUBTFUL', message: /b\.xml .* the files behind it wait/ }])
    t.equal(first.warnings.length, 1)
    t.same(looks, [50])
    const second = await read(options)
    t.same([outline(second.records), second.warnings], [[['2'], ['3']], []])
  })

  t.test('a file without its marker holds back those behind it, in either order, and says so only when one waits', async (t) => {
    const folder = makeFolder(t)
    const options = xmlOptions(folder, { pattern: '*', complete: { by: 'marker' } })
    for (const [name, at] of [
      ['a.xml', 2000],
      ['b.xml', 1000],
    ] as const) {
      drop(folder, name, documentOf([{ id: name, name: 'x' }]))
      utimesSync(join(folder, name), at, at)
    }
    t.same((await read(options)).warnings, [], 'neither is complete: none waits for the other')
    writeFileSync(join(folder, 'b.xml.ok'), '')
    const held = await read(options)
    t.same(held.records, [])
    t.match(held.warnings, [{ code: 'SOURCE_FILE_DOUBTFUL', values: { file: 'a.xml' } }])
    const byTime = await read({ ...options, order: 'mtime' })
    t.same([outline(byTime.records), byTime.warnings], [[['b.xml']], []])
    writeFileSync(join(folder, 'a.xml.ok'), '')
    t.same(outline((await read(options)).records), [['a.xml']])
  })

  t.test('a file that is changed while it is read stays, with a warning, and is read again before those behind it', async (t) => {
    const folder = makeFolder(t)
    const rows = ['1', '2', '3', '4'].map((id) => ({ id, name: 'x' }))
    drop(folder, 'a.xml', documentOf(rows))
    drop(folder, 'b.xml', documentOf([{ id: '6', name: 'x' }]))
    const gateway = collector()
    // The first batch leaves before the file is read to its end.
    const { warnings } = await read(xmlOptions(folder), {}, async (batch) => {
      drop(folder, 'a.xml', documentOf([...rows, { id: '5', name: 'y' }]))
      return gateway.emit(batch)
    })
    t.match(warnings, [{ message: /a\.xml .* it changed while it was read/ }])
    t.same(gateway.keys(), ['1', '2', '3', '4'])
    t.same(outline((await read(xmlOptions(folder))).records), [['1'], ['2'], ['3'], ['4'], ['5'], ['6']])
  })

  t.test('small files are stored together, each is answered and moved by itself', async (t) => {
    const folder = makeFolder(t)
    for (const id of ['1', '2', '3', '4']) drop(folder, `${id}.xml`, documentOf([{ id, name: 'x' }]))
    drop(folder, '5.xml', '<Records><case id="5"><name>x</name></case><broken')
    const gateway = collector()
    const sizes: number[] = []
    const emit: Emit = async (batch) => {
      sizes.push(batch.records.length)
      return gateway.emit(batch)
    }
    await read(xmlOptions(folder, { batchSize: 4, reply: {} }), {}, emit)
    t.same(sizes, [4, 2])
    t.same(namesIn(folder, 'done'), ['1.xml', '2.xml', '3.xml', '4.xml'])
    t.same(namesIn(folder, 'error'), ['5.xml'])
    t.same(namesIn(folder, 'reply'), ['1.xml.ok', '2.xml.ok', '3.xml.ok', '4.xml.ok', '5.xml.err'])
  })

  t.test('what replaces a file after it was read is its next version: it stays for the next run', async (t) => {
    const folder = makeFolder(t)
    for (const id of ['1', '2', '3']) drop(folder, `${id}.xml`, documentOf([{ id, name: 'x' }]))
    const gateway = collector()
    const { warnings } = await read(xmlOptions(folder), {}, async (batch) => {
      drop(folder, '1.xml', documentOf([{ id: '1', name: 'a longer name' }]))
      return gateway.emit(batch)
    })
    t.match(warnings, [{ message: /1\.xml .* it changed while it was read/ }])
    t.same(namesIn(folder, 'done'), ['2.xml'])
    t.match((await read(xmlOptions(folder))).records, [{ key: '1', body: /a longer name/ }, { key: '3' }])
  })

  t.test('settled: behind a file that might still change none is read before that one is stored', async (t) => {
    const folder = makeFolder(t)
    for (const id of ['1', '2']) drop(folder, `${id}.xml`, documentOf([{ id, name: 'x' }]))
    const gateway = collector()
    await read(xmlOptions(folder, { complete: { by: 'settled', ms: 1 } }), {}, async (batch) => {
      if (batch.records[0]?.key === '1') drop(folder, '1.xml', documentOf([{ id: '1', name: 'a longer name' }]))
      return gateway.emit(batch)
    })
    t.same(gateway.keys(), ['1'])
  })

  t.test('two files with one record never share a batch: read again, the first is no news behind the second', async (t) => {
    const folder = makeFolder(t)
    drop(folder, '1.xml', documentOf([{ id: 'K', name: 'old' }]))
    drop(folder, '2.xml', documentOf([{ id: 'K', name: 'new' }]))
    // Its reply cannot be written: the file stays, and with it the one that corrects it.
    writeFileSync(join(folder, 'reply'), 'not a folder')
    const gateway = collector()
    const { error } = await failedRead(xmlOptions(folder, { reply: {} }), {}, gateway.emit)
    t.match(error, { code: 'SOURCE_UNREACHABLE' })
    t.same([gateway.keys(), namesIn(folder)], [['K'], ['1.xml', '2.xml', 'reply']])
    rmSync(join(folder, 'reply'))
    const bodies = (await read(xmlOptions(folder, { reply: {} }))).records.map(({ body }) => /old|new/.exec(String(body))?.[0])
    t.same(bodies, ['old', 'new'])
    t.same(namesIn(folder, 'done'), ['1.xml', '2.xml'])
  })

  t.test(
    'a file that corrects another is read when that one is moved, also where its records need several batches',
    async (t) => {
      const folder = makeFolder(t)
      drop(folder, '1.xml', documentOf(['K', 'x', 'y'].map((id) => ({ id, name: 'old' }))))
      drop(folder, '2.xml', documentOf([{ id: 'K', name: 'new' }]))
      const gateway = collector()
      let moved: string[] | undefined
      await read(xmlOptions(folder, { batchSize: 2 }), {}, async (batch) => {
        if (JSON.stringify(batch.records).includes('new')) moved = namesIn(folder, 'done')
        return gateway.emit(batch)
      })
      t.same(moved, ['1.xml'])
      t.same(namesIn(folder, 'done'), ['1.xml', '2.xml'])
    },
  )

  t.test('behind a file that has to be read again nothing is read, though it fills a batch', async (t) => {
    const folder = makeFolder(t)
    drop(folder, '1.xml', documentOf([{ id: 'K', name: 'x' }]))
    drop(folder, '2.xml', documentOf(['a', 'b', 'c', 'd'].map((id) => ({ id, name: 'x' }))))
    const gateway = collector()
    await read(xmlOptions(folder), {}, async (batch) => {
      drop(folder, '1.xml', documentOf([{ id: 'K', name: 'a longer name' }]))
      return gateway.emit(batch)
    })
    t.same(gateway.keys(), ['K', 'a', 'b'])
    t.same(namesIn(folder), ['1.xml', '2.xml'])
    t.same(outline((await read(xmlOptions(folder))).records), [['K'], ['a'], ['b'], ['c'], ['d']])
  })

  t.test('what replaced a file after the last look at it is put back, and not moved away unread', async (t) => {
    const folder = makeFolder(t)
    drop(folder, '1.xml', documentOf([{ id: '1', name: 'first' }]))
    const place = openDropFolder(checkedOptions(file, xmlOptions(folder)) as never, testContext([]))
    const [found] = (await place.list(new AbortController().signal)).files
    drop(folder, '1.xml', documentOf([{ id: '1', name: 'second, and longer' }]))
    t.equal(await place.put(found!, 'done'), false)
    t.same([namesIn(folder), namesIn(folder, 'done')], [['1.xml'], []])
    const [again] = (await place.list(new AbortController().signal)).files
    t.equal(await place.put(again!, 'done'), true)
    t.same([namesIn(folder), namesIn(folder, 'done')], [[], ['1.xml']])
  })

  t.test('nothing is moved of which not every record is on disk', async (t) => {
    const folder = makeFolder(t)
    for (const id of ['1', '2', '3', '4']) drop(folder, `${id}.xml`, documentOf([{ id, name: 'x' }]))
    const stopped = async (): Promise<never> => {
      throw new Error('the gateway stops')
    }
    await t.rejects(read(xmlOptions(folder), {}, stopped))
    t.same(namesIn(folder), ['1.xml', '2.xml', '3.xml', '4.xml'])
  })

  t.test('by name or by time of change', async (t) => {
    const folder = makeFolder(t)
    const put = () => {
      for (const [name, at] of [
        ['b.xml', 1000],
        ['a.xml', 3000],
        ['c.xml', 2000],
      ] as const) {
        drop(folder, name, documentOf([{ id: name, name: 'x' }]))
        utimesSync(join(folder, name), at, at)
      }
    }
    put()
    t.same(outline((await read(xmlOptions(folder))).records), [['a.xml'], ['b.xml'], ['c.xml']])
    put()
    t.same(outline((await read(xmlOptions(folder, { order: 'mtime' }))).records), [['b.xml'], ['c.xml'], ['a.xml']])
    t.same(namesIn(folder, 'done'), ['a.1.xml', 'a.xml', 'b.1.xml', 'b.xml', 'c.1.xml', 'c.xml'], 'nothing is overwritten')
  })

  t.test('of files that are moved side by side none takes the place of another whose number is its name', async (t) => {
    const folder = makeFolder(t)
    const put = (ids: readonly string[]) => {
      for (const [at, id] of ids.entries()) {
        drop(folder, `${id}.xml`, documentOf([{ id, name: 'x' }]))
        utimesSync(join(folder, `${id}.xml`), at, at)
      }
    }
    const names = Array.from({ length: 60 }, (_, number) => `n${number}`)
    put(names)
    await read(xmlOptions(folder, { order: 'mtime' }))
    // The second n7.xml becomes n7.1.xml, unless that is there: and it is on its way there.
    put(names.flatMap((name) => [name, `${name}.1`]))
    await read(xmlOptions(folder, { order: 'mtime' }))
    const contents = namesIn(folder, 'done').map((name) => readFileSync(join(folder, 'done', name), 'latin1'))
    t.same([contents.length, new Set(contents).size], [180, 120])
  })

  t.test('a declaration that is known to be wrong can be overridden, a byte order mark cannot', async (t) => {
    const folder = makeFolder(t)
    const row = { id: '1', name: '巴特尔·额尔敦' }
    drop(folder, 'a.xml', documentOf([row], 'GB18030'), 'utf-8')
    writeFileSync(join(folder, 'b.xml'), `\ufeff${documentOf([row], 'GB18030')}`)
    const { records } = await read(xmlOptions(folder, { charset: 'utf-8', declaration: 'ignore' }))
    t.match(
      records.map(({ body, fault }) => [fault, String(body)]),
      [
        [undefined, /巴特尔·额尔敦/],
        [undefined, /巴特尔·额尔敦/],
      ],
    )
    const problems = file.checkOptions!({ ...checkedOptions(file, xmlOptions(folder)), charset: 'gbx' } as never)
    t.match(problems, [{ path: '/charset' }])
  })

  t.test('a file without records is done, with a warning; one that has others in their place is not', async (t) => {
    const folder = makeFolder(t)
    drop(folder, 'a.xml', documentOf([{ id: '1', name: 'x' }]))
    drop(folder, 'b.xml', documentOf([]))
    const { records, warnings } = await read(xmlOptions(folder, { records: 'Rows/row' }))
    t.same(records, [])
    t.match(warnings, [
      { message: /a\.xml .* it holds no record as records says, where it has case; it goes to error/ },
      { message: /b\.xml .* it holds no record; check records/ },
    ])
    t.same([namesIn(folder, 'error'), namesIn(folder, 'done')], [['a.xml'], ['b.xml']])
  })
})

t.test('file: XML', async (t) => {
  t.test('records are the text as written; BOM and declaration win over the configured charset', async (t) => {
    const folder = makeFolder(t)
    const row = { id: '1', name: '巴特尔·额尔敦 䶮 𠮷 — &<' }
    drop(folder, 'a.xml', documentOf([row], 'gb2312'))
    drop(folder, 'b.xml', documentOf([row], 'UTF-8'), 'utf-8')
    writeFileSync(join(folder, 'c.xml'), `\ufeff${documentOf([row], 'GBK')}`)
    drop(folder, 'd.xml', documentOf([row]).replace(/<\?.*\?>/, ''))
    const { records } = await read(xmlOptions(folder))
    t.same(
      records.map(({ body }) => body),
      Array.from({ length: 4 }, () => recordOf(row)),
    )
    t.same(namesIn(folder, 'done').length, 4)
  })

  t.test('what stands before a break is taken, the rest is one unreadable record, the file goes to error', async (t) => {
    const folder = makeFolder(t)
    const text = documentOf(['1', '2', '3'].map((id) => ({ id, name: '甲' })))
    drop(folder, 'broken.xml', text.replace('<case id="3">', '< case id="3">'))
    drop(folder, 'cut.xml', text.slice(0, -30))
    drop(folder, 'empty.xml', '')
    drop(folder, 'html.xml', '<html><br></html>')
    const { records } = await read(xmlOptions(folder))
    t.same(outline(records), [
      ['1'],
      ['2'],
      ['broken.xml#2', 'XML_INVALID'],
      ['1'],
      ['2'],
      ['cut.xml#2', 'XML_INVALID'],
      ['empty.xml#0', 'XML_INVALID'],
      ['html.xml#0', 'XML_INVALID'],
    ])
    t.ok(textOf(records[2]!).includes('< case id="3">'), 'the unreadable rest is kept')
    t.same(namesIn(folder, 'error'), ['broken.xml', 'cut.xml', 'empty.xml', 'html.xml'])
  })

  t.test('a character that somebody lost before is text of its own record alone', async (t) => {
    const folder = makeFolder(t)
    writeFileSync(join(folder, 'a.csv'), 'NO,NAME\n1,甲\n2,王\ufffd\n3,丙\n')
    const { records } = await read({ folder, pattern: '*.csv', format: 'csv', charset: 'utf-8', stream: 'SB', key: ['NO'] })
    t.same(
      records.map(({ key, fault }) => [key, fault?.code]),
      [
        ['1', undefined],
        ['2', undefined],
        ['3', undefined],
      ],
    )
    t.match(textOf(records[1]!), /王\ufffd/)
  })

  t.test('in a file of lines, a line that is no text spoils itself only, and is kept as received', async (t) => {
    const gbk = Buffer.from(encodeText('2,集宁区', 'gb18030'))
    const csv = Buffer.concat([
      Buffer.from('NO,NAME\n1,甲\n'),
      gbk,
      Buffer.from('\n3,丙\n4,"丁\n'),
      gbk,
      Buffer.from('"\n5,戊\n'),
    ])
    const told = ({ key, fault }: SourceRecord) => [key, fault?.code, fault?.values['offset']]
    for (const filler of ['', '甲'.repeat(40_000)]) {
      const folder = makeFolder(t)
      writeFileSync(join(folder, 'a.csv'), Buffer.concat([csv, Buffer.from(filler === '' ? '' : `6,${filler}\n`)]))
      const { records } = await read({ folder, pattern: '*.csv', format: 'csv', charset: 'utf-8', stream: 'SB', key: ['NO'] })
      t.same(records.slice(0, 5).map(told), [
        ['1', undefined, undefined],
        ['a.csv#1', 'CHARSET_INVALID', csv.indexOf(gbk) + 2],
        ['3', undefined, undefined],
        ['a.csv#3', 'CHARSET_INVALID', csv.lastIndexOf(gbk) + 2],
        ['5', undefined, undefined],
      ])
      t.same(Buffer.from(records[1]!.body as Uint8Array).subarray(0, gbk.length), gbk)
      t.same(namesIn(folder, 'error'), ['a.csv'])
    }
    const lines = makeFolder(t)
    writeFileSync(
      join(lines, 'a.jsonl'),
      Buffer.concat([Buffer.from('{"NO":"1"}\n'), Buffer.from([0xff]), Buffer.from('\n{"NO":"3"}\n')]),
    )
    const options = {
      folder: lines,
      pattern: '*.jsonl',
      format: 'json',
      records: 'lines',
      charset: 'utf-8',
      stream: 'SB',
      key: ['NO'],
    }
    t.same((await read(options)).records.map(told), [
      ['1', undefined, undefined],
      ['a.jsonl#1', 'CHARSET_INVALID', 11],
      ['3', undefined, undefined],
    ])
  })

  t.test('a damaged line takes nothing of its neighbours with it, however lines end and wherever chunks are cut', async (t) => {
    const options = (folder: string, charset: string) => ({
      folder,
      pattern: '*.csv',
      format: 'csv',
      charset,
      stream: 'SB',
      key: ['NO'],
    })
    const readOf = async (bytes: Buffer, charset: string) => {
      const folder = makeFolder(t)
      writeFileSync(join(folder, 'a.csv'), bytes)
      return (await read(options(folder, charset))).records
    }
    const told = ({ key, fault }: SourceRecord) => [key, fault?.code]
    const long = '錢'.repeat(50_000)
    const cut = await readOf(
      Buffer.concat([Buffer.from(encodeText(`NO,NAME\n1,a${long}\n2,`, 'gb18030')), Buffer.from([0xff]), Buffer.from('\n')]),
      'gb18030',
    )
    for (const record of cut) if (!record.fault) t.ok(textOf(record).includes(long), 'what passes for good is whole')
    t.ok(cut.some(({ fault }) => fault?.code === 'CHARSET_INVALID'))
    const withReturns = Buffer.concat([Buffer.from('NO,NAME\r1,甲>\r2,'), Buffer.from([0xff]), Buffer.from('\r3,丙\r')])
    t.same((await readOf(withReturns, 'utf-8')).map(told), [
      ['1', undefined],
      ['a.csv#1', 'CHARSET_INVALID'],
      ['3', undefined],
    ])
    const marked = Buffer.concat([Buffer.from('NO,NAME\n1,a\n'), Buffer.from([0xff, 0xfe]), Buffer.from('2,a\n3,c\n')])
    t.same((await readOf(marked, 'utf-8')).map(told), [
      ['1', undefined],
      ['a.csv#1', 'CHARSET_INVALID'],
      ['3', undefined],
    ])
    const rows = Buffer.concat([
      Buffer.from('NO,NAME,N\n1,"甲,1\n2,\ufffd,1\n3,'),
      Buffer.from([0xff]),
      Buffer.from(',1\n4,\ufffd,1\n4,'),
      Buffer.from([0xff]),
      Buffer.from(',1\n'),
    ])
    t.same(
      (await readOf(rows, 'utf-8')).map(told),
      [
        ['a.csv#0', 'CSV_INVALID'],
        ['2', undefined],
        ['a.csv#2', 'CHARSET_INVALID'],
        ['4', undefined],
        ['a.csv#4', 'CHARSET_INVALID'],
      ],
      'a U+FFFD that the file itself holds is none of the damage, whatever else its row says',
    )
    for (const before of ['', '\n']) {
      const header = Buffer.concat([Buffer.from(`${before}NO,NAME`), Buffer.from([0xff]), Buffer.from('\n1,a\n')])
      const found = await readOf(header, 'utf-8')
      t.ok(found.length === 1 && found[0]!.fault, 'no row is read under a name that is not whole')
    }
  })

  t.test('where more lines than that are no text, the charset is wrong: the rest waits as one record', async (t) => {
    const folder = makeFolder(t)
    const row = Buffer.from(encodeText('9,集宁区\n', 'gb18030'))
    writeFileSync(join(folder, 'a.csv'), Buffer.concat([Buffer.from('NO,NAME\n'), ...Array.from({ length: 500 }, () => row)]))
    const { records } = await read({ folder, pattern: '*.csv', format: 'csv', charset: 'utf-8', stream: 'SB', key: ['NO'] })
    t.equal(records.length, 21)
    t.ok(records.every(({ fault }) => fault?.code === 'CHARSET_INVALID'))
  })

  t.test('bytes that are no text spoil the file from there on, and are told with their place', async (t) => {
    const folder = makeFolder(t)
    const rows = Array.from({ length: 5000 }, (_, index) => ({ id: String(index), name: '集宁区申请人·姓名' }))
    const bytes = Buffer.from(encodeText(documentOf(rows), 'gb18030'))
    const at = bytes.indexOf('id="4000"') + 20
    bytes.set([0xff, 0xff], at)
    writeFileSync(join(folder, 'a.xml'), bytes)
    const { records } = await read(xmlOptions(folder, { batchSize: 1000 }))
    t.equal(records.length, 4001)
    t.equal(records[3999]?.key, '3999')
    const { fault, key } = records[4000]!
    t.match({ key, fault }, { key: 'a.xml#4000', fault: { code: 'CHARSET_INVALID' } })
    t.ok(Math.abs(Number(fault?.values.offset) - at) <= 1, `byte ${fault?.values.offset}, set at ${at}`)
  })

  t.test('a corrected file under the same name is a new version, the same file again a duplicate', async (t) => {
    const folder = makeFolder(t)
    const gateway = collector()
    const outcomes: string[] = []
    const emit: Emit = async (batch) => {
      const receipts = await gateway.emit(batch)
      outcomes.push(...receipts.map(({ key, outcome }) => `${key} ${outcome}`))
      return receipts
    }
    const options = xmlOptions(folder, { key: [] })
    const send = async (name: string) => {
      drop(
        folder,
        'a.xml',
        documentOf([
          { id: '1', name: '甲' },
          { id: '2', name },
        ]),
      )
      await read(options, {}, emit)
    }
    await send('乙')
    await send('乙')
    await send('丙')
    t.same(outcomes, [
      'a.xml#0 stored',
      'a.xml#1 stored',
      'a.xml#0 duplicate',
      'a.xml#1 duplicate',
      'a.xml#0 duplicate',
      'a.xml#1 stored',
    ])
  })

  t.test('a record without its key, or too large, is set aside alone', async (t) => {
    const folder = makeFolder(t)
    drop(
      folder,
      'a.xml',
      documentOf([
        { id: '1', name: 'x' },
        { id: '', name: 'x' },
        { id: '3', name: '大'.repeat(400) },
        { id: '4', name: 'x' },
      ]),
    )
    const { records } = await read(xmlOptions(folder, { maxRecordBytes: 1024 }))
    t.same(outline(records), [['1'], ['a.xml#1', 'RECORD_UNREADABLE'], ['a.xml#2', 'RECORD_TOO_LARGE'], ['4']])
    t.same(namesIn(folder, 'error'), ['a.xml'])
  })

  t.test('DTDs are refused; 20 MB without a tag or a bracket are not held', async (t) => {
    const folder = makeFolder(t)
    drop(folder, 'a.xml', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Records><case id="1">&b;</case></Records>')
    drop(folder, 'b.xml', `<Records>${'x'.repeat(20_000_000)}`)
    drop(folder, 'c.xml', `<Records><case id="${'x'.repeat(20_000_000)}`)
    drop(folder, 'd.xml', '<x'.repeat(2_500_000))
    const { records } = await read(xmlOptions(folder, { maxRecordBytes: 100_000 }))
    t.same(outline(records), [
      ['a.xml#0', 'XML_INVALID'],
      ['b.xml#0', 'RECORD_TOO_LARGE'],
      ['c.xml#0', 'RECORD_TOO_LARGE'],
      ['d.xml#0', 'XML_INVALID'],
    ])
    t.ok(records.every(({ body }) => body.length <= 256 * 1024))
    t.notMatch(records.map(textOf).join(), /root:/)
  })

  t.test('a 100 MB file in GB 18030 is read in bounded memory, and a batch waits for the one before', async (t) => {
    const folder = makeFolder(t)
    const record = (id: number): string =>
      `<case id="${id}">${'<name>内蒙古自治区乌兰察布市集宁区政务服务大厅·窗口</name>'.repeat(40)}</case>\n`
    const out = createWriteStream(join(folder, 'big.xml'))
    out.write(encodeText('<?xml version="1.0" encoding="GB18030"?><Records>', 'gb18030'))
    const piece = encodeText(Array.from({ length: 100 }, (_, index) => record(index)).join(''), 'gb18030')
    const pieces = Math.ceil(100_000_000 / piece.length)
    for (let index = 0; index < pieces; index++) if (!out.write(piece)) await once(out, 'drain')
    out.end('</Records>')
    await once(out, 'close')
    let records = 0
    let peak = 0
    let batches = 0
    const live = (): number => {
      collectGarbage()
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    const before = live()
    const emit: Emit = async (batch) => {
      records += batch.records.length
      if (batches++ % 20 === 0) peak = Math.max(peak, live() - before)
      return batch.records.map(({ key }) => ({ key, outcome: 'stored', recordSeq: 1 }))
    }
    await read(xmlOptions(folder, { batchSize: 200 }), {}, emit)
    t.equal(records, pieces * 100)
    t.ok(peak < 10_000_000, `peak ${Math.round(peak / 1e6)} MB above the start`)
    t.same(namesIn(folder, 'done'), ['big.xml'])
  })
})

t.test('file: CSV', async (t) => {
  const csvOptions = (folder: string, more: Options = {}): Options => ({
    folder,
    pattern: '*.csv',
    format: 'csv',
    charset: 'gbk',
    stream: 'case',
    key: ['SBLSH'],
    ...more,
  })

  t.test('GBK with quotes, delimiters and line breaks inside values', async (t) => {
    const folder = makeFolder(t)
    drop(folder, 'a.csv', 'SBLSH,申请人,意见\r\n001,"巴特尔·额尔敦","同意,\r\n见""附件"""\r\n\r\n002,𠮷,\r\n')
    const { records } = await read(csvOptions(folder))
    t.same(
      records.map(({ key, value }) => ({ key, value })),
      [
        { key: '001', value: { SBLSH: '001', 申请人: '巴特尔·额尔敦', 意见: '同意,\r\n见"附件"' } },
        { key: '002', value: { SBLSH: '002', 申请人: '𠮷', 意见: '' } },
      ],
    )
    t.same(
      records.map(({ body }) => JSON.parse(String(body))),
      records.map(({ value }) => value),
    )
  })

  t.test('another delimiter and quote; names such as __proto__ are only names', async (t) => {
    const folder = makeFolder(t)
    drop(folder, 'a.csv', "SBLSH;__proto__;toString\n1;'a;''b';c\n")
    const { records } = await read(csvOptions(folder, { csv: { delimiter: ';', quote: "'" } }))
    t.equal(records[0]?.body, `{"SBLSH":"1","__proto__":"a;'b","toString":"c"}`)
  })

  t.test('a bad row stops itself only; an unusable head or an endless quote stops the file', async (t) => {
    const folder = makeFolder(t)
    drop(folder, 'a.csv', 'SBLSH,A\n1,x\n2\n3,x,y\n4,x"y"\n5,x\n')
    drop(folder, 'b.csv', 'SBLSH,SBLSH\n1,x\n')
    drop(folder, 'c.csv', '')
    drop(folder, 'bb.csv', 'SBL"SH",A\n1,x\n')
    drop(folder, 'd.csv', `SBLSH,A\n1,x\n2,"${'never closed\n'.repeat(1000)}`)
    const { records } = await read(csvOptions(folder, { maxRecordBytes: 2000 }))
    t.same(outline(records), [
      ['1'],
      ['a.csv#1', 'CSV_INVALID'],
      ['a.csv#2', 'CSV_INVALID'],
      ['a.csv#3', 'CSV_INVALID'],
      ['5'],
      ['b.csv#0', 'CSV_INVALID'],
      ['bb.csv#0', 'CSV_INVALID'],
      ['c.csv#0', 'CSV_INVALID'],
      ['1'],
      ['d.csv#1', 'RECORD_TOO_LARGE'],
    ])
    t.match(records[1], { body: /^2\n?$/, fault: { values: { line: 3 } } })
    t.same(namesIn(folder, 'error').length, 5)
  })
})

t.test('file: JSON', async (t) => {
  const jsonOptions = (folder: string, more: Options = {}): Options => ({
    folder,
    pattern: '*.json',
    format: 'json',
    stream: '{type}',
    key: ['/no'],
    records: '/data/rows',
    ...more,
  })

  t.test('the elements of an array deep in the document, digits as written', async (t) => {
    const folder = makeFolder(t)
    const rows = [
      '{"type":"a","no":"1","big":9007199254740993,"d":1.10}',
      '{ "type":"b", "no":2, "text":"],[{\\"，·" }',
      '{"type":"a","no":"3","rows":[[1],{"data":{"rows":[9]}}]}',
    ]
    drop(
      folder,
      'a.json',
      `{"x":{"rows":[{"no":"no"}]},"data":{"a":[1,{"b":2}],"rows":[${rows.join(' ,\n ')}],"z":"]"},"rows":[0]}`,
      'utf-8',
    )
    const { records } = await read(jsonOptions(folder))
    t.same(
      records.map(({ body }) => body),
      rows,
    )
    t.same(
      records.map(({ stream, key }) => `${stream} ${key}`),
      ['a 1', 'b 2', 'a 3'],
    )
  })

  t.test('an array as the whole document, one record a line, and empty ones', async (t) => {
    const folder = makeFolder(t)
    drop(folder, 'a.json', '[{"type":"a","no":"1"},{"type":"a","no":"2"}]', 'utf-8')
    drop(folder, 'b.json', ' [ ] ', 'utf-8')
    t.same(outline((await read(jsonOptions(folder, { records: '' }))).records), [['1'], ['2']])
    drop(folder, 'c.json', '{"type":"a","no":9007199254740993}\n{"type":"a","no":"3"}\r\n\n{"type":"a","no":"4"}', 'utf-8')
    t.same(outline((await read(jsonOptions(folder, { records: 'lines' }))).records), [['9007199254740993'], ['3'], ['4']])
  })

  t.test('a bad element stops itself only; a broken document keeps what stood before', async (t) => {
    const folder = makeFolder(t)
    const row = (no: string): string => `{"type":"a","no":"${no}"}`
    drop(folder, 'a.json', `{"data":{"rows":[${row('1')},{bad},,${row('2')},]}}`, 'utf-8')
    drop(folder, 'b.json', `{"data":{"rows":[${row('1')},{"type":`, 'utf-8')
    drop(folder, 'c.json', `{"data":{"rows":[${row('1')}}]}`, 'utf-8')
    drop(folder, 'd.json', '{"data":{}}', 'utf-8')
    drop(folder, 'e.json', 'null', 'utf-8')
    drop(folder, 'f.json', `{"data":{"rows":["${'x'.repeat(200_000)}`, 'utf-8')
    const { records } = await read(jsonOptions(folder, { maxRecordBytes: 100_000 }))
    t.same(outline(records), [
      ['1'],
      ['a.json#1', 'JSON_INVALID'],
      ['a.json#2', 'JSON_INVALID'],
      ['2'],
      ['a.json#4', 'JSON_INVALID'],
      ['1'],
      ['b.json#1', 'JSON_INVALID'],
      ['c.json#0', 'JSON_INVALID'],
      ['d.json#0', 'JSON_INVALID'],
      ['e.json#0', 'JSON_INVALID'],
      ['f.json#0', 'RECORD_TOO_LARGE'],
    ])
  })

  t.test('characters and escapes across the chunks of a large file', async (t) => {
    const folder = makeFolder(t)
    const rows = Array.from({ length: 20_000 }, (_, no) => JSON.stringify({ type: 'a', no, name: '姓名·"\\𠮷'.repeat(no % 7) }))
    drop(folder, 'a.json', `{"data":{"rows":[${rows.join(',')}]}}`, 'utf-8')
    const { records } = await read(jsonOptions(folder))
    t.ok(records.every(({ body }, index) => body === rows[index]))
    t.equal(records.length, rows.length)
  })
})

t.test('file: replies, moves and probes', async (t) => {
  t.test('what was set aside is told in each run until somebody takes it away', async (t) => {
    const folder = makeFolder(t)
    const options = xmlOptions(folder, { complete: { by: 'marker' } })
    const cut = documentOf([{ id: 'A1', name: '甲' }]).replace('</Records>', '')
    for (const [name, text] of [
      ['1.xml', cut],
      ['1.xml.ok', ''],
    ] as const)
      drop(folder, name, text)
    const aside = [{ code: 'SOURCE_FILES_SET_ASIDE', values: { folder: 'error', count: 1, file: '1.xml' } }]
    t.match((await read(options)).warnings, aside)
    t.match((await read(options)).warnings, aside)
    rmSync(join(folder, 'error'), { recursive: true })
    t.same((await read(options)).warnings, [])
  })

  t.test('a folder for errors that cannot be looked at is told, and the run is good', async (t) => {
    const folder = makeFolder(t)
    writeFileSync(join(folder, 'error'), '')
    drop(folder, '1.xml', documentOf([{ id: 'A1', name: '甲' }]))
    const { records, warnings } = await read(xmlOptions(folder))
    t.equal(records.length, 1)
    t.match(warnings, [{ message: /ENOTDIR/ }])
  })

  t.test('replies are not set aside, and numbers of people in the name of a file are masked', async (t) => {
    const folder = makeFolder(t)
    const options = xmlOptions(folder, { reply: { folder: 'error', success: '.ok', error: '.bad', format: 'json' } })
    drop(folder, '1.xml', documentOf([{ id: 'A1', name: '甲' }]))
    t.same((await read(options)).warnings, [])
    drop(folder, '110101199003071233.xml', '<Records>')
    const { warnings } = await read(options)
    t.match(warnings.at(-1), { values: { count: 1 } })
    t.notMatch(JSON.stringify(warnings), /110101199003071233/)
  })

  t.test('two records of one key in a file are told with the key, unless they are the same', async (t) => {
    const folder = makeFolder(t)
    const rows = ['甲', '甲', '乙'].map((name) => ({ id: 'A1', name }))
    drop(folder, '1.xml', documentOf([...rows, { id: 'A2', name: '丙' }]))
    drop(folder, '2.xml', documentOf([{ id: 'A2', name: '丁' }]))
    const { records, warnings } = await read(xmlOptions(folder, { batchSize: 10 }))
    t.equal(records.length, 5)
    t.match(warnings, [
      { code: 'SOURCE_FILE_DOUBTFUL', values: { file: '1.xml' }, message: /1 records have the key of one before.*"A1"/ },
    ])
    t.equal(warnings.length, 1, 'a corrected file is what it is meant to be')
  })

  t.test('a reply tells the counts and the error codes', async (t) => {
    const folder = makeFolder(t)
    drop(
      folder,
      'a.xml',
      documentOf([
        { id: '1', name: 'x' },
        { id: '2', name: 'x' },
      ]),
    )
    drop(
      folder,
      'b.xml',
      documentOf([
        { id: '1', name: 'x' },
        { id: '', name: 'x' },
      ]),
    )
    const gateway = collector()
    const emit: Emit = async (batch) => {
      const receipts = await gateway.emit(batch)
      return receipts.map((receipt, index) => {
        const { fault } = batch.records[index]!
        return fault ? { ...receipt, outcome: 'quarantined' as const, error: fault } : receipt
      })
    }
    await read(xmlOptions(folder, { reply: {} }), {}, emit)
    t.same(namesIn(folder, 'reply'), ['a.xml.ok', 'b.xml.err'])
    const replyTo = (name: string) => readFileSync(join(folder, 'reply', name), 'utf8')
    t.same(JSON.parse(replyTo('a.xml.ok')), {
      file: 'a.xml',
      records: 2,
      stored: 2,
      duplicate: 0,
      quarantined: 0,
      ignored: 0,
      errors: {},
    })
    t.match(JSON.parse(replyTo('b.xml.err')), { records: 2, duplicate: 1, quarantined: 1, errors: { RECORD_UNREADABLE: 1 } })
    drop(
      folder,
      'b.xml',
      documentOf([
        { id: '1', name: 'x' },
        { id: '', name: 'x' },
      ]),
    )
    await read(xmlOptions(folder, { reply: { format: 'xml' } }), {}, emit)
    const reply = parseXml(replyTo('b.xml.err'))
    t.match(reply.attributes, { file: 'b.xml', records: '2', quarantined: '1' })
    t.match(reply.children, [{ attributes: { code: 'RECORD_UNREADABLE', count: '1' } }])
  })

  t.test('a file that cannot be opened ends the run under its name; one that is gone does not', async (t) => {
    const folder = makeFolder(t)
    for (const id of ['0', '1', '2', '3']) drop(folder, `${id}.xml`, documentOf([{ id, name: 'x' }]))
    const gateway = collector()
    const { error } = await failedRead(xmlOptions(folder, { batchSize: 1 }), {}, async (batch) => {
      if (batch.records[0]?.key === '0') {
        rmSync(join(folder, '1.xml'))
        // Opening a name without following links refuses one that became a link after the folder was listed.
        renameSync(join(folder, '2.xml'), join(folder, '2.txt'))
        symlinkSync(join(folder, '2.txt'), join(folder, '2.xml'))
      }
      return gateway.emit(batch)
    })
    t.match(error, { code: 'SOURCE_UNREACHABLE', message: /ELOOP .*2\.xml/ })
    t.same(gateway.keys(), ['0'], 'the file behind it waits')
  })

  t.test(
    'a file that may not be read ends the run as a matter of rights, and none overtakes it',
    { skip: process.platform === 'win32' },
    async (t) => {
      const folder = makeFolder(t)
      for (const id of ['1', '2', '3']) drop(folder, `${id}.xml`, documentOf([{ id, name: 'x' }]))
      chmodSync(join(folder, '2.xml'), 0)
      const nobody = 65_534
      // To root every file is readable.
      const isRoot = process.geteuid?.() === 0
      if (isRoot) for (const path of [join(folder, '..'), folder]) chownSync(path, nobody, nobody)
      if (isRoot) process.seteuid?.(nobody)
      try {
        const { error, keys } = await failedRead(xmlOptions(folder))
        t.match(error, { code: 'SOURCE_DENIED', message: /EACCES .*2\.xml/ })
        t.same(keys, ['1'])
      } finally {
        if (isRoot) process.seteuid?.(0)
      }
      chmodSync(join(folder, '2.xml'), 0o600)
      t.same(outline((await read(xmlOptions(folder))).records), [['2'], ['3']])
    },
  )

  t.test(
    'a repeated record that lies in quarantine is an error again, and a reply replaces one of the other suffix',
    async (t) => {
      const folder = makeFolder(t)
      let wrong: GatewayError | undefined = GatewayError.of('RECORD_UNREADABLE', { reason: 'x' })
      const emit: Emit = async (batch) =>
        batch.records.map(({ key }) =>
          wrong && key === '2'
            ? { key, outcome: 'quarantined', recordSeq: 2, error: wrong }
            : { key, outcome: 'duplicate', recordSeq: 1 },
        )
      const answersTo = async () => {
        drop(
          folder,
          'a.xml',
          documentOf([
            { id: '1', name: 'x' },
            { id: '2', name: 'x' },
          ]),
        )
        await read(xmlOptions(folder, { reply: {} }), {}, emit)
        return namesIn(folder, 'reply')
      }
      t.same(await answersTo(), ['a.xml.err'])
      const told: unknown = JSON.parse(readFileSync(join(folder, 'reply', 'a.xml.err'), 'utf8'))
      t.match(told, { records: 2, duplicate: 1, quarantined: 1, errors: { RECORD_UNREADABLE: 1 } })
      const repaired = wrong
      wrong = undefined
      t.same(await answersTo(), ['a.xml.ok'])
      wrong = repaired
      t.same(await answersTo(), ['a.xml.err'])
    },
  )

  t.test('what is said of an unreadable file holds nothing of what is in it', async (t) => {
    const folder = makeFolder(t)
    const csv = { folder, pattern: '*.csv', format: 'csv', stream: 'case', key: ['SBLSH'] }
    drop(folder, 'a.csv', 'SBLSH,A\n1,GEHEIM"x"\n2,"GEHEIM"x\nGEHEIM\n', 'utf-8')
    drop(folder, 'b.csv', 'GEHEIM,GEHEIM\n1,x\n', 'utf-8')
    const json = { folder, pattern: '*.json', format: 'json', stream: 'case', records: '/rows' }
    drop(folder, 'a.json', '{"rows":[{"a":GEHEIM},{GEHEIM},"GEHEIM]}', 'utf-8')
    drop(folder, 'b.json', '{"GEHEIM\\x":1}', 'utf-8')
    const faults = [...(await read(csv)).records, ...(await read(json)).records].flatMap(({ fault }) => fault ?? [])
    t.same(
      faults.map(({ code }) => code),
      [
        'CSV_INVALID',
        'CSV_INVALID',
        'CSV_INVALID',
        'CSV_INVALID',
        'JSON_INVALID',
        'JSON_INVALID',
        'JSON_INVALID',
        'JSON_INVALID',
      ],
    )
    for (const { message, cause } of faults) t.notMatch(`${message} ${cause}`, /GEHEIM/)
  })

  t.test(
    'folders that are another file system are refused clearly, by the probe and by the move',
    { skip: process.platform !== 'linux' },
    async (t) => {
      const folder = makeFolder(t)
      const other = mkdtempSync('/dev/shm/drop-')
      t.teardown(() => rmSync(other, { recursive: true }))
      drop(folder, 'a.xml', documentOf([{ id: '1', name: 'x' }]))
      const options = xmlOptions(folder, { done: other })
      const steps = await withSource(file, options, (source) => source.probe(new AbortController().signal))
      t.match(steps, [
        { ok: true, detail: /^1 files/ },
        { ok: false, error: { code: 'SOURCE_OPTIONS_INVALID' } },
      ])
      await t.rejects(read(options), { code: 'SOURCE_OPTIONS_INVALID', message: /not on the file system/ })
      t.same(namesIn(folder), ['a.xml'])
    },
  )

  t.test('options that contradict each other are refused', async (t) => {
    const refused = (more: Options) => t.throws(() => checkedOptions(file, xmlOptions('/x', more)))
    refused({ records: '' })
    refused({ format: 'csv' })
    refused({ format: 'json', records: 'a/b' })
    refused({ format: 'csv', records: '', stream: '{element}' })
    refused({ done: '.' })
    refused({ pattern: 'sub/*.xml' })
    refused({ reply: { success: '.txt', error: '.TXT' } })
  })
})

t.test('the pretend civil department: every entry once, one file a case and exchange, broken ones on request', async (t) => {
  const folder = makeFolder(t)
  const department = openCivil(folder)
  const cases = [...createCases({ seed: 3, count: 40, prefix: 'MZ', org: civil, outcomes: civilOutcomes })]
  for (const source of cases) department.add(source)
  const first = namesIn(folder).find((name) => /_\d{7}\.xml$/.test(name))!
  t.match(decodeText(readFileSync(join(folder, first))), /^<\?xml version="1.0" encoding="GB18030"\?>\n<Records>\n<up_pro_/)
  t.ok(namesIn(folder).length > 40, 'some cases are corrected, deleted or rejected later')
  const expected = cases.flatMap((source) => [...civilEntries(source), ...laterEntries(source), ...rejectedEntries(source)])
  const { records } = await read(xmlOptions(folder, { key: ['row_guid'] }))
  const streams = [...new Set(expected.map(([element]) => element))]
  t.same(
    streams.sort(),
    ['accept', 'accept_unqbak', 'process', 'result', 'special_procedure'].map((name) => `up_pro_${name}`),
  )
  for (const stream of streams) {
    const count = expected.filter(([element]) => element === stream).length
    t.equal(records.filter((record) => record.stream === stream && !record.fault).length, count, stream)
  }
  const options = xmlOptions(folder, { key: ['row_guid'] })
  for (const [index, fault] of (['garbage', 'half', 'charset'] as const).entries()) department.addBroken(cases[index]!, fault)
  const again = await read(options)
  t.equal(again.records.filter(({ fault }) => fault).length, 3)
  t.equal(namesIn(folder, 'error').length, 3)
})
