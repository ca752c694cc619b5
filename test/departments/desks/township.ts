/**
 * 苏木便民服务中心: a township without a machine of its own. Its clerks register who comes to the counter, each registration a file, and read what
 * they are told as files; who is granted something collects it here.
 */
import { decodeText, encodeText, readXml, textsAt, toPath, writeDocument, type XmlContent } from '../../../core/contract.ts'
import { deskTime, openDeskFolders, runDesk } from './desk.ts'

const folders = openDeskFolders('township', 'notices', 'registrations')

interface Visitor {
  no: string
  name: string
  idNumber: string
  kind: string
  materials: string[]
}

const visitors: Visitor[] = [
  { no: 'SM2026030201', name: '娜仁托娅', idNumber: '150902188801010017', kind: '上报件', materials: ['申请表', '生产用地证明'] },
  {
    no: 'SM2026030202',
    name: '巴特尔·额尔敦',
    idNumber: '150921188802290021',
    kind: '告知承诺件',
    materials: ['申请表', '告知承诺书'],
  },
  { no: 'SM2026030203', name: '云朝鲁', idNumber: '150981188812310133', kind: '上报件', materials: ['申请表'] },
]

const register = (no: string, step: string, rest: XmlContent & object): void => {
  const document = { 登记: { 登记编号: `${no}-${step}`, 办件编号: no, 环节: step, 时间: deskTime(), ...rest } }
  folders.put(`登记_${no}_${step}.xml`, encodeText(writeDocument(document, 'GB18030'), 'gb18030'))
}

for (const { no, name, idNumber, kind, materials } of visitors)
  register(no, '申请', {
    事项编码: '11150927PDY000116W2000164001000',
    事项名称: '林木种子生产经营许可',
    办件类型: kind,
    申请方式: '窗口',
    申请人: { 姓名: name, 类型: '自然人', 证件类型: '居民身份证', 证件号码: idNumber },
    材料: materials.map((material) => ({ 名称: material, 形式: '电子' })),
  })

/** Only a licence brings somebody back to the counter. */
const read = (notice: Buffer): void => {
  const { above } = readXml(decodeText(notice))
  const textOf = (path: string): string => textsAt(above, toPath(`通知/${path}`))[0] ?? ''
  const visitor = visitors.find(({ no }) => no === textOf('登记编号'))
  if (visitor && textOf('结果') === '准予')
    register(visitor.no, '领取', { 领取方式: '窗口', 领取人: visitor.name, 证照编号: textOf('证照编号') })
}

runDesk({ look: () => folders.takeAll('.xml', read), close: () => undefined })
