import type { Text } from '../../core/contract.ts'
import type { Options } from './options.ts'
import type { SinkOptions } from './sink-options.ts'

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

export const sinkExamples: { title: Text; options: SinkOptions }[] = [
  {
    title: {
      zh: '申请写入前置表，材料写入子表；已写表保证只生效一次',
      en: 'applications into a front-end table, materials into a child table; a table of what was written, so that each counts once',
    },
    options: {
      writes: {
        SB: {
          table: 'EX_GDBS_SB',
          mode: 'insert',
          key: ['SBLSH', 'VERSION'],
          children: [{ name: 'CL', table: 'EX_GDBS_SBCL', on: { SBLSH: 'SBLSH' } }],
          unknown: 'idempotent',
        },
      },
      applied: { table: 'QZ_APPLIED', column: 'MESSAGE_ID', create: true },
    },
  },
  {
    title: {
      zh: '只写入的系统：补正通知按主键更新；撤回由存储过程处理，结果不明时先查',
      en: 'a system that is only written to: supplement notices change their row; withdrawals go to a procedure, and are asked about when the outcome is unknown',
    },
    options: {
      engine: 'mysql',
      connection: {
        host: '10.0.0.5',
        database: 'qzj',
        user: 'gateway_writer',
        password: 'QZJ_WRITER_PASSWORD',
      },
      writes: {
        BZ: { table: 'BJGZ', mode: 'upsert', key: ['SBLSH', 'XH'], unknown: 'idempotent' },
        CH: {
          procedure: 'P_CHEHUI',
          parameters: ['SBLSH', 'YY'],
          unknown: 'confirm',
          confirm: "SELECT 1 FROM BJXX WHERE SBLSH = :SBLSH AND ZT = '撤回'",
        },
      },
    },
  },
]
