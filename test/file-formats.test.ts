/** What the file adapter makes of text that breaks its format: one fault for what is wrong, every good record around it, nothing unsaid. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import file from '../adapters/file/index.ts'
import { type Row, splitCsv } from '../core/codec/split-csv.ts'
import { encodeText, GatewayError, type RunContext, splitJson } from '../core/contract.ts'
import { checkedOptions, collector, runOnce, testContext, textOf, withSource } from './contract/source-harness.ts'
import { temporaryFolder } from './temporary.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

/** The records of one file, as the adapter hands them over, and the folder that the file went to. */
const readFile = async (t: Test, text: string, options: Record<string, unknown>) => {
  const folder = join(temporaryFolder(t), 'in')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a'), encodeText(text, String(options.charset ?? 'utf-8')))
  const gateway = collector()
  await withSource(file, { folder, stream: 'case', ...options }, (source) => runOnce(source, gateway, gateway.emit))
  const records = gateway.batches.flatMap((batch) => batch.records)
  const movedTo = ['done', 'error'].filter(
    (name) => readdirSync(folder).includes(name) && readdirSync(join(folder, name)).length > 0,
  )
  return { records, outline: records.map(({ key, fault }) => (fault ? `${key} ${fault.code}` : key)), movedTo }
}

/** Errors reach logs: neither their sentences nor their causes may hold what was read. */
const tellsNothing = (t: Test, fault: GatewayError | undefined, secrets: string[]) => {
  const shown = inspect(fault, { depth: 9, showHidden: true })
  for (const secret of secrets) t.notOk(shown.includes(secret), `the error does not hold ${secret}`)
}

t.test('JSON: nothing behind the first array is dropped unsaid', async (t) => {
  const whole = { format: 'json', records: '', key: ['/id'] }
  const inData = { ...whole, records: '/data' }

  t.test('a second document is one fault, told by line and column, and the file goes to error', async (t) => {
    const { records, outline, movedTo } = await readFile(t, '[{"id":"1"}]\n [{"id":"2","name":"张三"}]', whole)
    t.same(outline, ['1', 'a#1 JSON_INVALID'])
    t.match(records[1]?.fault?.text.en, /line 2, column 2 /)
    t.ok(textOf(records[1]!).includes('张三'), 'what was not read is kept')
    tellsNothing(t, records[1]?.fault, ['张三'])
    t.same(movedTo, ['error'])
  })

  t.test('whatever else stands behind the document is a fault; white space is not', async (t) => {
    for (const rest of ['x', '张三', '"x"', '1', ',', ']', '}', '{}', '\u001a', '\u00a0']) {
      t.same((await readFile(t, `[{"id":"1"}]\r\n${rest}`, whole)).outline, ['1', 'a#1 JSON_INVALID'], inspect(rest))
    }
    const { outline, movedTo } = await readFile(t, ' \r\n[{"id":"1"}] \t\r\n\n', whole)
    t.same([outline, movedTo], [['1'], ['done']])
  })

  t.test('a second array at the pointer is a fault, and so is a second document behind it', async (t) => {
    const twice = await readFile(t, '{"data":[{"id":"1"}],"data":[{"id":"2"}]}\n{"data":[{"id":"3"}]}', inData)
    t.same(twice.outline, ['1', 'a#1 JSON_INVALID'])
    t.match(twice.records[1]?.fault?.text.en, /line 1, column 29 /)
    t.same(twice.movedTo, ['error'])
    const escaped = await readFile(t, '{"data":[{"id":"1"}],"d\\u0061ta":[{"id":"2"}]}', inData)
    t.same(escaped.outline, ['1', 'a#1 JSON_INVALID'], 'also when it is written otherwise')
    const empty = await readFile(t, '{"data":[],"data":[{"id":"2"}]}', inData)
    t.same(empty.outline, ['a#0 JSON_INVALID'])
    const behind = await readFile(t, '{"data":[{"id":"1"}]}\n{"data":[{"id":"3"}]}', inData)
    t.same(behind.outline, ['1', 'a#1 JSON_INVALID'])
  })

  t.test('arrays elsewhere are no fault', async (t) => {
    const { outline, movedTo } = await readFile(t, '{"data":[{"id":"1","data":[{"id":"x"}]}],"more":{"data":[2]}}', inData)
    t.same([outline, movedTo], [['1'], ['done']])
  })

  t.test('a document that is neither an object nor an array is a fault, also with an array behind it', async (t) => {
    for (const text of ['null', '"张三"', '1 [{"id":"1"}]', 'x[{"id":"1"}]']) {
      const { outline, records } = await readFile(t, text, whole)
      t.same(outline, ['a#0 JSON_INVALID'], text)
      tellsNothing(t, records[0]?.fault, ['张三'])
    }
  })

  t.test('no fault of the document holds a part of it, and its place is the same however the text is cut', async (t) => {
    const texts = {
      '{"data":[\n{"id":"张三"}]}\n 张三': '3:2',
      '{"a":1,\n"data":[1],"data":["张三"]}': '2:19',
      '{"张三":[}': '1:8',
      '{"x\\q张三":1}': '1:8',
      '{"data":["张三",\n': '2:1',
    }
    for (const [text, expected] of Object.entries(texts)) {
      for (let size = 1; size <= text.length; size++) {
        const read = async (): Promise<GatewayError> => {
          try {
            for await (const _ of splitJson(inPieces(text, size), '/data', 1000));
          } catch (error) {
            if (error instanceof GatewayError) return error
            throw error
          }
          throw new Error(`no fault in ${text}`)
        }
        const fault = await read()
        const found = /line (\d+), column (\d+) /.exec(fault.text.en)?.slice(1).join(':')
        if (found !== expected || fault.code !== 'JSON_INVALID') t.equal(found, expected, `${text} in pieces of ${size}`)
        if (size === text.length) {
          t.equal(found, expected)
          tellsNothing(t, fault, ['张三'])
        }
      }
    }
  })
})

