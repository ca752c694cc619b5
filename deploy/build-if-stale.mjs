/**
 * Builds when a source is newer than what was built. The compiler itself takes seconds to find that nothing has changed, and that at every command
 * of whoever works in a checkout.
 */
import { execSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const at = (...names) => statSync(join(root, ...names), { throwIfNoEntry: false })?.mtimeMs

const builtAt = at('dist', '.tsbuildinfo')
const sources = ['adapters', 'core', 'mappings'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
)
const isStale = [...sources, 'tsconfig.json', 'tsconfig.build.json'].some((file) => !(at(file) <= builtAt))
if (isStale) execSync('npm run --silent build', { cwd: root, stdio: 'inherit' })
