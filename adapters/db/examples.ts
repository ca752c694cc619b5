import type { Text } from '../../core/contract.ts'
import type { Options } from './options.ts'

/** Complete options, one for each mode and engine. */
export const examples: { title: Text; options: Options }[] = [
  {
    title: { zh: '只读账号，按更新时间增量读取，附材料', en: 'read-only account, by time of update, with materials' },
    options: {
      engine: 'postgresql',
      connection: { host: '10.15.9.2', database: 'qzk', user: 'qianzhi', password: 'QZK_PASSWORD' },
      streams: [
        {
          table: 'up_pro_accept',
          key: ['row_guid'],
          mode: 'watermark',
          watermark: { column: 'cd_time', kind: 'time', overlap: '5m' },
          include: [{ name: 'materials', table: 'up_pro_material', on: { project_no: 'project_no' }, orderBy: ['row_guid'] }],
        },
      ],
    },
  },
  {
    title: { zh: '多列主键，取后置标志', en: 'key of several columns, sets a flag on what was taken' },
    options: {
      engine: 'mysql',
      connection: { host: '10.15.9.3', database: 'ea_jc', user: 'qianzhi', password: 'EA_JC_PASSWORD' },
      streams: [
        {
          table: 'ea_jc_step_basicinfo',
          key: ['orgbusno', 'projid', 'dataver'],
          mode: 'flag',
          flag: { column: 'signstate', pending: ['0', null], done: '1' },
        },
      ],
    },
  },
  {
    title: { zh: '连接查询，取后记入已发送表', en: 'a query that joins, notes in a table what was taken' },
    options: {
      engine: 'sqlite',
      connection: { file: 'data/window.db' },
      streams: [
        {
          name: '受理',
          query: 'SELECT a.*, d.name AS dept_name FROM accept a JOIN dept d ON d.id = a.dept_id',
          key: ['id'],
          mode: 'anti-join',
          antiJoin: { table: 'sent', columns: ['accept_id'] },
        },
      ],
    },
  },
]
