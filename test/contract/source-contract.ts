import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { Test } from 'tap'
import { digestOf } from '../../core/attachments/attachment-files.ts'
import { peek } from '../../core/cli/try-system.ts'
import { type Adapter, type Emit, GatewayError, type ProbeStep, parseJson, parseXml, type Source } from '../../core/contract.ts'
import { checkedOptions, collector, runOnce, textOf, within, withSource } from './source-harness.ts'

export * from './source-harness.ts'

export interface Row {
  id: string
  name: string
}

/** `dead`: refuses; `silent`: takes the connection and never answers; `garbage`: answers nonsense; `half`: breaks off inside the answer. */
export type FaultKind = 'dead' | 'silent' | 'garbage' | 'half'

/** A real, fresh and empty legacy system; its fixture frees it with `t.teardown`. */
export interface LegacySystem {
  /** Options of the adapter that read it, with short time-outs and batches of at most `batchSize` records. */
  options: Record<string, unknown>
  batchSize: number
  put(rows: Row[]): Promise<void>
  change(id: string, name: string): Promise<void>
  /** Only called with the kinds that the fixture declares. */
  breakDown(kind: FaultKind): Promise<void>
  mend(): Promise<void>
  /** The record key that the adapter must give to this row. */
  keyOf(id: string): string
}

export interface SourceFixture {
  adapter: Adapter
  faults: FaultKind[]
  /** Whether a record that is changed in the legacy system is read again. */
  seesChanges: boolean
  /** What must never be shown in an error: the passwords of the options. */
  secrets: string[]
  openSystem(t: Test): Promise<LegacySystem>
}

const undescribed = (schema: unknown, path = ''): string[] => {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([name, part]) => {
    if (name === 'default' || name === 'const' || name === 'enum') return []
    if (name !== 'properties') return undescribed(part, path)
    return Object.entries(part as Record<string, { title?: string; description?: string }>).flatMap(([key, property]) => {
      const here = `${path}/${key}`
      const told = property.title?.includes(' / ') && property.description?.includes(' / ')
      return [...(told ? [] : [here]), ...undescribed(property, here)]
    })
  })
}

const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `A${String(index + 1).padStart(3, '0')}`,
    name: `集宁区申请人·${index + 1}`,
  }))

/** What each adapter must say of itself. */
export const testDescription = (t: Test, name: string, adapter: Adapter): void => {
  t.test(`${name}: what it says of itself`, async (t) => {
    t.test('describes every option in both languages and its examples fit', async (t) => {
      t.same(undescribed(adapter.options), [])
      t.ok(adapter.examples.length > 0)
      for (const { title, options } of adapter.examples) {
        t.doesNotThrow(() => checkedOptions(adapter, options as Record<string, unknown>), title.en)
        t.throws(() => checkedOptions(adapter, { ...options, 不存在的选项: 1 }), 'an unknown option is refused')
      }
    })

    t.test('is named as its folder', async (t) => {
      t.ok(readdirSync(new URL('../../adapters', import.meta.url)).includes(adapter.kind))
      const module = (await import(`../../adapters/${adapter.kind}/index.ts`)) as { default: Adapter }
      t.equal(module.default, adapter)
    })
  })
}

/** Every statement that each source must keep; `name` tells the fixtures of one adapter apart. */
export const testSource = (t: Test, name: string, fixture: SourceFixture): void => {
  testDescription(t, name, fixture.adapter)
  testReading(t, name, fixture)
}

