/** From an answer to the records of a page. */
import {
  GatewayError,
  type HttpAnswer,
  type Path,
  readXml,
  type SourceRecord,
  type SplitRecord,
  textsAt,
  toPath,
  type XmlElement,
} from '../../core/contract.ts'
import { createEnvelopeReader, type SoapMessage } from './envelope.ts'
import type { SoapOptions } from './options.ts'
import { createRecords } from './record.ts'

export interface Page {
  records: SourceRecord[]
  /** False when the inner document breaks off: then the number of records says nothing about the page. */
  whole: boolean
  cursor: string | undefined
}

/** The document that holds the records. */
interface Inner {
  text: string
  /** The paths of the options begin at its children. Holds what stands before the fault when the document breaks off. */
  tree: XmlElement
  /** The records before the fault. */
  records: SplitRecord[]
  fault: GatewayError | undefined
}

/** A fault keeps no more of a broken document than this many characters. */
const maxFaultLength = 256 * 1024

export const createAnswerReader = (system: string, options: SoapOptions) => {
  const { toRecord, unreadable } = createRecords(options)
  const { invalid, refuseDenied, readMessage, stringAt, faultOf } = createEnvelopeReader(system)
  const { success, paging } = options
  const part = toPath(options.answer.part)
  const isTyped = options.answer.kind === 'typed'
  const cursorPath = paging.kind === 'cursor' && paging.path !== undefined ? toPath(paging.path) : undefined
  const rule = success && {
    ...success,
    result: toPath(success.path),
    code: success.codePath === undefined ? undefined : toPath(success.codePath),
    text: success.textPath === undefined ? undefined : toPath(success.textPath),
  }

  const outerOf = ({ text, body, records }: SoapMessage): Inner => ({ text, tree: body, records, fault: undefined })

  const innerOf = (message: SoapMessage): Inner => {
    if (isTyped) return outerOf(message)
    const inner = stringAt(message.body, part)
    const { above, records, fault } = readXml(inner, { path: options.answer.records })
    return { text: inner, tree: above, records, fault: inner === '' ? undefined : fault }
  }

  const valueIn = ({ tree }: Inner, path: Path | undefined): string | undefined => path && textsAt(tree, path)[0]?.trim()

  const checkSuccess = (message: SoapMessage): Inner => {
    if (!rule) return innerOf(message)
    const isOver = rule.over === 'envelope'
    const over = isOver ? outerOf(message) : innerOf(message)
    const found = valueIn(over, rule.result)
    if (found === undefined && over.fault) {
      const { zh, en } = over.fault.text
      throw invalid({ zh: `内层文档：${zh}`, en: `inner document: ${en}` }, over.fault)
    }
    if (found === undefined) throw invalid({ zh: `路径 ${rule.path} 处没有结果码`, en: `no result code at ${rule.path}` })
    if (!rule.equals.includes(found)) {
      throw GatewayError.of('SOURCE_FAULT', {
        system,
        code: valueIn(over, rule.code) ?? found,
        reason: valueIn(over, rule.text) ?? '',
      })
    }
    return isOver ? innerOf(message) : over
  }

  /** `position` names the page, for records that have no key of their own. */
  const readPage = (answer: HttpAnswer, position: string): Page => {
    refuseDenied(answer)
    const message = readMessage(answer, isTyped ? options.answer.records : undefined)
    if (message.fault) throw faultOf(message.fault)
    const { status } = answer
    if (status !== 200) throw invalid({ zh: `HTTP ${status}`, en: `HTTP ${status}` })
    const inner = checkSuccess(message)
    const records = inner.records.map((record) => toRecord(record, `${position}#${record.index}`))
    if (!inner.fault) return { records, whole: true, cursor: valueIn(inner, cursorPath) || undefined }
    const goodTo = inner.records.at(-1)?.end ?? 0
    const rest = inner.text.slice(goodTo, goodTo + maxFaultLength)
    records.push(unreadable(rest, `${position}#${records.length}`, inner.fault))
    return { records, whole: false, cursor: undefined }
  }

  return { readPage }
}
