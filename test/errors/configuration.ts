import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayError } from '../../core/errors.ts'
import { loadAdapters } from '../../core/registry.ts'
import { configurationProblems } from '../bad-input/loaders.ts'
import { gatewayYaml, writeInstallation } from '../contract/department-database.ts'
import { deliverYaml, downYaml, writes } from '../down-place.ts'
import { runCommand } from '../run-command.ts'
import { temporaryFolder } from '../temporary.ts'
import { type Sayings, thrownBy, withCode } from './saying.ts'

const head = 'department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }\n'
const gateway = 'config/gateway.yaml'
const system = 'config/adapters/one.yaml'

/** Mistakes in the files of an installation. */
export const configuration: Sayings = {
  CONFIG_UNREADABLE: {
    provoke: async () =>
      withCode('CONFIG_UNREADABLE', await configurationProblems({ files: { [gateway]: Buffer.from([0xd6, 0xd0]) } })),
    where: gateway,
    found: { zh: '不是 UTF-8', en: 'not UTF-8' },
    allowed: { zh: '另存为 UTF-8', en: 'save it as UTF-8' },
    next: { zh: '检查文件', en: 'Check that the file' },
  },
  CONFIG_SYNTAX: {
    provoke: async () =>
      withCode('CONFIG_SYNTAX', await configurationProblems({ change: [gateway, 'level: info }', 'level: info'] })),
    where: `${gateway}:10:1`,
    found: { zh: '没有写，或缩进不够', en: 'is missing, or not indented enough' },
    allowed: '}',
    next: 'qianzhi lint',
  },
  CONFIG_KEY_UNKNOWN: {
    provoke: async () => withCode('CONFIG_KEY_UNKNOWN', await configurationProblems({ change: [gateway, 'limits:', 'limit:'] })),
    where: `${gateway}:7:1`,
    found: { zh: '“limit”', en: '"limit"' },
    allowed: 'store, transport, limits, bucket, retry, statements, catalogue, mappings, log',
    next: { zh: '改成允许的配置项，或删除', en: 'Use one of the allowed keys, or remove' },
  },
  CONFIG_KEY_MISSING: {
    provoke: async () =>
      withCode('CONFIG_KEY_MISSING', await configurationProblems({ files: { [gateway]: 'log: { level: info }\n' } })),
    where: `${gateway}:1:1`,
    found: { zh: '缺少', en: 'is missing' },
    allowed: 'transport',
    next: 'docs/reference',
  },
  CONFIG_VALUE_INVALID: {
    provoke: async () =>
      withCode('CONFIG_VALUE_INVALID', await configurationProblems({ change: [system, '"150900"', '"150900000"'] })),
    where: `${system}:1:60`,
    found: '"150900000"',
    allowed: { zh: '6 位行政区划代码', en: 'Six-digit region code' },
    next: { zh: '修改该值', en: 'Change the value' },
  },
  SYSTEM_NOT_READ: {
    provoke: async (t) => {
      const folder = temporaryFolder(t)
      const { config } = writeInstallation(folder, {
        'config/gateway.yaml': `name: g\n${gatewayYaml}`,
        'config/adapters/one.yaml': `${head}adapter: db\n${deliverYaml(`\n    engine: sqlite\n    connection: { file: ../one.db }${writes}`)}`,
        'mappings/dept/down/in.yaml': downYaml,
      })
      const { error } = await runCommand('try', '--system', 'one', '--config', config)
      if (!(error instanceof GatewayError)) throw error
      return error
    },
    where: 'config/adapters/one.yaml',
    found: { zh: '只写入，不读取', en: 'only written to, and not read' },
    allowed: { zh: 'options 与 mapping', en: 'options nor mapping' },
    next: 'qianzhi quarantine discard',
  },
  CONFIG_SECRET_MISSING: {
    provoke: async () =>
      withCode(
        'CONFIG_SECRET_MISSING',
        await configurationProblems({ change: [gateway, 'window: 500', 'password: { env: MQ_PASSWORD }'] }),
      ),
    where: `${gateway}:6:13`,
    found: 'MQ_PASSWORD',
    allowed: { not: 'any text may be a secret: there is no form to tell' },
    next: { zh: '设置该环境变量，或建立该文件', en: 'Set the environment variable, or create the file' },
  },
  CONFIG_UNSAFE: {
    provoke: async () =>
      withCode(
        'CONFIG_UNSAFE',
        await configurationProblems({
          change: [gateway, 'amqps://broker.example:5671/qianzhi', 'amqp://broker.example:5672/qianzhi'],
        }),
      ),
    where: `${gateway}:4:10`,
    found: { zh: '到 broker.example 的连接是明文', en: 'the connection to broker.example is plaintext' },
    allowed: 'amqps://',
    next: { zh: '改用安全设置', en: 'Use the safe setting' },
  },
  ADAPTER_UNKNOWN: {
    provoke: async () =>
      withCode('ADAPTER_UNKNOWN', await configurationProblems({ change: [system, 'adapter: file', 'adapter: mqtt'] })),
    where: `${system}:2:10`,
    found: 'mqtt',
    allowed: 'db, file, http, soap',
    next: 'adapters/',
  },
  ADAPTER_INVALID: {
    provoke: (t) => {
      const folder = temporaryFolder(t)
      mkdirSync(join(folder, 'fax'))
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
      writeFileSync(
        join(folder, 'fax', 'index.ts'),
        "export default { kind: 'telex', options: {}, openSource: () => undefined }\n",
      )
      return thrownBy(() => loadAdapters(folder))
    },
    where: 'adapters/fax',
    found: 'telex',
    allowed: { zh: '应与文件夹同名', en: 'must equal the folder name' },
    next: 'core/contract.ts',
  },
  MAPPING_UNKNOWN: {
    provoke: async () => withCode('MAPPING_UNKNOWN', await configurationProblems({ change: [system, 'dept/one', 'dept/two'] })),
    where: `${system}:3:10`,
    found: 'dept/two',
    allowed: 'dept/one',
    next: 'mappings/',
  },
}
