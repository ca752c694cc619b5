import { type Static, Type } from '@sinclair/typebox'
import { elementPath, findNamingProblems, findPathProblems, findReferencePathProblems } from '../../core/contract.ts'
import { findServiceProblems, isElementName, type Problem, serviceProperties } from './service-options.ts'

const strict = { additionalProperties: false }

const answer = Type.Object(
  {
    kind: Type.Union([Type.Literal('typed'), Type.Literal('xml-string')], {
      title: '形式 / Kind',
      description:
        'typed：记录是应答报文里的元素；xml-string：应答里有一个字符串，其内容是另一份 XML。 / typed: the records are elements of the answer; xml-string: the answer holds a string whose content is another XML document.',
    }),
    part: Type.String({
      default: '*/*',
      title: '字符串的位置 / Part',
      description:
        'xml-string 时该字符串的路径，从 Body 的子元素算起；默认为应答元素的唯一子元素。 / For xml-string: the path of that string from the child of Body on; by default the only child of the answer element.',
    }),
    records: Type.String({
      pattern: elementPath,
      title: '记录的路径 / Records',
      description:
        '每条记录的元素路径，不写前缀：typed 从 Body 的子元素算起，xml-string 从内层文档的根元素算起；* 为任意元素。 / The path of each record, without prefixes: from the child of Body on for typed, from the root of the inner document for xml-string; * is any element.',
    }),
  },
  { ...strict, title: '应答 / Answer', description: '记录在应答中的位置。 / Where the records are in the answer.' },
)

const paging = Type.Object(
  {
    kind: Type.Union([Type.Literal('none'), Type.Literal('page'), Type.Literal('cursor')], {
      default: 'none',
      title: '方式 / Kind',
      description:
        'none：一次读完，每次运行都重读，重复的由网关丢弃；page：按页号读到末页（见 until），中断后从该页继续，读完后下次从头读；cursor：把应答里的游标带入下次请求，游标与记录一同存盘。 / none: all at once, read again each run, the gateway drops duplicates; page: by page number until the last page (see until), continued at that page after a break, from the start in the next run; cursor: the cursor of an answer goes into the next request and is stored with the records.',
    }),
    size: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 100,
      title: '每页条数 / Page size',
      description: '填入 {pageSize}。 / Fills {pageSize}.',
    }),
    until: Type.Union([Type.Literal('empty-page'), Type.Literal('short-page')], {
      default: 'empty-page',
      title: '读到何处 / Until',
      description:
        'page 时的末页：empty-page 为没有记录的页，或与前一页相同的页（有的服务对过大的页号总给末页）；全部记录恰为一页（满 size 条，或未用 {pageSize}）的此类服务会报“没有按页返回”，记录已收下，多出一页后自行恢复；short-page 为少于 size 条的页，仅用于页号过大即报错、且每页一定给足 {pageSize} 条的服务。 / For page, what the last one is: empty-page, one without records, or one that equals the page before (some services give their last page for every number beyond it; where all there is fills exactly one page, or {pageSize} is not used, such a service is reported as one that does not page: its records are taken, and the report ends with a second page); short-page, one with fewer records than size, for a service that fails beyond its last page, and only where it surely gives {pageSize} records where it has them.',
    }),
    first: Type.Union([Type.Integer(), Type.String()], {
      default: 1,
      title: '起点 / First',
      description: '第一页的页号，或第一个游标。 / The number of the first page, or the first cursor.',
    }),
    path: Type.Optional(
      Type.String({
        title: '游标的路径 / Cursor path',
        description:
          'cursor 时游标在应答（或内层文档）中的路径。 / For cursor: where the answer, or the inner document, gives it.',
      }),
    ),
  },
  { ...strict, default: {}, title: '分页 / Paging', description: '怎样读完所有记录。 / How all records are read.' },
)

