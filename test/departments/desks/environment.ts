/** 生态环境局: environment. Folders of files in GB 18030; a notice that was read is moved away, an opinion is a file that gets its name when it is whole. */
import { decodeText, encodeText, readXml, textsAt, toPath, writeDocument } from '../../../core/contract.ts'
import { deskTime, openDeskFolders, runDesk } from './desk.ts'

const folders = openDeskFolders('environment', 'notices', 'opinions')
const report = '环境影响报告表'

/** Without the report on the environment nobody here can say anything: the notice goes on the pile. */
const answer = (notice: Buffer): void => {
  const { above } = readXml(decodeText(notice))
  const textsOf = (path: string): string[] => textsAt(above, toPath(`联审通知/${path}`))
  const textOf = (path: string): string => textsOf(path)[0] ?? ''
  if (!textsOf('材料/名称').includes(report)) return
  const no = textOf('办件编号')
  const same = Object.fromEntries(['主办件编号', '项目代码', '部门代码', '部门名称'].map((name) => [name, textOf(name)]))
  const said = { 结论: '同意', 意见内容: '污染防治措施可行，同意', 反馈时间: deskTime(), 经办人: '禾清扬' }
  const opinion = writeDocument({ 意见: { 办件编号: no, ...same, ...said } }, 'GB18030')
  folders.put(`意见_${no}.xml`, encodeText(opinion, 'gb18030'))
}

runDesk({ look: () => folders.takeAll('.xml', answer), close: () => undefined })
