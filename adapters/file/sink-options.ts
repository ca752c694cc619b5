import { resolve } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { charsetMisfit, isXmlName, pointerWord, type Text, unknownPolicies } from '../../core/contract.ts'
import { toPattern } from './drop-folder.ts'
import { findNameProblem, namesOneAttachment, namesOneOperation, sampleName } from './file-name.ts'
import type { FileOptions } from './options.ts'

const strict = { additionalProperties: false }

const choice = <const Values extends readonly string[]>(values: Values, title: string, description: string) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: [...values], title, description })

const marker = Type.Object(
  {
    suffix: Type.String({
      pattern: '^\\.[\\w.-]+$',
      maxLength: 20,
      default: '.ok',
      title: '标记后缀 / Marker suffix',
      description: '加在文件名之后。 / Follows the name of the file.',
    }),
    content: Type.Unsafe<'empty' | 'json' | 'xml'>({
      type: 'string',
      enum: ['empty', 'json', 'xml'],
      default: 'empty',
      title: '内容 / Content',
      description:
        'empty：空文件；json、xml：文件名、字节数与 SHA-256。 / empty: nothing; json, xml: name, number of bytes and SHA-256 of the file.',
    }),
  },
  {
    ...strict,
    title: '标记文件 / Marker',
    description: '文件写完之后才出现，告诉对方文件已完整。 / Appears after the file, and tells the reader that it is complete.',
  },
)

const attachments = Type.Object(
  {
    folder: Type.Optional(
      Type.String({
        minLength: 1,
        title: '文件夹 / Folder',
        description:
          '附件放在这里，须已存在；缺省与记录同处。 / Where they go; it must be there. That of the record when absent.',
      }),
    ),
    name: Type.String({
      minLength: 1,
      title: '文件名 / Name',
      description:
        '样式：{sha256}（内容的摘要，64 个十六进制字符）、{id}、{digest}、{值的名称}（先找同一行的值）与固定文字；记录中内容之处写此文件名。 / A pattern of {sha256} (of the content, 64 hexadecimal digits), {id}, {digest}, {name of a value} (one of its own row first) and fixed text; the record has this name in place of the content.',
    }),
  },
  {
    ...strict,
    title: '附件 / Attachments',
    description:
      '附件的内容各成一个文件，全部写完并落盘之后记录才出现。 / Each content becomes a file; the record appears when all of them are complete and on disk.',
  },
)

const write = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      title: '文件夹 / Folder',
      description:
        '文件放在这里，须已存在；相对于配置文件夹。 / Where files go; it must be there. Relative to the folder of the configuration.',
    }),
    name: Type.String({
      minLength: 1,
      title: '文件名 / Name',
      description:
        '样式：{值的名称}、{id}（操作编号）、{digest}（操作编号的摘要，32 个十六进制字符）与固定文字；文件名不能有的字符写成 %XX。 / A pattern of {name of a value}, {id} (of the operation), {digest} (32 hexadecimal digits made of the id) and fixed text; what a name cannot hold becomes %XX.',
    }),
    format: choice(
      ['xml', 'json', 'csv'],
      '格式 / Format',
      'xml：值的名称为元素，列表为重复的元素，null 不写；json：一个对象；csv：列名行与一行。 / xml: names are elements, lists are elements that repeat, null is left out; json: one object; csv: the names of the columns and one row.',
    ),
    root: Type.Optional(
      Type.String({ minLength: 1, title: '根元素 / Root', description: 'xml 的根元素。 / The root element, for xml.' }),
    ),
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        uniqueItems: true,
        title: '列 / Columns',
        description:
          'csv 的列，依次为值的名称；没有值的为空。 / The columns of csv, each the name of a value; empty where there is none.',
      }),
    ),
    delimiter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1,
        title: '分隔符 / Delimiter',
        description: 'csv 的列之间，缺省为逗号。 / Between the columns of csv, a comma when absent.',
      }),
    ),
    charset: Type.Unsafe<'utf-8' | 'gbk' | 'gb18030'>({
      type: 'string',
      enum: ['utf-8', 'gbk', 'gb18030'],
      default: 'utf-8',
      title: '编码 / Charset',
      description: '文件的编码；xml 在声明中写明。 / Of the file; xml says it in its declaration.',
    }),
    marker: Type.Optional(marker),
    attachments: Type.Optional(attachments),
    taken: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        title: '取走之后 / Taken',
        description:
          '对方取走文件后原名移入的文件夹；在那里的文件不再写。相对于配置文件夹。 / The folders to which the reader moves what it took, under the same name: what is there is not written again. Relative to the folder of the configuration.',
      }),
    ),
    unknown: choice(
      unknownPolicies,
      '结果不明时 / When the outcome is unknown',
      'idempotent：再写一次，同名同内容；confirm：先看文件夹与 taken；manual：由人决定。 / idempotent: again, the same bytes under the same name; confirm: first a look at the folder and at taken; manual: a person decides.',
    ),
  },
  strict,
)

