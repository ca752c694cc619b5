/** Files that are not read although they look as if they were. */
import { existsSync, readdirSync } from 'node:fs'
import { GatewayError } from './errors.ts'

/** YAML files in the folder of all mappings itself, of which only the folders inside are read. */
export const findOutside = (folder: string, shown: string): GatewayError[] =>
  (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
    .filter((entry) => entry.isFile() && /^[^.].*\.ya?ml(\.txt)?$/i.test(entry.name))
    .map(({ name }) => {
      const key = { zh: '位置', en: 'its place' }
      const expected = {
        zh: `须在部门的文件夹内（${shown}/<部门>/），否则不会被读取`,
        en: `it must be in a department's folder (${shown}/<department>/): otherwise it is not read`,
      }
      return GatewayError.of('CONFIG_VALUE_INVALID', { at: `${shown}/${name}`, key, found: name, expected })
    })

/** YAML files of a folder whose names do not end in `.yaml` (some editors add `.txt`), which is how they are found. `shown` is how the folder is named to people. */
export const findMisnamed = (folder: string, shown: string): GatewayError[] =>
  (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
    .filter((entry) => entry.isFile() && /^[^.].*\.ya?ml(\.txt)?$/i.test(entry.name) && !entry.name.endsWith('.yaml'))
    .map(({ name }) => {
      const key = { zh: '文件名', en: 'the file name' }
      const expected = { zh: '须以 .yaml 结尾，否则不会被读取', en: 'it must end in .yaml: otherwise it is not read' }
      return GatewayError.of('CONFIG_VALUE_INVALID', { at: `${shown}/${name}`, key, found: name, expected })
    })
