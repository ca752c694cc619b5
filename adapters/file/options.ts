import { resolve } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { elementPath, findNamingProblems, findReferencePathProblems, isCharset, type Text } from '../../core/contract.ts'

const strict = { additionalProperties: false }

const complete = Type.Object(
  {
    by: Type.Union([Type.Literal('rename'), Type.Literal('marker'), Type.Literal('settled')], {
      default: 'rename',
      title: '依据 / By',
      description:
        'rename：对方写完后改名，.tmp 和 .part 结尾的不读；marker：同名加后缀的标记文件出现后才读；settled：隔一段时间大小和修改时间不变才读。 / rename: the sender renames what is complete, names ending in .tmp or .part are not read; marker: only with a marker file beside it; settled: only when size and time of change stay the same for a while.',
    }),
    suffix: Type.String({
      pattern: '^\\.[\\w.-]+$',
      default: '.ok',
      title: '标记后缀 / Marker suffix',
      description: 'marker 时标记文件的后缀，加在文件名之后。 / For marker: follows the name of the file.',
    }),
    ms: Type.Integer({
      minimum: 1,
      default: 2000,
      title: '不变的毫秒数 / Settled for',
      description:
        'settled 时两次查看相隔的毫秒数，每次运行等待一次。 / For settled: milliseconds between two looks; each run waits once.',
    }),
  },
  {
    ...strict,
    default: {},
    title: '何时完整 / Complete',
    description: '怎样知道文件已写完。 / How it is known that a file is complete.',
  },
)

const csv = Type.Object(
  {
    delimiter: Type.String({
      minLength: 1,
      maxLength: 1,
      default: ',',
      title: '分隔符 / Delimiter',
      description: '列之间的字符。 / The character between columns.',
    }),
    quote: Type.String({
      minLength: 1,
      maxLength: 1,
      default: '"',
      title: '引号 / Quote',
      description:
        '包住含分隔符或换行的值的字符，双写表示其本身。引号里的一行若与一行记录列数相同（三列以上），视为引号有误。 / Surrounds a value with delimiters or line breaks; doubled it stands for itself. A line inside that has the columns of a row, three or more, is taken for a wrong quote.',
    }),
  },
  {
    ...strict,
    default: {},
    title: 'CSV 格式 / CSV',
    description: '按 RFC 4180，首行为列名。 / By RFC 4180; the first line names the columns.',
  },
)

const folder = (name: string, zh: string, en: string, what: { zh: string; en: string }) =>
  Type.String({ minLength: 1, default: name, title: `${zh} / ${en}`, description: `${what.zh} / ${what.en}` })

const inside = {
  zh: '相对于 folder，须在同一文件系统，不存在时建立。',
  en: 'Relative to folder, on the same file system; made when missing.',
}

