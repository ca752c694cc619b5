/** 人力资源和社会保障局: social security. Files of CSV in GBK; of a case only the newest version counts, and it is registered when it is signed. */
import { parse } from 'csv-parse/sync'
import { decodeText, encodeText } from '../../../core/contract.ts'
import { deskTime, openDeskFolders, runDesk } from './desk.ts'

type Row = Record<'办件编号' | '主办件编号' | '事项编码' | '版本' | '单位地址' | '参保人数' | '签名时间', string>

const folders = openDeskFolders('social', 'forms', 'results')
const rows = new Map<string, Row>()
const done = new Set<string>()
const columns = ['办件编号', '主办件编号', '事项编码', '环节', '结果', '时间', '经办人', '说明']

const say = (row: Row, step: string, result: string, remark: string): void => {
  const no = row.办件编号
  if (done.has(`${no} ${step}`)) return
  done.add(`${no} ${step}`)
  const said = [no, row.主办件编号, row.事项编码, step, result, deskTime(), '溪青岚', remark]
  const lines = [columns, said].map((line) => line.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','))
  folders.put(`${no}_${step}.csv`, encodeText(`${lines.join('\r\n')}\r\n`, 'gbk'))
}

const look = (): void => {
  folders.takeAll('.csv', (bytes) => {
    for (const row of parse(decodeText(bytes, { overriding: 'gbk' }), { columns: true }) as Row[]) {
      const known = rows.get(row.办件编号)
      if (!known || Number(known.版本) < Number(row.版本)) rows.set(row.办件编号, row)
    }
  })
  for (const row of rows.values()) {
    say(row, '受理', '受理', '')
    if (row.签名时间 !== '') say(row, '登记', '已登记', `地址：${row.单位地址}；${row.参保人数} 人`)
  }
}

runDesk({ look, close: () => undefined })
