/** Whether a draft may become a message: by its schema, the rules of the domain and those of text. The path, samples and explain ask here. */
import {
  type CanonicalText,
  canonicalTextOf,
  checkInvariants,
  type Flag,
  type MessageDraft,
  validateDraft,
} from './canonical/index.ts'
import { brokenTextRules, mayBreakTextRules } from './codec/text-rules.ts'
import { GatewayError } from './errors.ts'
import { type DraftOrigin, inSource } from './mapping/entries.ts'
import type { Mapping } from './mapping/mapping.ts'

/** Text that is no Unicode (half of a surrogate pair) has no canonical form, and so no hash. */
const readText = (draft: MessageDraft): CanonicalText => {
  try {
    return canonicalTextOf(draft)
  } catch (cause) {
    const reason = {
      zh: '含有不成对的代理字符或其他不能表示的内容',
      en: 'it holds half of a surrogate pair, or what JSON cannot say',
    }
    const texts = [...textsIn({ case: draft.case, stage: draft.stage, content: draft.content }, '')]
    const field = texts.find(([, text]) => /\p{Cs}/u.test(text))?.[0] ?? '/content'
    throw GatewayError.of('MESSAGE_INVALID', { at: '', type: draft.type, field, entry: '', reason }, { cause })
  }
}

/** Every text of a draft, with its JSON pointer. */
function* textsIn(value: unknown, pointer: string): Generator<[pointer: string, text: string]> {
  if (typeof value === 'string') yield [pointer, value]
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) yield* textsIn(member, `${pointer}/${name}`)
}

/** Judges each text of a draft; what is damaged throws TEXT_DAMAGED, the rest is flagged. */
const checkTexts = ({ case: caseKey, stage, content }: MessageDraft): Flag[] => {
  const flags: Flag[] = []
  for (const [path, text] of textsIn({ case: caseKey, stage, content }, '')) {
    if (!mayBreakTextRules(text)) continue
    for (const { name, severity, title } of brokenTextRules(text)) {
      if (severity === 'quarantine') throw GatewayError.of('TEXT_DAMAGED', { at: '', field: path, entry: '', reason: title })
      flags.push({ path, code: 'suspect', rule: name })
    }
  }
  return flags
}

export interface JudgedDraft {
  /** With the flags of every rule that it breaks and that lets it pass. */
  flagged: MessageDraft
  said: CanonicalText
}

const judge = (draft: MessageDraft): JudgedDraft => {
  const invalid = validateDraft(draft)
  if (invalid) throw invalid
  const { flags, error } = checkInvariants(draft)
  if (error) throw error
  const said = readText(draft)
  if (mayBreakTextRules(said.text)) flags.push(...checkTexts(draft))
  return { flagged: flags.length === 0 ? draft : Object.assign({}, draft, { flags: [...draft.flags, ...flags] }), said }
}

/**
 * Throws what quarantines the record: MESSAGE_INVALID, MESSAGE_INVARIANT_BROKEN or TEXT_DAMAGED, with the place of the
 * mapping's rule. `origin` is what the translation told of the draft.
 */
export const judgeDraft = (draft: MessageDraft, origin: DraftOrigin, { placeOf }: Pick<Mapping, 'placeOf'>): JudgedDraft => {
  try {
    return judge(draft)
  } catch (thrown) {
    throw thrown instanceof GatewayError ? inSource(thrown, origin, placeOf) : thrown
  }
}