/** What each source must keep while it reads, or is pushed to. */
export const testReading = (t: Test, name: string, fixture: SourceFixture): void => {
  const { adapter } = fixture

  /** The fault as the run reports it; undefined when the run went through. */
  const faultOf = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    )

  const checkFault = (t: Test, error: unknown) => {
    t.ok(error instanceof GatewayError, `a GatewayError: ${inspect(error)}`)
    if (error instanceof GatewayError) t.match(error.code, /^SOURCE_/)
    const shown = inspect(error, { depth: 8, showHidden: true })
    for (const secret of fixture.secrets) t.notOk(shown.includes(secret), 'no error shows a secret')
  }

  const checkAll = (t: Test, system: LegacySystem, rows: Row[], gateway: ReturnType<typeof collector>) => {
    t.same(gateway.keys().sort(), rows.map((row) => system.keyOf(row.id)).sort(), 'every record, none twice, no other')
    const without = rows.filter(({ id, name }) => !gateway.contentOf(system.keyOf(id))?.includes(name))
    t.same(without, [], 'every record carries its name')
  }

  /** A source that tells what its records hold has told of all that came. */
  const checkTold = (t: Test, steps: ProbeStep[], { batches }: ReturnType<typeof collector>) => {
    const told = new Map(steps.flatMap(({ streams }) => streams ?? []).map(({ stream, fields }) => [stream, fields]))
    if (told.size === 0) return
    const records = batches.flatMap(({ records }) => records).filter(({ contentType }) => contentType === 'application/json')
    const untold = records.flatMap((record) => {
      const names = told.get(record.stream)?.map(({ name }) => name) ?? []
      return Object.keys(parseJson(textOf(record)) as object).filter((name) => !names.includes(name))
    })
    t.same([...new Set(untold)], [], 'the probe has told of every field')
  }

  t.test(name, async (t) => {
    t.test('emits every record, one bounded batch at a time, under keys that stay', async (t) => {
      const system = await fixture.openSystem(t)
      const rows = rowsOf(3 * system.batchSize + 1)
      await system.put(rows)
      const gateway = collector()
      let outstanding = 0
      await withSource(adapter, system.options, async (source) => {
        const emit: Emit = async (batch) => {
          outstanding += 1
          t.equal(outstanding, 1, 'no batch while another waits')
          t.ok(batch.records.length <= system.batchSize, 'a batch is bounded')
          for (const record of batch.records) {
            const parse = record.contentType === 'application/xml' ? parseXml : parseJson
            if (record.value !== undefined) t.same(parse(textOf(record)), record.value)
          }
          await wait(1)
          const receipts = await gateway.emit(batch)
          outstanding -= 1
          return receipts
        }
        await runOnce(source, gateway, emit)
        checkAll(t, system, rows, gateway)
        await runOnce(source, gateway, emit)
        await runOnce(source, { checkpoint: () => undefined }, emit)
        checkAll(t, system, rows, gateway)
      })
    })

    t.test('emits what was added after the first run', async (t) => {
      const system = await fixture.openSystem(t)
      const rows = rowsOf(5)
      const gateway = collector()
      await withSource(adapter, system.options, async (source) => {
        await runOnce(source, gateway, gateway.emit)
        t.same(gateway.keys(), [])
        await system.put(rows.slice(0, 3))
        await runOnce(source, gateway, gateway.emit)
        await system.put(rows.slice(3))
        await runOnce(source, gateway, gateway.emit)
      })
      checkAll(t, system, rows, gateway)
    })

    t.test('takes nothing when emit is refused', async (t) => {
      const system = await fixture.openSystem(t)
      const rows = rowsOf(4)
      await system.put(rows)
      const gateway = collector()
      await withSource(adapter, system.options, (source) =>
        faultOf(runOnce(source, gateway, () => Promise.reject(new Error('the gateway stops')))),
      )
      await withSource(adapter, system.options, (source) => runOnce(source, gateway, gateway.emit))
      checkAll(t, system, rows, gateway)
    })

    t.test('may be looked at: its first records are shown, and nothing is taken', async (t) => {
      const system = await fixture.openSystem(t)
      const rows = rowsOf(2 * system.batchSize + 1)
      await system.put(rows)
      const gateway = collector()
      const look = (source: Source) =>
        peek(source, { limit: rows.length + 1, stream: undefined, interrupted: new AbortController().signal })
      await withSource(adapter, system.options, async (source) => {
        const keys = (await look(source)).records.map(({ key }) => key)
        t.ok(keys.length >= 1 && new Set(keys).size === keys.length, 'some, and none twice')
        t.same(
          (await look(source)).records.map(({ key }) => key),
          keys,
          'the same when it is looked at again',
        )
        await runOnce(source, gateway, gateway.emit)
      })
      checkAll(t, system, rows, gateway)
    })

    t.test('takes nothing when what it says of its records does not fit their mapping', async (t) => {
      const system = await fixture.openSystem(t)
      const rows = rowsOf(system.batchSize + 1)
      await system.put(rows)
      const gateway = collector()
      const misfit = GatewayError.of('SOURCE_MAPPING_MISFIT', { system: 's', reason: '', count: 1 })
      await withSource(adapter, system.options, async (source) => {
        let streams: readonly string[] | undefined
        const describe = (told: readonly { stream: string }[]): void => {
          streams = told.map(({ stream }) => stream)
          throw misfit
        }
        const { signal } = new AbortController()
        const running = source.run(gateway.emit, { checkpoint: undefined, signal, keep: digestOf, describe })
        const thrown = await within(30_000, running, 'a run').catch((error: unknown) => error)
        // Not every source knows what its records hold.
        if (streams === undefined) return
        t.equal(thrown, misfit)
        t.ok(streams.length > 0)
        t.same(gateway.batches, [])
      })
      await withSource(adapter, system.options, (source) => runOnce(source, gateway, gateway.emit))
      checkAll(t, system, rows, gateway)
    })

    t.test('takes nothing when it is closed while emit waits', async (t) => {
      const system = await fixture.openSystem(t)
      const rows = rowsOf(4)
      await system.put(rows)
      const gateway = collector()
      await withSource(adapter, system.options, async (source) => {
        const asked = new Promise<void>((resolve) => {
          const never: Emit = () => {
            resolve()
            return new Promise(() => undefined)
          }
          source
            .run(never, {
              checkpoint: undefined,
              signal: new AbortController().signal,
              keep: digestOf,
              describe: () => undefined,
            })
            .catch(() => undefined)
        })
        await within(30_000, asked, 'the first emit')
      })
      await withSource(adapter, system.options, (source) => runOnce(source, gateway, gateway.emit))
      checkAll(t, system, rows, gateway)
    })

    for (const moment of ['before', 'after'] as const) {
      t.test(`loses nothing when the gateway dies ${moment} any batch is stored`, async (t) => {
        let reached = true
        for (let dying = 1; reached; dying++) {
          const system = await fixture.openSystem(t)
          const rows = rowsOf(2 * system.batchSize + 2)
          await system.put(rows)
          const gateway = collector()
          let emits = 0
          reached = false
          await withSource(adapter, system.options, (source) => {
            const emit: Emit = async (batch) => {
              emits += 1
              if (emits !== dying) return gateway.emit(batch)
              reached = true
              if (moment === 'after') await gateway.emit(batch)
              throw new Error('the gateway dies')
            }
            return faultOf(runOnce(source, gateway, emit))
          })
          await withSource(adapter, system.options, (source) => runOnce(source, gateway, gateway.emit))
          checkAll(t, system, rows, gateway)
        }
      })
    }

    if (fixture.seesChanges) {
      t.test('gives a changed record the same key and its new content', async (t) => {
        const system = await fixture.openSystem(t)
        const rows = rowsOf(4)
        await system.put(rows)
        const gateway = collector()
        await withSource(adapter, system.options, async (source) => {
          await runOnce(source, gateway, gateway.emit)
          await system.change('A002', '更名后的申请人')
          await runOnce(source, gateway, gateway.emit)
        })
        checkAll(
          t,
          system,
          rows.map((row) => (row.id === 'A002' ? { ...row, name: '更名后的申请人' } : row)),
          gateway,
        )
      })
    }

    t.test('ends soon when it is aborted, and takes nothing more', async (t) => {
      const system = await fixture.openSystem(t)
      const rows = rowsOf(3 * system.batchSize)
      await system.put(rows)
      const gateway = collector()
      await withSource(adapter, system.options, async (source) => {
        const stop = new AbortController()
        const emit: Emit = async (batch) => {
          if (stop.signal.aborted) t.fail('nothing is emitted after the abort')
          const receipts = await gateway.emit(batch)
          stop.abort(new Error('the gateway stops'))
          return receipts
        }
        await within(5_000, faultOf(runOnce(source, gateway, emit, stop.signal)), 'the end of an aborted run')
        t.equal(gateway.batches.length, 1)
        await within(5_000, faultOf(runOnce(source, gateway, emit, stop.signal)), 'the end of a run that begins aborted')
      })
      await withSource(adapter, system.options, (source) => runOnce(source, gateway, gateway.emit))
      checkAll(t, system, rows, gateway)
    })

    t.test('probes step by step and takes nothing', async (t) => {
      const system = await fixture.openSystem(t)
      const rows = rowsOf(3)
      await system.put(rows)
      const gateway = collector()
      await withSource(adapter, system.options, async (source) => {
        const steps = await within(30_000, source.probe(new AbortController().signal), 'a probe')
        t.ok(steps.length > 0)
        t.same(
          steps.filter((step) => !step.ok).map((step) => step.name.en),
          [],
        )
        await runOnce(source, gateway, gateway.emit)
        checkTold(t, steps, gateway)
      })
      checkAll(t, system, rows, gateway)
    })

    for (const kind of fixture.faults) {
      t.test(`reports a ${kind} system, loses nothing and recovers by itself`, async (t) => {
        const system = await fixture.openSystem(t)
        const rows = rowsOf(2 * system.batchSize + 2)
        await system.put(rows)
        const gateway = collector()
        await withSource(adapter, system.options, async (source) => {
          await system.breakDown(kind)
          checkFault(t, await faultOf(runOnce(source, gateway, gateway.emit)))
          const steps = await within(30_000, source.probe(new AbortController().signal), 'a probe')
          const failed = steps.find((step) => !step.ok)
          t.ok(failed, 'the probe names the failed step')
          checkFault(t, failed?.error)

          await system.mend()
          let broken = false
          const fault = await faultOf(
            runOnce(source, gateway, async (batch) => {
              const receipts = await gateway.emit(batch)
              if (!broken) await system.breakDown(kind)
              broken = true
              return receipts
            }),
          )
          if (fault !== undefined) checkFault(t, fault)

          await system.mend()
          await runOnce(source, gateway, gateway.emit)
        })
        checkAll(t, system, rows, gateway)
      })
    }
  })
}
