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

const elementsOf = ({ children }: XmlElement): XmlElement[] =>
  children.filter((child): child is XmlElement => typeof child !== 'string')

const saysNothing = ({ children }: XmlElement): boolean =>
  children.every((child) => typeof child === 'string' && child.trim() === '')

/**
 * Whether an answer without records is one: the element is there that would hold them, or nothing at all in the innermost one that is. What else
 * stands there may be the news that the service failed.
 */
const isEmptyAnswer = (top: XmlElement, path: string[]): boolean => {
  const walk = (element: XmlElement, [name, ...inner]: string[]): boolean => {
    if (inner.length === 0) return element !== top || saysNothing(element)
    const found = elementsOf(element).filter(({ local }) => name === '*' || local === name)
    return found.length > 0 ? found.some((child) => walk(child, inner)) : saysNothing(element)
  }
  return walk(top, path)
}

export const createAnswerReader = (system: string, options: SoapOptions) => {
  const { toRecord, unreadable } = createRecords(options)
  const { invalid, refuseDenied, readMessage, stringAt, faultOf } = createEnvelopeReader(system)
  const { success, paging } = options
  const part = toPath(options.answer.part)
  const isTyped = options.answer.kind === 'typed'
  const cursorPath = paging.kind === 'cursor' && paging.path !== undefined ? toPath(paging.path) : undefined
  const recordPath = options.answer.records.split('/')
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

  const isThere = ({ tree }: Inner, path: Path): boolean => path.select({ root: tree, node: tree }).length > 0

  const valueIn = ({ tree }: Inner, path: Path | undefined): string | undefined => path && textsAt(tree, path)[0]?.trim()

  const checkSuccess = (message: SoapMessage): Inner => {
    if (!rule) {
      const inner = innerOf(message)
      if (inner.records.length > 0 || inner.fault || isEmptyAnswer(inner.tree, recordPath)) return inner
      throw invalid({
        zh: `没有 ${options.answer.records}，却有别的内容：不知是没有记录还是失败，请写 success`,
        en: `it has no ${options.answer.records} but something else: nobody knows whether there are no records or it failed; write success`,
      })
    }
    const isOver = rule.over === 'envelope'
    const over = isOver ? outerOf(message) : innerOf(message)
    const found = rule.equals || !isThere(over, rule.result) ? valueIn(over, rule.result) : ''
    if (found === undefined && over.fault) {
      const { zh, en } = over.fault.text
      throw invalid({ zh: `内层文档：${zh}`, en: `inner document: ${en}` }, over.fault)
    }
    if (found === undefined) throw invalid({ zh: `路径 ${rule.path} 处没有结果码`, en: `no result code at ${rule.path}` })
    if (rule.equals && !rule.equals.includes(found)) {
      throw GatewayError.of('SOURCE_FAULT', {
        system,
        code: valueIn(over, rule.code) ?? found,
        reason: valueIn(over, rule.text) ?? '',
      })
    }
    return isOver ? innerOf(message) : over
  }

  const readPage = (answer: HttpAnswer): Page => {
    refuseDenied(answer)
    const message = readMessage(answer, isTyped ? options.answer.records : undefined)
    if (message.fault) throw faultOf(message.fault)
    const { status } = answer
    if (status !== 200) throw invalid({ zh: `HTTP ${status}`, en: `HTTP ${status}` })
    const inner = checkSuccess(message)
    const records = inner.records.map(toRecord)
    if (!inner.fault) return { records, whole: true, cursor: valueIn(inner, cursorPath) || undefined }
    const goodTo = inner.records.at(-1)?.end ?? 0
    const rest = inner.text.slice(goodTo, goodTo + maxFaultLength)
    records.push(unreadable(rest, inner.fault))
    return { records, whole: false, cursor: undefined }
  }

  return { readPage }
}