t.test('CSV: a file whose columns are not those of the mapping is not read, nor is one behind it', async (t) => {
  const folder = join(temporaryFolder(t), 'in')
  mkdirSync(folder)
  const files = { 'a.csv': 'NO,NAME\n1,甲\n', 'b.csv': 'NO,NAMES\n2,乙\n', 'c.csv': 'NO,NAME\n3,丙\n' }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const options = checkedOptions(file, { folder, pattern: '*.csv', format: 'csv', stream: 'T', key: ['NO'] })
  const described: string[] = []
  const describe: RunContext['describe'] = ([one]) => {
    const names = one!.fields!.map(({ name }) => name)
    described.push(`${one!.stream}: ${names}`)
    if (names.includes('NAME')) return
    throw GatewayError.of('SOURCE_MAPPING_MISFIT', {
      system: 'one',
      reason: { zh: '没有列 NAME', en: 'no column NAME' },
      count: 1,
    })
  }
  const gateway = collector()
  const warnings: GatewayError[] = []
  const source = file.openSource(options as never, testContext(warnings))
  const run = () => runOnce(source, { ...gateway, describe }, gateway.emit)
  await t.rejects(run(), { code: 'SOURCE_MAPPING_MISFIT', message: /no column NAME/ })
  t.match(warnings, [{ message: /b\.csv .* its columns do not fit/ }])
  t.same(gateway.keys(), ['1'])
  t.same(readdirSync(folder).sort(), ['b.csv', 'c.csv', 'done'])
  writeFileSync(join(folder, 'b.csv'), 'NO,NAME\n2,乙\n')
  await run()
  t.same(gateway.keys(), ['1', '2', '3'])
  t.same(described, ['T: NO,NAME', 'T: NO,NAMES', 'T: NO,NAME', 'T: NO,NAME'])
  await source.close()
})