export const fileOptions = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      title: '文件夹 / Folder',
      description:
        '接收文件夹，相对于配置文件夹；不读其子文件夹和符号链接。 / The drop folder, relative to that of the configuration; sub-folders and symbolic links are not read.',
    }),
    pattern: Type.String({
      minLength: 1,
      pattern: '^[^/\\\\]+$',
      default: '*',
      title: '文件名 / Pattern',
      description:
        '文件名的样式，* 为任意文字，? 为一个字符，不分大小写。 / Of the name: * is any text, ? one character; case does not matter.',
    }),
    format: Type.Union([Type.Literal('xml'), Type.Literal('json'), Type.Literal('csv')], {
      title: '格式 / Format',
      description:
        '文件的格式；csv 的每一行成为列名对应文字的 JSON 记录。 / The format; each line of csv becomes a JSON record of texts by column.',
    }),
    charset: Type.String({
      default: 'utf-8',
      title: '编码 / Charset',
      description:
        '文件没有 BOM 和 XML 声明时的编码；gb2312、gbk 按 GB 18030 读。 / When neither BOM nor XML declaration says it; gb2312 and gbk are read as GB 18030.',
    }),
    declaration: Type.Union([Type.Literal('believe'), Type.Literal('ignore')], {
      default: 'believe',
      title: 'XML 声明 / Declaration',
      description:
        '来源的 XML 声明写错了编码时用 ignore：按 charset 读，声明不算数。 / ignore, where the XML declaration names a wrong charset: charset counts, and the declaration does not.',
    }),
    records: Type.String({
      default: '',
      title: '记录的路径 / Records',
      description:
        'xml：从根元素算起的元素路径，* 为任意元素；json：数组的 JSON Pointer（空为整个文件），或 lines 表示每行一条；csv 不填。 / xml: the element path from the root on, * is any element; json: the JSON pointer of an array, empty for the whole file, or lines for one record a line; csv: left out.',
    }),
    stream: Type.String({
      minLength: 1,
      title: '流名 / Stream',
      description:
        '记录所属的流：固定文字，或含 {element}（xml 记录的元素名）、{路径}（记录中的值）。 / The stream of a record: fixed text, or with {element} (its element name, xml) or {path} (a value inside it).',
    }),
    key: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      title: '主键 / Key',
      description:
        "记录内的一个或几个路径，合起来唯一，写法与映射相同：如 Field[@FieldName='SBLSH']、applicant/id、CSV 的列名。不填则以文件名和位置为主键，改正后的同名文件即为新版本。 / Paths inside a record that together name it, written as in mappings: such as Field[@FieldName='SBLSH'], applicant/id, the name of a CSV column. Left out: file name and position, so that a corrected file under the same name is a new version.",
    }),
    csv,
    complete,
    attachments: Type.Optional(
      Type.Object(
        {
          paths: Type.Array(Type.String({ minLength: 1 }), {
            minItems: 1,
            title: '文件名的路径 / Paths',
            description:
              '记录中写有附件文件名之处，只由名称组成，如 MATERIALS/FILE、CSV 的列名。 / Where a record names files: plain names alone, such as MATERIALS/FILE or the name of a CSV column.',
          }),
          folder: Type.String({
            minLength: 1,
            default: '.',
            title: '附件文件夹 / Folder',
            description:
              '文件名相对于此文件夹，不得越出；相对于 folder。附件读后留在原处。 / Names are relative to it and never lead out of it; relative to folder. The files stay where they are.',
          }),
        },
        {
          ...strict,
          title: '附件 / Attachments',
          description:
            '记录指名的文件作为附件：单独存放，记录中在文件名旁添上 digest 与 size；缺少文件的记录进入隔离区。 / Files that records name, as attachments: kept apart, with digest and size beside the name; a record of which a file is missing is quarantined.',
        },
      ),
    ),
    order: Type.Union([Type.Literal('name'), Type.Literal('mtime')], {
      default: 'name',
      title: '次序 / Order',
      description:
        '按文件名或修改时间的先后读；前面的文件未完整时，后面的等它。 / Files are read by name or by time of change; one that is not complete holds back those behind it.',
    }),
    done: folder('done', '完成文件夹', 'Done folder', {
      zh: `所有记录存盘后，文件移到这里。${inside.zh}`,
      en: `Files go here once all their records are on disk. ${inside.en}`,
    }),
    error: folder('error', '出错文件夹', 'Error folder', {
      zh: `有读不出的部分的文件移到这里，读得出的记录已送出。${inside.zh}`,
      en: `Files with an unreadable part go here; what is readable has been taken. ${inside.en}`,
    }),
    reply: Type.Optional(
      Type.Object(
        {
          folder: folder('reply', '回执文件夹', 'Reply folder', {
            zh: `写回执的文件夹。${inside.zh}`,
            en: `Where replies are written. ${inside.en}`,
          }),
          success: Type.String({
            pattern: '^\\.[\\w.-]+$',
            default: '.ok',
            title: '成功后缀 / Success suffix',
            description: '全部记录都被接受时。 / When every record was taken.',
          }),
          error: Type.String({
            pattern: '^\\.[\\w.-]+$',
            default: '.err',
            title: '出错后缀 / Error suffix',
            description: '有记录读不出或被隔离时。 / When a record was unreadable or quarantined.',
          }),
          format: Type.Union([Type.Literal('json'), Type.Literal('xml')], {
            default: 'json',
            title: '回执格式 / Reply format',
            description: '一行 JSON 或 XML，含条数与错误码。 / One line of JSON or XML with counts and error codes.',
          }),
        },
        {
          ...strict,
          title: '回执 / Reply',
          description: '给对方的回执文件；不写则没有。 / A file that answers the sender; left out: none.',
        },
      ),
    ),
    batchSize: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 200,
      title: '每批条数 / Batch size',
      description: '一次存盘的记录数上限。 / The most records stored at once.',
    }),
    maxRecordBytes: Type.Integer({
      minimum: 1024,
      maximum: 256 * 1024 * 1024,
      default: 16 * 1024 * 1024,
      title: '记录上限 / Record limit',
      description: '一条记录的最大字节数。 / The most bytes of one record.',
    }),
    maxFileBytes: Type.Integer({
      minimum: 1024,
      default: 2 * 1024 * 1024 * 1024,
      title: '文件上限 / File limit',
      description: '更大的文件不读，移到出错文件夹。 / Larger files are not read and go to the error folder.',
    }),
  },
  strict,
)

export type FileOptions = Static<typeof fileOptions>

export const checkFileOptions = (options: FileOptions): { path: string; expected: Text }[] => {
  const problems = findNamingProblems(options)
  const require = (holds: boolean, path: string, zh: string, en: string): void => {
    if (!holds) problems.push({ path, expected: { zh, en } })
  }
  const { format, records, stream } = options
  require(format !== 'xml' || new RegExp(elementPath).test(records), '/records', 'xml 须填元素路径', 'xml needs an element path')
  require(format !== 'json' ||
    /^$|^lines$|^\//.test(
      records,
    ), '/records', 'json 须为 lines 或以 / 开头的 JSON Pointer', 'json needs lines or a JSON pointer, which begins with /')
  require(format !== 'csv' || records === '', '/records', 'csv 不填', 'csv has none')
  require(isCharset(
    options.charset,
  ), '/charset', '已知的编码，如 utf-8、gb18030、gbk', 'a known charset, such as utf-8, gb18030 or gbk')
  require(format === 'xml' || !stream.includes('{element}'), '/stream', '{element} 只用于 xml', '{element} is for xml only')
  for (const [index, path] of (options.attachments?.paths ?? []).entries())
    problems.push(...findReferencePathProblems(`/attachments/paths/${index}`, path))
  const { success, error } = options.reply ?? { success: '', error: '-' }
  require(success.toLowerCase() !==
    error.toLowerCase(), '/reply/error', '须与成功后缀不同', 'must differ from the success suffix')
  const itself = resolve('/', options.folder)
  const folders = {
    '/done': options.done,
    '/error': options.error,
    ...(options.reply && { '/reply/folder': options.reply.folder }),
  }
  for (const [path, name] of Object.entries(folders))
    require(resolve(itself, name) !== itself, path, '须是另一个文件夹', 'must be another folder')
  return problems
}
