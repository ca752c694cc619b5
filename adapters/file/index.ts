import { defineAdapter, defineSink } from '../../core/contract.ts'
import { checkFileOptions, fileOptions } from './options.ts'
import { openFileSink } from './sink.ts'
import { checkFileSinkOptions, fileSinkOptions } from './sink-options.ts'
import { openFileSource } from './source.ts'

/** Drop folders: files of XML, JSON or CSV. */
export default defineAdapter({
  kind: 'file',
  summary: {
    zh: '读取文件夹中的 XML、JSON、CSV 文件，逐条送出后移到完成文件夹；写入文件夹',
    en: 'reads XML, JSON and CSV files of a folder, record by record, then moves them; puts files into folders',
  },
  options: fileOptions,
  checkOptions: checkFileOptions,
  examples: [
    {
      title: {
        zh: 'GB18030 的 XML 文件，写完后改名，回执为 XML',
        en: 'XML files in GB 18030, renamed when complete, answered in XML',
      },
      options: {
        folder: 'in',
        pattern: '*.xml',
        format: 'xml',
        charset: 'gb18030',
        declaration: 'believe',
        records: 'Records/*',
        stream: '{element}',
        key: ['project_no', 'row_guid'],
        csv: { delimiter: ',', quote: '"' },
        complete: { by: 'rename', suffix: '.ok', ms: 2000 },
        order: 'name',
        done: 'done',
        error: 'error',
        reply: { folder: 'reply', success: '.ok', error: '.err', format: 'xml' },
        batchSize: 200,
        maxRecordBytes: 16_777_216,
        maxFileBytes: 2_147_483_648,
      },
    },
    {
      title: { zh: 'GBK 的 CSV 文件，标记文件出现后读', en: 'CSV files in GBK, read once their marker is there' },
      options: {
        folder: 'in',
        pattern: '*.csv',
        format: 'csv',
        charset: 'gbk',
        declaration: 'believe',
        records: '',
        stream: 'application',
        key: ['SBLSH'],
        csv: { delimiter: ',', quote: '"' },
        complete: { by: 'marker', suffix: '.ok', ms: 2000 },
        order: 'mtime',
        done: 'done',
        error: 'error',
        batchSize: 200,
        maxRecordBytes: 16_777_216,
        maxFileBytes: 2_147_483_648,
      },
    },
  ],
  openSource: openFileSource,
  sink: defineSink<typeof fileOptions, typeof fileSinkOptions>({
    options: fileSinkOptions,
    checkOptions: checkFileSinkOptions,
    examples: [
      {
        title: {
          zh: '申请写成 GBK 的 XML 文件，写完后放标记文件（含大小与摘要）；对方读完移入 done',
          en: 'applications as XML files in GBK, a marker with size and digest behind each; the reader moves what it took to done',
        },
        options: {
          writes: {
            SB: {
              folder: 'out',
              name: 'SB_{SBLSH}_{id}.xml',
              format: 'xml',
              root: 'Application',
              charset: 'gbk',
              marker: { suffix: '.ok', content: 'xml' },
              taken: ['out/done'],
              unknown: 'confirm',
            },
          },
        },
      },
      {
        title: {
          zh: '补正写成一行的 CSV 文件；对方凭文件名认得出重复',
          en: 'supplements as CSV files of one row; the reader knows by the name what it has had',
        },
        options: {
          writes: {
            BZ: {
              folder: 'out',
              name: '{id}.csv',
              format: 'csv',
              columns: ['SBLSH', 'BZ'],
              charset: 'utf-8',
              unknown: 'idempotent',
            },
          },
        },
      },
    ],
    writes: ({ writes }) => new Map(Object.entries(writes).map(([name, { unknown }]) => [name, unknown])),
    open: (options, _reading, context) => openFileSink(options, context),
  }),
})
