import type { Text } from '../../core/contract.ts'
import type { HttpOptions } from './options.ts'

const limits = { maxBodyBytes: 16_777_216, maxRecords: 1000, maxRequests: 64, maxHeldBytes: 67_108_864, timeoutMs: 30_000 }

export const examples: { title: Text; options: HttpOptions }[] = [
  {
    title: {
      zh: 'JSON 与 GBK 的 XML，TLS、令牌与来源地址',
      en: 'JSON, and XML in GBK; TLS, a token and addresses of senders',
    },
    options: {
      listen: { host: '0.0.0.0', port: 8480, allowPlaintext: false, openToEveryone: false },
      tls: { cert: 'tls/server.pem', key: 'tls/server.key' },
      tokens: [{ value: '<at least 16 characters>' }],
      tokenHeader: 'Authorization',
      addresses: ['10.15.0.0/16'],
      streams: [
        { path: '/applications', format: 'json', stream: 'application', key: ['SBLSH'], charset: 'utf-8' },
        { path: '/exchange', format: 'xml', records: 'Records/*', stream: '{element}', key: ['row_guid'], charset: 'gbk' },
      ],
      ...limits,
    },
  },
  {
    title: {
      zh: 'SOAP：submit(xml: string)，字符串里是 XML，答复为本部门的样式；客户端证书',
      en: 'SOAP: submit(xml: string), whose string holds XML, answered in the shape of the department; client certificates',
    },
    options: {
      listen: { host: '0.0.0.0', port: 8481, allowPlaintext: false, openToEveryone: false },
      tls: { cert: 'tls/server.pem', key: 'tls/server.key', clientCa: 'tls/clients.pem', clientNames: ['housing'] },
      tokenHeader: 'Authorization',
      streams: [
        {
          path: '/push',
          format: 'soap',
          records: 'ExInfos/ExInfo',
          stream: '{standardInfo/@process}',
          key: ['standardInfo/@id'],
          charset: 'GBK',
          soap: {
            kind: 'xml-string',
            operation: 'submit',
            namespace: 'urn:qianzhi:push',
            part: '*/*',
            reply: {
              stored: '<Answer><Code>0</Code><Message>{message}</Message></Answer>',
              failed: '<Answer><Code>{code}</Code><Message>{message}</Message></Answer>',
            },
          },
        },
      ],
      ...limits,
    },
  },
]
