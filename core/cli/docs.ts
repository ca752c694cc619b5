import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { generatedDocs } from '../docs/pages.ts'
import { packageRoot } from '../package-root.ts'
import { loadAdapters } from '../registry.ts'
import type { Io } from './io.ts'

/** Folders that hold nothing but generated files: what is no longer made is removed. */
const ownFolders = ['schemas', 'config', 'reference']

export const docsCommand = (io: Io): Command =>
  new Command('docs')
    .description(
      '由代码生成 docs/ 下的规范与参考；--check 只检查是否过时 / write the schemas and references under docs/ from the code; --check only compares',
    )
    .option('--check', '有过时文件则退出码为 1 / exit 1 when a file is stale')
    .option('-o, --out <folder>', '输出文件夹，默认为程序的 docs/ / output folder; docs/ of the program by default')
    .addHelpText('after', '\n例 / Examples:\n  qianzhi docs\n  qianzhi docs --check')
    .action(async (given: { check?: boolean; out?: string }, command: Command) => {
      const options = { ...given, out: given.out ?? join(packageRoot, 'docs') }
      const docs = generatedDocs([...(await loadAdapters()).values()], command.parent!)
      const extra = ownFolders
        .map((folder) => join(options.out, folder))
        .filter((folder) => existsSync(folder))
        .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
        .filter((file) => !docs.has(file.slice(options.out.length + 1).replaceAll('\\', '/')))
      const stale = [...docs].filter(([name, text]) => {
        const file = join(options.out, name)
        return !existsSync(file) || readFileSync(file, 'utf8').replaceAll('\r\n', '\n') !== text
      })
      if (options.check) {
        for (const name of [...stale.map(([path]) => path), ...extra]) io.out(`过时 / stale: ${name}`)
        if (stale.length + extra.length > 0) io.out('运行 `npm run docs` 更新。 / Run `npm run docs`.')
        return io.exit(stale.length + extra.length > 0 ? 1 : 0)
      }
      for (const [name, text] of stale) {
        mkdirSync(dirname(join(options.out, name)), { recursive: true })
        writeFileSync(join(options.out, name), text)
      }
      for (const file of extra) rmSync(file)
      io.out(`已更新 ${stale.length} 个文件。 / ${stale.length} files written.`)
    })