export const fileSinkOptions = Type.Object(
  {
    writes: Type.Record(Type.String({ minLength: 1 }), write, {
      minProperties: 1,
      title: '写法 / Writes',
      description:
        '映射的 write 所指的名称，各写成怎样的文件。 / The names that write of a mapping gives, and the file that each becomes.',
    }),
  },
  strict,
)

export type FileSinkOptions = Static<typeof fileSinkOptions>
export type WriteOptions = Static<typeof write>

const findWriteProblems = (given: WriteOptions): { at: string; expected: Text }[] => {
  const { name, format, root, columns, delimiter, charset, marker: mark, taken } = given
  const problems: { at: string; expected: Text }[] = []
  const demand = (holds: boolean, at: string, zh: string, en: string): void => {
    if (!holds) problems.push({ at, expected: { zh, en } })
  }
  const wrong = findNameProblem(name)
  if (wrong) problems.push({ at: '/name', expected: wrong })
  const misnamed = given.attachments && findNameProblem(given.attachments.name)
  if (misnamed) problems.push({ at: '/attachments/name', expected: misnamed })
  demand(
    given.attachments === undefined || namesOneAttachment(given.attachments.name),
    '/attachments/name',
    '含 {sha256}、{id} 或 {digest}，使名称不与别的附件相撞',
    'with {sha256}, {id} or {digest}, so that no other attachment has the name',
  )
  demand((root !== undefined) === (format === 'xml'), '/root', 'xml 必填，其他格式不填', 'required for xml, and only there')
  demand(root === undefined || isXmlName(root), '/root', '合法的元素名', 'a name of an element')
  demand((columns !== undefined) === (format === 'csv'), '/columns', 'csv 必填，其他格式不填', 'required for csv, and only there')
  const lost = [root, ...(columns ?? [])].map((text) => text && charsetMisfit(text, charset)).find(Boolean)
  if (lost) problems.push({ at: '/charset', expected: lost })
  demand(
    delimiter === undefined || (format === 'csv' && !/["\r\n]/.test(delimiter)),
    '/delimiter',
    'csv 的分隔符',
    'a delimiter of csv',
  )
  demand(format !== 'json' || charset === 'utf-8', '/charset', 'json 只用 utf-8（RFC 8259）', 'json is always utf-8 (RFC 8259)')
  demand(
    !/\.(tmp|part)$/i.test(mark?.suffix ?? ''),
    '/marker/suffix',
    '.tmp 与 .part 是没有写完的文件',
    '.tmp and .part are files that are not yet complete',
  )
  demand(
    given.unknown !== 'idempotent' || namesOneOperation(name),
    '/unknown',
    '对方凭文件名认得出重复才可用 idempotent：在 name 里写 {id} 或 {digest}',
    'idempotent only where the reader knows by the name what it has had: put {id} or {digest} in name',
  )
  // By another name an operation of long ago, with the same content, would be taken for this one.
  demand(
    taken === undefined || name.includes('{id}'),
    '/taken',
    'taken 只凭文件名认操作：name 里须有 {id}',
    'taken tells operations by their names alone: put {id} in name',
  )
  demand(
    given.unknown !== 'confirm' || taken !== undefined,
    '/unknown',
    'confirm 须给出 taken：文件不在，可能是已被取走',
    'confirm needs taken: a file that is not there may have been taken',
  )
  return problems
}

/** What the adapter would read in again. */
const isReadAgain = (write: WriteOptions, { folder, pattern }: Pick<FileOptions, 'folder' | 'pattern'>): boolean =>
  [write, ...(write.attachments ? [{ folder: write.folder, ...write.attachments }] : [])].some(
    (written) => resolve(written.folder) === resolve(folder) && toPattern(pattern).test(sampleName(written.name)),
  )

/** What the schema cannot say: above all that a policy for unknown outcomes is one that can be kept. */
export const checkFileSinkOptions = (
  { writes }: FileSinkOptions,
  reading: FileOptions | undefined,
): { path: string; expected: Text }[] =>
  Object.entries(writes).flatMap(([word, given]) => [
    ...findWriteProblems(given).map(({ at, expected }) => ({ path: `/writes/${pointerWord(word)}${at}`, expected })),
    ...(reading && isReadAgain(given, reading)
      ? [
          {
            path: `/writes/${pointerWord(word)}/folder`,
            expected: {
              zh: '不是 options.folder，或 pattern 不匹配的文件名：否则写出的文件会被当作来件读入',
              en: 'not options.folder, or a name that pattern does not match: what is written would be read in again',
            },
          },
        ]
      : []),
  ])
