import { resolve } from 'node:path'
import { Command } from 'commander'
import type { EventType } from '../canonical/index.ts'
import { loadGatewayOptions } from '../config/load.ts'
import { GatewayError } from '../errors.ts'
import { type Explanation, explainMessage, explainRecord } from '../explain/explain.ts'
import { explainField, placesOf, rowsOf } from '../explain/field.ts'
import { toPointer } from '../explain/pointer.ts'
import type { RecomputedMessage } from '../explain/recompute.ts'
import { createShowing, type Showing } from '../explain/shown.ts'
import { loadMapping } from '../mapping/load.ts'
import type { Tracer } from '../mapping/trace.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'
import type { Store } from '../store/store.ts'
import { type AskedMessage, explanationText } from './explain-text.ts'
import { errorToJson, type Io } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'
import { toRecordNumber } from './quarantine-arguments.ts'

interface Options {
  config: string
  json?: boolean
  record?: number
  from?: string
  unmasked?: boolean
}

interface Question {
  explain(store: Store): Promise<Explanation>
  /** As written. */
  field: string | undefined
}

const usage = (zh: string, en: string) => GatewayError.of('COMMAND_USAGE', { reason: { zh, en } })

/** `--record` takes the place of the id, so that a field may follow either. */
const readQuestion = (first: string | undefined, second: string | undefined, { record, from }: Options): Question => {
  const [name, field] = record === undefined ? [first, second] : [undefined, first]
  if (record !== undefined && second !== undefined)
    throw usage('有 --record 时只写字段', 'with --record there is only a field to give')
  if (field !== undefined && from !== undefined) throw usage('字段与 --from 只能取其一', 'give a field or --from, not both')
  const asked = field ?? from
  if (record !== undefined) return { explain: (store) => explainRecord(store, record), field: asked }
  if (name === undefined) throw usage('请给出消息编号或 --record', 'give the id of a message, or --record')
  if (/^[1-9]\d*$/.test(name)) return { explain: (store) => explainRecord(store, Number(name)), field: asked }
  return { explain: (store) => explainMessage(store, name), field: asked }
}

/** The mapping of the same name as it is now; undefined when it is not there or has mistakes. */
const traceNow = async ({ mapping, traced }: Explanation, configFolder: string): Promise<Tracer | undefined> => {
  const folder = resolve(configFolder)
  const { mapping: now } = await loadMapping(resolve(folder, loadGatewayOptions(folder).mappings), mapping.name)
  if (!now) return undefined
  return now.version === mapping.version ? traced.trace : (await traceMapping(now)).trace
}

/** Of the messages of a record, those that can have the field. Throws FIELD_UNKNOWN when none can. */
const pointersIn = (messages: readonly RecomputedMessage[], field: string) => {
  const unknown: unknown[] = []
  const found = messages.flatMap((message) => {
    try {
      return [{ message, pointer: toPointer(field, message.type as EventType) }]
    } catch (error) {
      unknown.push(error)
      return []
    }
  })
  if (found.length === 0 && unknown.length > 0) throw unknown[0]
  return found
}

const ask = async (explanation: Explanation, field: string | undefined, options: Options): Promise<AskedMessage[]> => {
  const { messages, traced } = explanation
  if (field === undefined) return messages.map((message) => ({ message }))
  const now = options.from === undefined ? undefined : await traceNow(explanation, options.config)
  return pointersIn(messages, field).map(({ message, pointer }) => {
    const answer = explainField(traced.trace, message, pointer)
    if (options.from === undefined) return { message, answer }
    const made = [...placesOf(traced.trace, traced.trace, message, pointer), ...rowsOf(answer)]
    return { message, answer, places: { made, now: now && placesOf(now, traced.trace, message, pointer) } }
  })
}

const toJson = (explanation: Explanation, asked: AskedMessage[], showing: Showing) => {
  const { record, mapping, quarantine, outcome, reason, error, reproduced } = explanation
  const { body, hash, ...rest } = record
  return {
    reproduced,
    outcome,
    reason,
    error: error && errorToJson(error),
    record: { ...rest, key: showing.key(rest.key), hash: hash.toString('hex'), bytes: body.byteLength },
    mapping: { name: mapping.name, version: mapping.version },
    quarantine: quarantine && { ...quarantine, key: showing.key(quarantine.key) },
    messages: asked.map(({ message: { fields, differences, ...message }, answer, places }) => ({
      ...message,
      differences: differences.map(showing.difference),
      ...(answer ? { field: answer.pointer, why: answer.why } : {}),
      fields: (answer?.lines ?? fields).map(showing.field),
      ...(places ? { places } : {}),
    })),
    before: explanation.before.map(showing.field),
    conditions: explanation.conditions.map(showing.condition),
  }
}

export const explainCommand = (io: Io): Command =>
  new Command('explain')
    .description(
      '逐字段追溯：从消息回到来源列、原文、映射的行与每一步，由已存原文与当时的映射重算并核对 / from a message back to the source: column, mapping line and each step, recomputed from what is stored',
    )
    .argument('[message]', '消息编号，或记录编号 / id of a message, or number of a record')
    .argument('[field]', '只看一个字段：/content/applicant/name 或 applicant.name / only one field')
    .option(...configFlag)
    .option(...jsonFlag)
    .option('--record <no>', '记录编号，隔离的也可以 / number of a record, also one in quarantine', toRecordNumber)
    .option(
      '--from <path>',
      '平台退回的路径或整句：指出要改的映射行 / a path of the platform’s rejection, or its text: where to change it',
    )
    .option('--unmasked', '不掩盖个人信息（注意保密） / show personal data')
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi explain housing:ZJ001:application.received:::1\n  qianzhi explain housing:ZJ001:application.received:::1 applicant.kind\n  qianzhi explain --record 17\n  qianzhi explain housing:ZJ001:application.received:::1 --from /data/content/applicant/kind\n\n退出码 / Exit: 0 重算与存储一致 reproduced, 1 不一致 not reproduced',
    )
    .action(async (first: string | undefined, second: string | undefined, options: Options) => {
      const question = readQuestion(first, second, options)
      await withStore(options.config, async (store) => {
        const explanation = await question.explain(store)
        const asked = await ask(explanation, question.field, options)
        const showing = createShowing(explanation.traced, options.unmasked === true)
        if (options.json) io.out(JSON.stringify(toJson(explanation, asked, showing)))
        else io.out(explanationText(explanation, asked, showing))
        io.exit(explanation.reproduced ? 0 : 1)
      })
    })