const since = Type.Object(
  {
    initial: Type.String({
      title: '首次的值 / Initial',
      description: '首次运行时填入 {since} 的文字。 / The text that fills {since} in the first run.',
    }),
    format: Type.Union(
      [
        Type.Literal('yyyy-MM-dd HH:mm:ss'),
        Type.Literal('yyyy-MM-ddTHH:mm:ss+08:00'),
        Type.Literal('yyyyMMddHHmmss'),
        Type.Literal('yyyy-MM-dd'),
      ],
      {
        default: 'yyyy-MM-dd HH:mm:ss',
        title: '格式 / Format',
        description: '北京时间的写法。 / How the time is written; Beijing time.',
      },
    ),
    overlapMinutes: Type.Integer({
      minimum: 0,
      default: 60,
      title: '重叠分钟数 / Overlap',
      description:
        '从上次读完的那次运行开始的时间再往前退这么多分钟，以容忍两边时钟不一致和晚提交；重复的由网关丢弃。 / How far {since} goes back behind the start of the last run that read everything, for clocks that differ and late commits; the gateway drops duplicates.',
    }),
  },
  { ...strict, title: '起始时间 / Since', description: '请求参数 {since} 的来历。 / Where the parameter {since} comes from.' },
)

const success = Type.Object(
  {
    over: Type.Union([Type.Literal('document'), Type.Literal('envelope')], {
      default: 'document',
      title: '在哪里 / Over',
      description:
        'document：记录所在的文档（xml-string 时为内层文档，从根元素算起）；envelope：SOAP 报文，从 Body 的子元素算起。 / document: the one that holds the records (for xml-string the inner one, from its root on); envelope: the SOAP message, from the child of Body on.',
    }),
    path: Type.String({
      title: '结果码的路径 / Path',
      description: '结果码的路径。 / Where the result code is.',
    }),
    equals: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        title: '成功的值 / Equals',
        description:
          '表示成功的值，须完全相等；服务没有结果码时不写，此时 path 处有元素即为成功。 / The values that mean success; compared whole. Leave it out for a service without result codes: then an element at path means success.',
      }),
    ),
    textPath: Type.Optional(
      Type.String({
        title: '错误说明的路径 / Text path',
        description: '错误说明的路径。 / Where the text of the error is.',
      }),
    ),
    codePath: Type.Optional(
      Type.String({
        title: '错误码的路径 / Code path',
        description: '若错误码另有位置。 / Where the code of the error is, when it is not the result code.',
      }),
    ),
  },
  {
    ...strict,
    title: '成功的判断 / Success',
    description:
      '多数服务以 HTTP 200 报告业务失败；此规则不成立时本次读取失败，不取任何记录。按页号读或用 {since} 时必写：否则失败会被当作末页。 / Most services report failures with HTTP 200; when this rule does not hold the run fails and takes nothing. Required with page numbers and with {since}: a failure would be taken for the last page.',
  },
)

const attachments = Type.Object(
  {
    paths: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      title: '附件的路径 / Paths',
      description:
        '记录中附件所在之处，只由名称组成，如 CL/BODY：base64，或 MTOM（XOP）的引用。 / Where a record has its attachments, plain names alone, such as CL/BODY: base64, or references of MTOM (XOP).',
    }),
    maxCount: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 1000,
      title: '部分数上限 / Parts',
      description: '一次 MTOM 应答中附件部分的最多个数。 / The most parts of one answer in MTOM that are attachments.',
    }),
  },
  {
    ...strict,
    title: '附件 / Attachments',
    description:
      '应答中的附件：边收边存，记录中代之以 digest 与 size；大小由 limits.maxAttachmentBytes 限定，不计入 maxAnswerBytes。大附件须调高 timeoutMs。 / Attachments in the answers: kept while they come, with digest and size in the record; limited by limits.maxAttachmentBytes and not counted in maxAnswerBytes. Large ones need a higher timeoutMs.',
  },
)

