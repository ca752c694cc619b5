/** Where a value is read: the forms of a path, and the words that stand for what is no part of the record. */
import type { Filter, Step } from '../../codec/path.ts'
import { construct, type Example, type Family } from './construct.ts'

const reads = (path: string, record: Example['record'], found: string | null, more: Partial<Example> = {}): Example => ({
  content: `subject: "${path}"`,
  ...(record === undefined ? {} : { record }),
  result: { message: { '/content/subject': found } },
  ...more,
})

/** By what a path is made of: each kind of step and of filter, where it may begin, and what a step may be called. */
export const pathForms = {
  child: construct(
    '`SQRMC`：列、属性，或该名称的子元素',
    'A column, a property, or the child elements of that name',
    reads('ZY', { ZY: '砍伐许可' }, '砍伐许可'),
    reads('ZY', '<ZY>砍伐许可</ZY>', '砍伐许可'),
    reads('ZY', { ZY: ['甲', '乙'] }, null, {
      about: { zh: '一个字段处有几个值', en: 'several values where a field wants one' },
      result: { quarantined: 'VALUE_AMBIGUOUS', field: '/content/subject' },
    }),
  ),
  steps: construct(
    '`Info/Applicant/Name`：逐级',
    'Step by step',
    reads('Info/Item/Name', '<Info><Item><Name>砍伐</Name></Item></Info>', '砍伐'),
  ),
  top: construct('`/Info/Name`：从记录顶层算起，在 each 内也是', 'From the top of the record, also inside each', {
    content: 'materials: { each: CL, fields: { name: MC, reference: /WJK } }',
    record: { WJK: 'ftp://10.0.0.8', CL: [{ MC: '图纸' }] },
    result: { message: { '/content/materials': [{ name: '图纸', reference: 'ftp://10.0.0.8' }] } },
  }),
  attribute: construct('`Field/@type`：属性', 'An attribute', reads('Field/@type', '<Field type="字符"/>', '字符')),
  equals: construct(
    "`Field[@FieldName='SBLSH']`、`Item[Code='3']`：属性或子元素等于某值的那些；首尾空白不计",
    'Those whose attribute or child has that value; blanks around it do not count',
    reads("Field[@FieldName='ZY']", '<Field FieldName="BZ">急</Field><Field FieldName="ZY ">砍伐</Field>', '砍伐'),
    reads(
      "Item[Code='3']/Name",
      {
        Item: [
          { Code: '1', Name: '甲' },
          { Code: '3', Name: '丙' },
        ],
      },
      '丙',
    ),
  ),
  index: construct(
    '`Item[2]`：第二个（从 1 起）',
    'The second, from 1',
    reads('Item[2]', '<Item>甲</Item><Item>乙</Item>', '乙'),
  ),
  any: construct('`*`：任一子项', 'Any child', reads('Info/*/Name', '<Info><A><Name>砍伐</Name></A></Info>', '砍伐')),
  self: construct('`.`：本身', 'The node itself', {
    content: 'materials: { each: CL, fields: { name: . } }',
    record: { CL: ['图纸', '合同'] },
    result: { message: { '/content/materials': [{ name: '图纸' }, { name: '合同' }] } },
  }),
} satisfies Record<Step['kind'] | Filter['kind'] | 'steps' | 'top' | 'any', Family[string]>

/** Written with `$`. */
export const recordWords = {
  stream: construct('`$stream`：记录所属的流：表名、报文名', 'What the record is one of: its table, its document', {
    ...reads('$stream', {}, 'EX_GDBS_SB'),
    stream: 'EX_GDBS_SB',
  }),
  key: construct('`$key`：记录在来源处的名称', 'The name of the record at the source', {
    ...reads('$key', {}, '15-2026'),
    key: '15-2026',
  }),
} satisfies Family
