/** An example made whole: a mapping that compiles, and a message that it reads. */
import type { DownExample } from './language.ts'
import type { MessageToWrite } from './mapping.ts'

const indented = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by))

/** The whole mapping of an example, as it would stand in its file. */
export const downExampleMapping = ({ mapping = '', values }: Pick<DownExample, 'mapping' | 'values'>): string => {
  const own = /^operations:/m.test(mapping)
  const lines = indented(values ?? 'NO: case/sourceCaseNo', 6)
  return `${[mapping, own ? '' : `operations:\n  - write: SB\n    values:\n${lines}`].filter(Boolean).join('\n')}\n`
}

export const downExample = ({ content = {} }: Pick<DownExample, 'content'>): MessageToWrite => ({
  id: 'city:P-1:application.received:::1',
  type: 'application.received',
  data: {
    case: { sourceCaseNo: 'P-1', itemCode: '0100' },
    content: {
      receivedAt: '2026-03-02T09:30:00+08:00',
      applicant: { name: '示例建设有限公司', kind: 'enterprise' },
      channel: 'online',
      ...content,
    },
  },
})
