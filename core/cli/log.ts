import { destination, type Logger, pino } from 'pino'
import type { GatewayError } from '../errors.ts'
import type { Events } from '../events.ts'

const errorFields = (error: GatewayError) => ({
  code: error.code,
  zh: error.text.zh,
  en: error.text.en,
  hintZh: error.hint.zh,
  hintEn: error.hint.en,
})

/** JSON lines to a file, or to standard error so that standard output stays free for commands. */
export const openLog = (level: string, file?: string): Logger =>
  pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination(file === undefined ? { dest: 2, sync: true } : { dest: file, mkdir: true, sync: false }),
  )

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
  events.on('message:retried', ({ error, ...fields }) => log.warn({ ...fields, ...errorFields(error) }, 'message:retried'))
  events.on('transport:changed', (state) => {
    const { state: name, ...rest } = state
    const error = 'error' in rest && rest.error ? errorFields(rest.error) : {}
    log[name === 'blocked' || 'code' in error ? 'warn' : 'info']({ ...rest, ...error, state: name }, 'transport:changed')
  })
  events.on('store:paused', ({ error }) => log.error(errorFields(error), 'store:paused'))
  events.on('store:resumed', () => log.warn('store:resumed'))
  events.on('publisher:failed', ({ error }) => log.error({ err: error }, 'publisher:failed'))
  events.on('store:pruned', (fields) => log.info(fields, 'store:pruned'))
  events.on('batch:stored', (fields) => log.debug(fields, 'batch:stored'))
  events.on('messages:confirmed', (fields) => log.debug(fields, 'messages:confirmed'))
  events.on('source:started', (fields) => log.debug(fields, 'source:started'))
  events.on('source:finished', (fields) => log.debug(fields, 'source:finished'))
}