t.test('CSV: a bad row stops itself only', async (t) => {
  const options = { format: 'csv', charset: 'gbk', key: ['ID'] }
  const split = async (text: string, size = text.length, maxLength = 1000): Promise<Row[]> => {
    const rows: Row[] = []
    for await (const row of splitCsv(inPieces(text, size), { delimiter: ',', quote: '"', maxLength })) rows.push(row)
    return rows
  }
  /** Good rows by their ID, bad ones as they stand, with their line. */
  const outlineOf = (rows: Row[]): string[] =>
    rows.map(({ values, raw, fault }) => (values ? values.ID! : `${fault?.values.line}: ${raw}`))

  t.test('text behind a closing quote: one fault with the whole row, and the file goes on', async (t) => {
    const rows = ['1,C1,I,"李四",1', '2,C2,I,"张"三,1', '3,C3,I,"王五",1', '4,C4,I,赵六,1', '5,C5,I,"",1']
    const { records, outline, movedTo } = await readFile(t, `ID,CASE,OP,NAME,N\r\n${rows.join('\r\n')}\r\n`, options)
    t.same(outline, ['1', 'a#1 CSV_INVALID', '3', '4', '5'])
    t.equal(records[1]?.body, rows[1])
    t.equal(records[1]?.fault?.values.line, 3)
    t.match(records[1]?.fault?.text.en, /column 4/)
    tellsNothing(t, records[1]?.fault, ['张', '三', 'C2'])
    t.same(JSON.parse(textOf(records[2]!)), { ID: '3', CASE: 'C3', OP: 'I', NAME: '王五', N: '1' })
    t.same(movedTo, ['error'])
  })

  t.test('a quote that is never closed takes its own row only', async (t) => {
    const { records, outline } = await readFile(t, 'ID,NAME,N\n1,李四,1\n2,"张三,1\n3,王五,1\n4,赵六,1', options)
    t.same(outline, ['1', 'a#1 CSV_INVALID', '3', '4'])
    t.equal(records[1]?.body, '2,"张三,1')
    tellsNothing(t, records[1]?.fault, ['张三'])
  })

  t.test('every way a row can be bad, with its line, however the text is cut', async (t) => {
    const cases: [rows: string, expected: string[]][] = [
      ['1,"张"三,1\n2,b,1\n', ['2: 1,"张"三,1', '2']],
      ['1,"张"三"",1\n2,b,1', ['2: 1,"张"三"",1', '2']],
      ['1,张"三",1\n2,b,1', ['2: 1,张"三",1', '2']],
      ['1, "张三",1\n2,b,1', ['2: 1, "张三",1', '2']],
      ['1,"张三" ,1\n2,b,1', ['2: 1,"张三" ,1', '2']],
      ['1,"张三"\n2,b,1', ['2: 1,"张三"', '2']],
      ['1,"张\n三",1,x\n2,b,1', ['2: 1,"张\n三",1,x', '2']],
      ['1,"张三,1\n2,b,1\n3,"c",1\n4,"d""",1\n', ['2: 1,"张三,1', '2', '3', '4']],
      ['1,"张三,1\n2,"b\nb",1\n3,c,1', ['2: 1,"张三,1', '2', '3']],
      ['1,"张\n见"附件"三",1\n2,b,1', ['2: 1,"张\n见"附件"三",1', '2']],
      ['1,a,1\n2,b,"', ['1', '3: 2,b,"']],
      ['1,a,1\n2,"b\nb', ['1', '3: 2,"b\nb']],
      ['1,"a\n\na",1\n\n2\n3,c,1', ['1', '6: 2', '3']],
      ['1,"张三,1\n2,"李四,1\n3,"王五,1\n4,d,1\n', ['2: 1,"张三,1\n2,"李四,1', '4: 3,"王五,1', '4']],
    ]
    for (const [rows, expected] of cases) {
      for (const end of ['\n', '\r\n', '\r']) {
        const text = `ID,NAME,N\n${rows}`.replaceAll('\n', end)
        const wanted = expected.map((line) => line.replaceAll('\n', end))
        for (let size = 1; size <= text.length; size++) {
          const found = outlineOf(await split(text, size))
          if (size === text.length || found.join('|') !== wanted.join('|')) t.same(found, wanted, inspect(text))
        }
      }
    }
  })

  t.test('two stray quotes in two rows take none of the rows between them', async (t) => {
    const cases: [rows: string, expected: string[]][] = [
      // The rows of three cases, by their count of columns a row of one.
      ['1,a,b,"一期\n2,c,d,三期\n3,e,f,二期"\n4,g,h,i\n', ['2: 1,a,b,"一期', '2', '4: 3,e,f,二期"', '4']],
      ['1,a,b,"一期\n2,c,d,二期"\n4,g,h,i\n', ['2: 1,a,b,"一期', '3: 2,c,d,二期"', '4']],
      // The count of columns is wrong, and good rows are inside.
      ['1,a,b,"一期\n2,c,d,三期\n3,e,二期",f\n4,g,h,i\n', ['2: 1,a,b,"一期', '2', '4: 3,e,二期",f', '4']],
      ['1,a,b,"一期\n2,c,d,三期\n3,e",f\n4,g,h,i\n', ['2: 1,a,b,"一期', '2', '4: 3,e",f', '4']],
      // Text of several lines, as long as no line of it has as many columns as a row.
      ['1,"甲,乙\n丙,丁\n戊",b,c\n4,g,h,i\n', ['1', '4']],
      ['1,a,b,"甲,乙\n,丁,\n丙,丁,"\n4,g,h,i\n', ['1', '4']],
      ['1,"甲\n乙","丙\n",c\n4,g,h,"甲, 乙, 丙\n"\n', ['1', '4']],
    ]
    for (const [rows, expected] of cases) {
      for (const end of ['\n', '\r\n', '\r']) {
        const text = `ID,NAME,N,M\n${rows}`.replaceAll('\n', end)
        const wanted = expected.map((line) => line.replaceAll('\n', end))
        for (let size = 1; size <= text.length; size++) {
          const found = outlineOf(await split(text, size))
          if (size === text.length || found.join('|') !== wanted.join('|')) t.same(found, wanted, `${inspect(text)} by ${size}`)
        }
      }
    }
  })

  t.test('how far a row may reach is limited, and what stands before it is given', async (t) => {
    const given: string[] = []
    const text = `ID,NAME,N\n1,a,1\n2,"${'b,1\n'.repeat(200)}`
    const reading = async () => {
      for await (const row of splitCsv(inPieces(text, 10), { delimiter: ',', quote: '"', maxLength: 100 })) given.push(row.raw)
    }
    await t.rejects(reading(), { code: 'RECORD_TOO_LARGE' })
    t.same(given, ['1,a,1'])
  })

  t.test('the limit is of each row, not of a bad one together with the one behind it', async (t) => {
    const bad = `1,"${'a'.repeat(40)},1`
    const text = `ID,NAME,N\n${bad}\n2,"b\n${'b'.repeat(45)}",1\n`
    const found = await Promise.all(Array.from(text, async (_, at) => outlineOf(await split(text, at + 1, 60))))
    for (const outline of found) t.same(outline, [`2: ${bad}`, '2'])
  })

  t.test('a long value is looked at once, not again with every piece', async (t) => {
    const from = performance.now()
    const [row] = await split(`ID,NAME\n1,"${'""'.repeat(1_000_000)}"\n`, 4000, 3_000_000)
    t.ok(row?.values?.NAME === '"'.repeat(1_000_000))
    const ms = performance.now() - from
    t.ok(ms < 10_000, `${Math.round(ms)} ms`)
  })

  t.test('an unusable first line stops the file at once, without a word of it', async (t) => {
    const { records, outline } = await readFile(t, 'ID,"张"三,N\n1,"a,1\n2,b,1\n', options)
    t.same(outline, ['a#0 CSV_INVALID'])
    t.equal(records[0]?.fault?.values.line, 1)
    tellsNothing(t, records[0]?.fault, ['张', '三'])
  })

  /** But for a line in it that has the columns of a row: such a value is taken for a wrong quote. */
  const value = fc
    .string({ unit: fc.constantFrom('a', '三', '𠮷', ',', '"', '\n', '\r\n', ' ', '$') })
    .filter((text) => !/\n[^\n]*,[^\n]*,/.test(text))
  const table = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 })
  const written = (values: string[]): string =>
    values.map((each) => (/[",\r\n]/.test(each) ? `"${each.replaceAll('"', '""')}"` : each)).join(',')
  const lines = (rows: [string, string][]): string[] => rows.map((values, index) => written([String(index), ...values]))

  t.test('what is well written is read as csv-parse reads it', async (t) => {
    await t.resolves(
      fc.assert(
        fc.asyncProperty(table, fc.integer({ min: 1, max: 30 }), fc.constantFrom('\n', '\r\n'), async (rows, size, end) => {
          const text = ['ID,A,B', ...lines(rows)].join(end)
          const expected = parse(text, { columns: true, record_delimiter: end }) as Record<string, string>[]
          const found = (await split(text, size)).map(({ values }) => values)
          if (inspect(found) !== inspect(expected)) throw new Error(`${inspect(found)} instead of ${inspect(expected)}`)
        }),
        { numRuns: 500 },
      ),
    )
  })

  t.test('a row with a wrong quote among any good ones costs none of them', async (t) => {
    await t.resolves(
      fc.assert(
        fc.asyncProperty(
          table,
          table,
          fc.constantFrom('x,"张"三,1', 'x,张"三,1', 'x,"张三"三"",1', 'x,"张三', 'x,"张三,1'),
          fc.integer({ min: 1, max: 30 }),
          async (before, after, bad, size) => {
            // Behind an open quote only rows without line breaks can be told from the inside of its value.
            const flat = after.map((values) => values.map((each) => each.replace(/[\r\n"]/g, '')) as [string, string])
            const text = ['ID,A,B', ...lines(before), bad, ...lines(flat)].join('\n')
            const rows = await split(text, size)
            const wanted = [...before.map((_, index) => String(index)), bad, ...flat.map((_, index) => String(index))]
            const found = rows.map(({ values, raw }) => values?.ID ?? raw)
            if (found.join('|') !== wanted.join('|')) throw new Error(`${inspect(found)} instead of ${inspect(wanted)}`)
            if (rows.filter(({ fault }) => fault).length !== 1) throw new Error(`not one fault: ${inspect(rows)}`)
          },
        ),
        { numRuns: 500 },
      ),
    )
  })
})
