import { join, resolve } from 'node:path'
import { Type } from '@sinclair/typebox'
import { checkAgainst } from '../config/check.ts'
import { attempt, type Settled, settleKind } from '../config/settle.ts'
import type { GatewayError } from '../errors.ts'
import { type TransportKind, transportKinds } from '../transport/kinds.ts'
import { readYaml } from '../yaml.ts'
import { type StoreKind, storeKinds } from './store-kinds.ts'

export interface PlatformConfig {
  /** Relative paths in options are relative to it. */
  folder: string
  transport: Settled<TransportKind>
  store: Settled<StoreKind>
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

/** Reads `platform.yaml` in a folder and reports all mistakes at once; `config` is there only when there are none. */
export const loadPlatformConfig = (
  givenFolder: string,
  env: NodeJS.ProcessEnv,
): { config: PlatformConfig | undefined; problems: GatewayError[] } => {
  const folder = resolve(givenFolder)
  const problems: GatewayError[] = []
  const yaml = attempt(problems, () => readYaml(join(folder, 'platform.yaml'), 'config/platform.yaml'))
  if (!yaml) return { config: undefined, problems }
  problems.push(...checkAgainst(platformSchema, yaml.value ?? {}, yaml))
  const file = { yaml, folder, env, problems }
  const transport = settleKind<TransportKind>(transportKinds, 'transport', file)
  const store = settleKind<StoreKind>(storeKinds, 'store', file)
  if (problems.length > 0 || !transport || !store) return { config: undefined, problems }
  return { config: { folder, transport, store }, problems }
}
