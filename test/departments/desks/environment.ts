/** 生态环境局: environment. Folders of files in GB 18030; a notice that was read is moved away, an opinion is a file that gets its name when it is whole. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeText, encodeText, readXml, textsAt, toPath, writeDocument } from '../../../core/contract.ts'
import { deskFolder, deskTime, runDesk } from './desk.ts'

const folder = join(deskFolder(), 'environment')
const [notices, taken, opinions] = ['notices', 'taken', 'opinions'].map((name) => join(folder, name)) as [string, string, string]
for (const one of [notices, taken, opinions]) mkdirSync(one, { recursive: true })

const report = '环境影响报告表'

/** Without the report on the environment nobody here can say anything: the notice stays on the pile. */
const answer = (name: string): void => {
  const { above } = readXml(decodeText(readFileSync(join(notices, name))))
  const textsOf = (path: string): string[] => textsAt(above, toPath(`联审通知/${path}`))
  const textOf = (path: string): string => textsOf(path)[0] ?? ''
  if (textsOf('材料/名称').includes(report)) {
    const no = textOf('办件编号')
    const said = {
      办件编号: no,
      主办件编号: textOf('主办件编号'),
      项目代码: textOf('项目代码'),
      部门代码: textOf('部门代码'),
      部门名称: textOf('部门名称'),
      结论: '同意',
      意见内容: '污染防治措施可行，同意',
      反馈时间: deskTime(),
      经办人: '禾清扬',
    }
    const path = join(opinions, `意见_${no}.xml`)
    writeFileSync(`${path}.tmp`, encodeText(writeDocument({ 意见: said }, 'GB18030'), 'gb18030'))
    renameSync(`${path}.tmp`, path)
  }
  renameSync(join(notices, name), join(taken, name))
}

const look = (): void => {
  for (const name of readdirSync(notices).sort()) if (name.endsWith('.xml')) answer(name)
}

runDesk({ look, close: () => undefined })
