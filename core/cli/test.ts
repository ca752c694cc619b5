import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { stringify } from 'yaml'
import { GatewayError } from '../errors.ts'
import { listMappings, loadMapping } from '../mapping/load.ts'
import { runSamples } from '../mapping/samples.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { jsonFlag } from './open.ts'

export const testCommand = (io: Io): Command =>
  new Command('test')
    .description('用样例检查映射：逐字段比较期望与实际 / check mappings against their samples, field by field')
    .argument('[mapping]', '映射名（部门/文件名），不写则全部 / one mapping; all when absent')
    .option('-m, --mappings <folder>', '映射文件夹 / mappings folder', 'mappings')
    .option('--show', '显示每个样例的实际结果，可复制为 expected / print what each sample gives, ready to copy into expected')
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi test\n  qianzhi test housing/permit --show\n\n退出码 / Exit: 0 全部符合 all as expected, 1 有差异 differences',
    )
    .action(async (only: string | undefined, options: { mappings: string; show?: boolean; json?: boolean }) => {
      const folder = resolve(options.mappings)
      if (!existsSync(folder)) throw GatewayError.of('CONFIG_UNREADABLE', { file: options.mappings, reason: 'ENOENT' })
      const names = listMappings(folder).filter((name) => only === undefined || name === only)
      if (names.length === 0) {
        throw GatewayError.of('COMMAND_USAGE', {
          reason: { zh: `没有映射 ${only ?? ''}`, en: `there is no mapping ${only ?? ''}` },
        })
      }
      const report: object[] = []
      let [passed, failed] = [0, 0]
      for (const name of names) {
        const { mapping, problems } = await loadMapping(folder, name)
        if (!mapping) {
          failed += 1
          report.push({ mapping: name, problems: problems.map(errorToJson) })
          if (!options.json) for (const problem of problems) io.out(formatError(problem))
          continue
        }
        const samples = runSamples(folder, mapping)
        report.push({
          mapping: name,
          samples: samples.map(({ problems, ...sample }) => ({ ...sample, problems: problems.map(errorToJson) })),
        })
        if (samples.length === 0 && !options.json) io.out(`! ${name}: 没有样例 / no samples`)
        for (const { file, ok, problems: mistakes, differences, found } of samples) {
          if (ok) passed += 1
          else failed += 1
          if (options.json) continue
          io.out(`${ok ? '✓' : '✗'} ${file}`)
          for (const mistake of mistakes) io.out(formatError(mistake))
          for (const { path, expected, found: actual } of differences.slice(0, 50))
            io.out(`    ${path}\n      期望 expected ${expected}\n      实际 found    ${actual}`)
          if (options.show) io.out(stringify({ expected: found }, { lineWidth: 0 }))
        }
      }
      if (options.json) io.out(JSON.stringify({ passed, failed, mappings: report }))
      else io.out(`样例 / samples: ${passed} 符合 as expected, ${failed} 不符 not`)
      io.exit(failed === 0 ? 0 : 1)
    })
