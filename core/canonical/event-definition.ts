import type { Text } from '../errors.ts'
import type { Static, TObject } from './fields.ts'
import type { Code } from './vocabulary.ts'

/** One type of canonical message. */
export interface EventDefinition<Content extends TObject = TObject> {
  title: Text
  description: Text
  /** The mandatory stage of the approval procedure it belongs to; `any` when it can come in several. */
  stage: Code<'stage'> | 'any'
  content: Content
  /** A complete message about nobody: its identifiers pass their checks and belong to no one. */
  example: { sequence?: string; state?: Code<'nodeState'>; occurredAt?: string; content: Static<Content> }
}

export const define = <Content extends TObject>(definition: EventDefinition<Content>): EventDefinition<Content> => definition

/** Participants of every example. */
export const exampleParts = {
  applicant: {
    kind: 'enterprise',
    name: '示例建设有限公司',
    idType: 'unified_social_credit_code',
    idNumber: '91150902PDY00001XY',
  },
  person: { name: '示例人甲', idType: 'citizen_id', idNumber: '150902188801010017' },
  actor: { id: 'S-017', name: '示例经办人' },
  city: { code: '11150900PDY00001XA', name: '乌兰察布市示例局', region: '150900', level: 'city' },
  banner: { code: '11150900PDY000028A', name: '四子王旗示例局', region: '150929', level: 'banner' },
} as const
