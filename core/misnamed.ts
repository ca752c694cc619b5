/** Files that are not read although they look as if they were. */
import { existsSync, readdirSync } from 'node:fs'
import { GatewayError, type Text } from './errors.ts'

/** Files whose names end in `.yaml`, or nearly so: some editors add `.txt`. */
const yamlLike = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
    .filter((entry) => entry.isFile() && /^[^.].*\.ya?ml(\.txt)?$/i.test(entry.name))
    .map(({ name }) => name)

const notRead = (shown: string, name: string, key: Text, expected: Text): GatewayError =>
  GatewayError.of('CONFIG_VALUE_INVALID', { at: `${shown}/${name}`, key, found: name, expected })

/** YAML files in the folder of all mappings itself, of which only the folders inside are read. `shown` is how the folder is named to people. */
export const findOutside = (folder: string, shown: string): GatewayError[] =>
  yamlLike(folder).map((name) =>
    notRead(
      shown,
      name,
      { zh: '位置', en: 'its place' },
      {
        zh: `须在部门的文件夹内（${shown}/<部门>/），否则不会被读取`,
        en: `it must be in a department's folder (${shown}/<department>/): otherwise it is not read`,
      },
    ),
  )

/** YAML files of a folder whose names do not end in `.yaml`, which is how they are found. `shown` is how the folder is named to people. */
export const findMisnamed = (folder: string, shown: string): GatewayError[] =>
  yamlLike(folder)
    .filter((name) => !name.endsWith('.yaml'))
    .map((name) =>
      notRead(
        shown,
        name,
        { zh: '文件名', en: 'the file name' },
        { zh: '须以 .yaml 结尾，否则不会被读取', en: 'it must end in .yaml: otherwise it is not read' },
      ),
    )
