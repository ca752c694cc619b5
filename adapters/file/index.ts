import { defineAdapter } from '../../core/contract.ts'
import { checkFileOptions, fileOptions } from './options.ts'
import { openFileSource } from './source.ts'

/** Drop folders: files of XML, JSON or CSV. */
export default defineAdapter({
  kind: 'file',
  summary: {
    zh: '读取文件夹中的 XML、JSON、CSV 文件，逐条送出后移到完成文件夹',
    en: 'reads XML, JSON and CSV files of a folder, record by record, then moves them',
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
})
