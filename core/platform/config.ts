import { join, resolve } from 'node:path'
import { type TObject, Type } from '@sinclair/typebox'
import { checkAgainst } from '../config/check.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { GatewayError, type Text } from '../errors.ts'
import { type TransportKind, transportKinds } from '../transport/kinds.ts'
import { readYaml, type YamlFile } from '../yaml.ts'
import { type StoreKind, storeKinds } from './store-kinds.ts'

export interface PlatformConfig {
  /** Relative paths in options are relative to it. */
  folder: string
  transport: { kind: TransportKind; options: Record<string, unknown> }
  store: { kind: StoreKind; options: Record<string, unknown> }
}

const section = (kinds: object, title: string, description: string) =>
  Type.Object(
    {
      kind: Type.Union(
        Object.keys(kinds).map((kind) => Type.Literal(kind)),
        { title: '种类 / Kind', description },
      ),
    },
    { additionalProperties: true, title, description },
  )

/** `config/platform.yaml`, without the options of the transport and of the store, which their kinds describe. */
export const platformSchema = Type.Object(
  {
    transport: section(
      transportKinds,
      '传输 / Transport',
      '消息从哪里来，与网关的 transport 相同。 / Where messages come from; the same as the gateway’s transport.',
    ),
    store: section(storeKinds, '接收库 / Store', '收到的消息存放在哪里。 / Where what was received is kept.'),
  },
  { additionalProperties: false, title: 'config/platform.yaml' },
)

interface Kind {
  options: TObject
  findUnsafeSettings?(options: Record<string, unknown>): { path: string; reason: Text }[]
}

interface Settled<K extends string> {
  kind: K
  options: Record<string, unknown>
}

/** One section against the schema of its kind. An unknown kind is left to the schema of the whole file. */
const settle = <K extends string>(
  kinds: Record<K, Kind>,
  name: 'transport' | 'store',
  { yaml, folder, env, problems }: { yaml: YamlFile; folder: string; env: NodeJS.ProcessEnv; problems: GatewayError[] },
): Settled<K> | undefined => {
  const { kind, ...options } = ((yaml.value as Record<string, unknown> | null)?.[name] ?? {}) as Record<string, unknown>
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) return undefined
  const definition = kinds[kind as K]
  // Secrets first, so that the schema sees the text it asks for.
  const found = resolveSecrets(definition.options, options, folder, env, yaml, [name])
  found.push(...checkAgainst(definition.options, options, yaml, [name]))
  problems.push(...found)
  if (found.length > 0) return undefined
  for (const { path, reason } of definition.findUnsafeSettings?.(options) ?? []) {
    const key = [name, ...path.split('/').slice(1)]
    problems.push(GatewayError.of('CONFIG_BROKER_UNSAFE', { at: yaml.at(key), key: key.join('.'), reason }))
  }
  return { kind: kind as K, options }
}

/** Reads `platform.yaml` in a folder and reports all mistakes at once; `config` is there only when there are none. */
export const loadPlatformConfig = (
  givenFolder: string,
  env: NodeJS.ProcessEnv,
): { config: PlatformConfig | undefined; problems: GatewayError[] } => {
  const folder = resolve(givenFolder)
  let yaml: YamlFile
  try {
    yaml = readYaml(join(folder, 'platform.yaml'), 'config/platform.yaml')
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    return { config: undefined, problems: [thrown] }
  }
  const problems = checkAgainst(platformSchema, yaml.value ?? {}, yaml)
  const context = { yaml, folder, env, problems }
  const transport = settle<TransportKind>(transportKinds, 'transport', context)
  const store = settle<StoreKind>(storeKinds, 'store', context)
  if (problems.length > 0 || !transport || !store) return { config: undefined, problems }
  return { config: { folder, transport, store }, problems }
}
