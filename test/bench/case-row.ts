/** The case that is measured with: as a row of 33 columns with Chinese names, and as an exchange file of about 5 KB. */
import { encodeText } from '../../core/contract.ts'
import { beijing, createCases, createOrganisation, type DepartmentCase } from '../departments/cases.ts'

export const department = {
  code: '11150900PDY000028A',
  name: '乌兰察布市市场监督管理局',
  region: '150900',
}

const organisation = createOrganisation(department.code, department.name, '000131', [
  '食品经营许可',
  '特种设备使用登记',
  '计量标准器具核准',
  '个体工商户设立登记',
])

const types: Record<string, string> = {
  办件编号: 'varchar(50) PRIMARY KEY',
  承诺时限: 'integer',
  申请时间: 'timestamp(0)',
  登记时间: 'timestamp(0)',
  更新时间: 'timestamp(3) NOT NULL',
}

export const table = '办件受理'

const remark = '申请材料由窗口核对后录入，原件退还申请人，复印件加盖核对章留存；网上申报的以电子材料为准，现场领取时核对身份。'
const firstChange = Date.UTC(2026, 2, 2)

const toRow = (source: DepartmentCase, index: number): Record<string, string | null> => {
  const { no, item, region, applicant, title } = source
  const isPerson = applicant.kind === 'person'
  return {
    办件编号: no,
    业务流水号: `Y${no}`,
    事项编码: item.code,
    事项名称: item.name,
    办件类型: item.kind === 'instant' ? '1' : '2',
    申报方式: { window: '1', online: '2', mobile: '3' }[source.channel],
    申请者类型: isPerson ? '1' : '2',
    申请者名称: applicant.name,
    证件类型: isPerson ? '111' : '001',
    证件号码: applicant.id,
    法定代表人: isPerson ? null : source.contact,
    手机号码: source.phone,
    通信地址: `内蒙古自治区乌兰察布市${region.name}察哈尔大街${(index % 300) + 1}号`,
    邮政编码: '012000',
    联系人姓名: source.contact,
    联系人电话: source.phone,
    代理人姓名: source.contact,
    代理人手机: source.phone,
    受理机构代码: department.code,
    受理机构名称: department.name,
    行政区划: region.code,
    行政区划名称: region.name,
    办理摘要: `${title}。申请人已按一次性告知单准备材料，承诺所填内容真实有效，同意以短信方式接收办理进度，办理结果选择窗口领取；经营场所位于${region.name}，面积以现场核查为准。`,
    承诺时限: String(item.days),
    时限单位: '1',
    申请时间: beijing(source.receivedAt),
    登记时间: beijing(source.receivedAt + 300_000),
    接收人姓名: '云远山',
    接收人工号: `W${String(index % 40).padStart(4, '0')}`,
    接收人职务: '窗口受理员',
    回执号: `H${no}`,
    备注: remark,
    更新时间: new Date(firstChange + index * 20).toISOString().replace('T', ' ').slice(0, 23),
  }
}

export type CaseRow = ReturnType<typeof toRow>

/** The same rows for the same count, each of another case. `更新时间` grows by 20 ms from row to row. */
export function* createRows(count: number): Generator<CaseRow> {
  let index = 0
  const cases = createCases({ seed: 7, count, prefix: 'SJ', org: organisation, outcomes: ['denied'] })
  for (const source of cases) yield toRow(source, index++)
}

const columns = Object.keys(createRows(1).next().value as CaseRow)

export const createTable = `CREATE TABLE ${table} (${columns.map((name) => `${name} ${types[name] ?? 'text'}`).join(', ')});
  CREATE INDEX ON ${table} (更新时间, 办件编号)`

const materials = ['申请书', '营业执照复印件', '经营场所证明', '身份证明', '设备清单', '承诺书']
const materialsOfFile = 24

const materialOf = (row: CaseRow, nth: number): string =>
  `<材料><名称>${materials[nth % materials.length]}（第${nth + 1}份）</名称><编码>CL${String(nth).padStart(4, '0')}</编码>` +
  `<形式>${(nth % 2) + 1}</形式><份数>1</份数><文件名>${row.业务流水号}-${nth}.pdf</文件名></材料>`

/** One case as its department would exchange it: XML in GB 18030. */
export const toFile = (row: CaseRow): { name: string; bytes: Uint8Array } => {
  const fields = columns.map((name) => `<${name}>${row[name] ?? ''}</${name}>`).join('')
  const list = Array.from({ length: materialsOfFile }, (_, nth) => materialOf(row, nth)).join('')
  const text = `<?xml version="1.0" encoding="GB18030"?>\n<办件交换><办件>${fields}${list}</办件></办件交换>\n`
  return { name: `${row.办件编号}.xml`, bytes: encodeText(text, 'gb18030') }
}
