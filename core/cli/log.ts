import { destination, type Logger, pino } from 'pino'
import type { GatewayError } from '../errors.ts'
import type { Events } from '../events.ts'
import { formatError } from './io.ts'
import { openLogFile } from './log-file.ts'

/** While standard error takes nothing; more is dropped. */
const maxHeldBytes = 1024 * 1024

const errorFields = (error: GatewayError) => ({
  code: error.code,
  zh: error.text.zh,
  en: error.text.en,
  hintZh: error.hint.zh,
  hintEn: error.hint.en,
})

/**
 * JSON lines to a file, or to standard error so that standard output stays free for commands. When the file takes no more lines,
 * `say` is given the reason once, and the log itself tells how many were lost as soon as it takes them again. Throws LOG_UNWRITABLE.
 */
export const openLog = (
  level: string,
  file?: string,
  say: (text: string) => void = (text) => void process.stderr.write(`${text}\n`),
): Logger => {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  if (file === undefined) {
    const standardError = destination({ dest: 2, sync: true, maxLength: maxHeldBytes })
    // Nobody is left to be told. What is held goes out with the next line that can.
    standardError.on('error', () => undefined)
    return pino(options, standardError)
  }
  const log: Logger = pino(
    options,
    openLogFile(file, {
      onFailed: (error) => say(formatError(error)),
      onResumed: (lost) => log.error({ lost }, 'log:resumed'),
    }),
  )
  return log
}

/** ERROR: somebody must act. WARN: we recovered, or will by ourselves. INFO: what an operator did took effect. DEBUG: the flow itself. */
export const logEvents = (events: Events, log: Logger): void => {
  events.on('gateway:started', (fields) => log.info(fields, 'gateway:started'))
  events.on('gateway:stopped', () => log.info('gateway:stopped'))
  events.on('system:reloaded', (fields) => log.info(fields, 'system:reloaded'))
  events.on('config:refused', ({ system, problems }) =>
    log.error({ system, problems: problems.map(errorFields) }, 'config:refused'),
  )
  events.on('record:quarantined', ({ error, key: _key, ...fields }) =>
    log.error({ ...fields, ...errorFields(error) }, 'record:quarantined'),
  )
  events.on('source:failed', ({ error, ...fields }) => log.warn({ ...fields, ...errorFields(error) }, 'source:failed'))
  events.on('source:warned', ({ error, ...fields }) => log.warn({ ...fields, ...errorFields(error) }, 'source:warned'))
  events.on('source:recovered', (fields) => log.warn(fields, 'source:recovered'))
  events.on('delivery:refused', ({ error }) => log.error(errorFields(error), 'delivery:refused'))
  // What a target says in its own words may name a person: the log has its code, `inbox show` the words.
  // What is quarantined was never sent: the words are ours, and say where the mistake is.
  events.on('message:undecided', ({ detail, ...fields }) => {
    const said = fields.reason === 'quarantined' ? { detail } : { code: (detail as { code?: string } | null)?.code }
    log.error({ ...fields, ...said }, 'message:undecided')
  })
  events.on('message:settled', ({ detail, ...fields }) =>
    log[fields.state === 'rejected' || fields.state === 'ready' ? 'warn' : 'debug'](
      { ...fields, code: (detail as { code?: string } | null)?.code },
      'message:settled',
    ),
  )
  events.on('target:failed', ({ error, ...fields }) => log.warn({ ...fields, ...errorFields(error) }, 'target:failed'))
  events.on('target:recovered', (fields) => log.warn(fields, 'target:recovered'))
  events.on('inbox:stored', (fields) => log.debug(fields, 'inbox:stored'))
  events.on('message:retried', ({ error, ...fields }) => log.warn({ ...fields, ...errorFields(error) }, 'message:retried'))
  events.on('receipts:stored', (fields) => log[fields.disputed > 0 ? 'error' : 'debug'](fields, 'receipts:stored'))
  events.on('statement:compared', (fields) => log[fields.outcome === 'agreed' ? 'info' : 'error'](fields, 'statement:compared'))
  events.on('catalogue:stored', (fields) => log.info(fields, 'catalogue:stored'))
  events.on('catalogue:refused', ({ error }) => log.error(errorFields(error), 'catalogue:refused'))
  events.on('transport:changed', (state) => {
    const { state: name, ...rest } = state
    const error = 'error' in rest && rest.error ? errorFields(rest.error) : {}
    log[name === 'blocked' || 'code' in error ? 'warn' : 'info']({ ...rest, ...error, state: name }, 'transport:changed')
  })
  events.on('store:paused', ({ error }) => log.error(errorFields(error), 'store:paused'))
  events.on('store:resumed', () => log.warn('store:resumed'))
  events.on('publisher:failed', ({ error }) => log.error({ err: error }, 'publisher:failed'))
  events.on('bucket:failed', ({ error }) => log.error(errorFields(error), 'bucket:failed'))
  events.on('housekeeping:failed', ({ error }) => log.error(errorFields(error), 'housekeeping:failed'))
  events.on('attachment:sent', (fields) => log.debug(fields, 'attachment:sent'))
  events.on('attachment:stopped', ({ error, digest }) => log.error({ digest, ...errorFields(error) }, 'attachment:stopped'))
  events.on('attachments:answered', (fields) => log[fields.restarted ? 'warn' : 'debug'](fields, 'attachments:answered'))
  events.on('attachment:arrived', (fields) => log.debug(fields, 'attachment:arrived'))
  events.on('attachment:refused', (fields) => log.warn(fields, 'attachment:refused'))
  events.on('attachments:abandoned', (fields) => log.info(fields, 'attachments:abandoned'))
  events.on('attachments:removed', (fields) => log.info(fields, 'attachments:removed'))
  events.on('store:pruned', (fields) => log.info(fields, 'store:pruned'))
  events.on('batch:stored', (fields) => log.debug(fields, 'batch:stored'))
  events.on('messages:confirmed', (fields) => log.debug(fields, 'messages:confirmed'))
  events.on('source:started', (fields) => log.debug(fields, 'source:started'))
  events.on('source:serving', (fields) => log.info(fields, 'source:serving'))
  events.on('source:finished', (fields) => log.debug(fields, 'source:finished'))
}