export const soapOptions = Type.Object(
  {
    ...serviceProperties,
    operation: Type.String({
      minLength: 1,
      title: '操作 / Operation',
      description: 'WSDL 中的操作名。 / The operation of the WSDL.',
    }),
    parameters: Type.Record(Type.String(), Type.Unknown(), {
      default: {},
      title: '请求参数 / Parameters',
      description:
        '按 WSDL 的参数名逐个写；值中的 {page} {pageSize} {cursor} {since} 会被替换并转义。值为 {document: …, encoding: GBK} 时，按对象生成一份 XML 作为字符串参数。 / By the names of the WSDL; {page} {pageSize} {cursor} {since} inside a value are replaced and escaped. A value {document: …, encoding: GBK} is written as an XML document and sent as a string.',
    }),
    answer,
    stream: Type.String({
      default: '{element}',
      minLength: 1,
      title: '流名 / Stream',
      description:
        '记录所属的流：固定文字，或含 {element}（记录的元素名）、{路径}（记录中的值）。 / The stream of a record: fixed text, or with {element} (its element name) or {path} (a value inside it).',
    }),
    key: Type.Array(Type.String(), {
      minItems: 1,
      title: '主键 / Key',
      description:
        "记录内的一个或几个路径，合起来在同一流中唯一，如 Field[@FieldName='SBLSH']。 / Paths inside a record that together name it within its stream, such as Field[@FieldName='SBLSH'].",
    }),
    paging,
    since: Type.Optional(since),
    success: Type.Optional(success),
    attachments: Type.Optional(attachments),
  },
  strict,
)

export type SoapOptions = Static<typeof soapOptions>

const parameterProblems = (value: unknown, path: string): Problem[] => {
  if (Array.isArray(value)) return value.flatMap((entry, index) => parameterProblems(entry, `${path}/${index}`))
  if (typeof value === 'string' && value.startsWith('<![CDATA['))
    return [{ path, expected: { zh: '不要写 CDATA，文字会自动转义', en: 'write it without CDATA, text is escaped by itself' } }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(isElementName(name)
      ? []
      : [{ path: `${path}/${name}`, expected: { zh: '不是可用的参数名', en: 'no usable name of a parameter' } }]),
    ...parameterProblems(inner, `${path}/${name}`),
  ])
}

export const checkSoapOptions = (options: SoapOptions): Problem[] => {
  const { answer, attachments, paging, parameters, success } = options
  const used = JSON.stringify(parameters)
  const problems = [
    ...findServiceProblems(options),
    ...parameterProblems(parameters, '/parameters'),
    ...findNamingProblems(options),
    ...findPathProblems('/answer/part', answer.part),
    ...findPathProblems('/paging/path', paging.path),
    ...findPathProblems('/success/path', success?.path),
    ...findPathProblems('/success/textPath', success?.textPath),
    ...findPathProblems('/success/codePath', success?.codePath),
    ...(attachments?.paths ?? []).flatMap((path, index) => findReferencePathProblems(`/attachments/paths/${index}`, path)),
  ]
  const require = (holds: boolean, path: string, zh: string, en: string): void => {
    if (!holds) problems.push({ path, expected: { zh, en } })
  }
  require(!attachments ||
    answer.kind === 'typed' ||
    new RegExp(elementPath).test(
      answer.part,
    ), '/answer/part', '有 attachments 时须为只由名称组成的路径', 'with attachments it must be a path of plain names')
  require(paging.kind !== 'page' ||
    used.includes('{page}'), '/parameters', 'paging.kind 为 page 时须使用 {page}', 'paging.kind page needs {page} in a value')
  require(paging.kind !== 'page' ||
    typeof paging.first === 'number', '/paging/first', '页号须为整数', 'a page number is an integer')
  require(paging.kind !== 'cursor' ||
    used.includes(
      '{cursor}',
    ), '/parameters', 'paging.kind 为 cursor 时须使用 {cursor}', 'paging.kind cursor needs {cursor} in a value')
  require(paging.kind !== 'cursor' ||
    paging.path !== undefined, '/paging/path', 'paging.kind 为 cursor 时必填', 'paging.kind cursor needs it')
  require(paging.until !== 'short-page' ||
    used.includes('{pageSize}'), '/paging/until', 'short-page 须使用 {pageSize}', 'short-page needs {pageSize} in a value')
  require(success !== undefined ||
    (paging.kind !== 'page' &&
      !options.since), '/success', '按页号读或用 {since} 时必填：否则失败会被当作末页', 'page numbers and {since} need it: a failure would be taken for the last page')
  require(!options.since === !used.includes('{since}'), '/since', '{since} 与 since 须同时使用', '{since} and since go together')
  return problems
}
