// needs: postgresql, rabbitmq
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { packageRoot } from '../core/package-root.ts'

t.test(
  'every workload of the bench can be played, and the gateway sends what the bare script sends',
  { timeout: 300_000 },
  async (t) => {
    const words = [join(packageRoot, 'dist/test/bench/main.js'), '--rows', '500', '--rounds', '1', '--dry']
    const { stdout } = await promisify(execFile)(process.execPath, words)
    const told = JSON.parse(stdout.trimEnd().split('\n').at(-1)!)
    for (const workload of ['db', 'soap', 'file']) t.type(told[workload].ratioToBare, 'number', workload)
  },
)
