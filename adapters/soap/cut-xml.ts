/** Records cut out of XML that may break off: everything whole before the break is given. */
import { GatewayError, type SplitRecord, splitXml } from '../../core/contract.ts'

/** Up to this length of an unfinished record, reading a chunk tag by tag costs little: each tag costs as much as is held. */
const maxHeld = 64 * 1024

function* tagsOf(chunk: string): Generator<string> {
  for (let from = 0, to = 0; from < chunk.length; from = to) {
    to = chunk.indexOf('>', from) + 1 || chunk.length
    yield chunk.slice(from, to)
  }
}

/**
 * As `splitXml`, which gives the records of a chunk when the whole chunk is read: a fault would hide the good ones before it in its
 * chunk. So after a fault the text is read once more, that chunk tag by tag. `open` gives the text from its beginning, twice the same.
 */
export async function* cutXml(
  open: () => AsyncIterable<string> | Iterable<string>,
  path: string,
  limits: { maxRecordLength?: number } = {},
): AsyncGenerator<SplitRecord> {
  let given = 0
  let chunksRead = 0
  let held = 0
  async function* counted(): AsyncGenerator<string> {
    for await (const chunk of open()) {
      chunksRead += 1
      yield chunk
    }
  }
  async function* slowing(): AsyncGenerator<string> {
    let number = 0
    for await (const chunk of open()) {
      number += 1
      for (const piece of number === chunksRead && held < maxHeld ? tagsOf(chunk) : [chunk]) {
        held += piece.length
        yield piece
      }
    }
  }
  try {
    for await (const record of splitXml(counted(), path, limits)) {
      given += 1
      yield record
    }
    return
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'XML_INVALID') throw error
  }
  for await (const record of splitXml(slowing(), path, limits)) {
    held = 0
    if (record.index >= given) yield record
  }
}
