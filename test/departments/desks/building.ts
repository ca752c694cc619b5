/** 住房和城乡建设局: building permits. Files of CSV in GBK; how each case goes is written down here, with its days of 2025. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { decodeText, encodeText } from '../../../core/contract.ts'
import { deskFolder, openDeskFolders, runDesk } from './desk.ts'

type Application = Record<'办件编号' | '事项编码' | '申请人', string>

const folders = openDeskFolders('building', 'forms', 'results')
// What comes here is for people.
mkdirSync(join(deskFolder(), 'building', 'alerts'), { recursive: true })
const columns = ['办件编号', '事项编码', '环节', '结论', '时间', '经办人', '理由', '申请人']

type Step = [node: string, conclusion: string, at: string]

const courses: Record<string, Step[]> = {
  // Refused, and nobody says why.
  SG001: [
    ['受理', '不予受理', '2025-10-09 10:00:00'],
    ['办结', '不予受理', '2025-10-09 10:10:00'],
  ],
  // The whole case is in time; its review is not.
  SG002: [
    ['受理', '受理', '2025-10-09 14:00:00'],
    ['审核', '同意', '2025-10-15 11:00:00'],
    ['批准', '批准', '2025-10-15 15:00:00'],
    ['办结', '办结', '2025-10-15 16:00:00'],
  ],
}

const look = (): void =>
  folders.takeAll('.csv', (bytes) => {
    for (const one of parse(decodeText(bytes, { overriding: 'gbk' }), { columns: true }) as Application[]) {
      const { 办件编号: no, 事项编码: item } = one
      const rows = (courses[no] ?? []).map(([node, conclusion, at]) => [no, item, node, conclusion, at, '江一鸣', '', ''])
      const lines = [columns, ...rows].map((line) => line.join(','))
      folders.put(`${no}.csv`, encodeText(`${lines.join('\r\n')}\r\n`, 'gbk'))
    }
  })

runDesk({ look, close: () => undefined })
