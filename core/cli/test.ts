import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { stringify } from 'yaml'
import { GatewayError } from '../errors.ts'
import { type Coverage, coverageOf } from '../mapping/coverage.ts'
import { listMappings, loadMapping } from '../mapping/load.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { runSamples, type SampleResult } from '../mapping/samples.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { jsonFlag } from './open.ts'
import { coverageText, toPercent, uncoveredText } from './test-coverage.ts'

interface Options {
  mappings: string
  show?: boolean
  json?: boolean
  uncovered?: boolean
  threshold?: number
}

/** The samples are judged by the mapping as the gateway runs it, and run once more, but for those it had to stop, to see what they try. */
const coverageBy = async (folder: string, mapping: Mapping, samples: SampleResult[]): Promise<Coverage> => {
  const { mapping: tracing, trace } = await traceMapping(mapping)
  const stopped = samples.filter(({ found }) => 'quarantined' in found && found.quarantined === 'MAPPING_CODE_STOPPED')
  await runSamples(folder, tracing, (file) => !stopped.some((sample) => sample.file === file))
  return coverageOf(trace)
}

const printSample = (io: Io, { file, ok, problems, differences, found }: SampleResult, show: boolean): void => {
  io.out(`${ok ? '✓' : '✗'} ${file}`)
  for (const problem of problems) io.out(formatError(problem))
  for (const { path, expected, found: actual } of differences.slice(0, 50))
    io.out(`    ${path}\n      期望 expected ${expected}\n      实际 found    ${actual}`)
  if (show) io.out(stringify({ expected: found }, { lineWidth: 0 }))
}

const printCoverage = (io: Io, name: string, coverage: Coverage, { uncovered, threshold }: Options): void => {
  io.out(coverageText(name, coverage))
  if (uncovered && coverage.uncovered.length > 0) io.out(uncoveredText(coverage))
  if (coverage.rules.percent < (threshold ?? 0))
    io.out(`✗ ${name}: 规则覆盖低于 ${threshold} % / fewer than ${threshold} % of the rules are covered`)
}

/** Tests one mapping; answers what it prints with --json, how many samples passed and failed, and whether it is covered enough. */
const testMapping = async (io: Io, folder: string, name: string, options: Options) => {
  const { mapping, problems } = await loadMapping(folder, name)
  if (!mapping) {
    if (!options.json) for (const problem of problems) io.out(formatError(problem))
    return { report: { mapping: name, problems: problems.map(errorToJson) }, passed: 0, failed: 1, isCovered: true }
  }
  const samples = await runSamples(folder, mapping)
  const coverage = await coverageBy(folder, mapping, samples)
  if (!options.json) {
    if (samples.length === 0) io.out(`! ${name}: 没有样例 / no samples`)
    for (const sample of samples) printSample(io, sample, options.show === true)
    printCoverage(io, name, coverage, options)
  }
  const passed = samples.filter(({ ok }) => ok).length
  return {
    report: {
      mapping: name,
      samples: samples.map((sample) => ({ ...sample, problems: sample.problems.map(errorToJson) })),
      coverage,
    },
    passed,
    failed: samples.length - passed,
    isCovered: coverage.rules.percent >= (options.threshold ?? 0),
  }
}

export const testCommand = (io: Io): Command =>
  new Command('test')
    .description(
      '用样例检查映射：逐字段比较期望与实际，并给出覆盖率 / check mappings against their samples, field by field, and tell what the samples cover',
    )
    .argument('[mapping]', '映射名（部门/文件名），不写则全部 / one mapping; all when absent')
    .option('-m, --mappings <folder>', '映射文件夹 / mappings folder', 'mappings')
    .option('--show', '显示每个样例的实际结果，可复制为 expected / print what each sample gives, ready to copy into expected')
    .option('--uncovered', '列出样例没有触及的规则、分支与代码表行 / list the rules, branches and code rows that no sample tries')
    .option('--threshold <percent>', '规则覆盖率低于此值即失败 / fail when fewer of the rules are covered', toPercent)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi test\n  qianzhi test housing/permit --show\n  qianzhi test housing/permit --uncovered\n  qianzhi test --threshold 80\n\n退出码 / Exit: 0 全部符合 all as expected, 1 有差异或覆盖不足 differences, or too little covered',
    )
    .action(async (only: string | undefined, options: Options) => {
      const folder = resolve(options.mappings)
      if (!existsSync(folder)) throw GatewayError.of('CONFIG_UNREADABLE', { file: options.mappings, reason: 'ENOENT' })
      const names = listMappings(folder).filter((name) => only === undefined || name === only)
      if (names.length === 0) {
        throw GatewayError.of('COMMAND_USAGE', {
          reason: { zh: `没有映射 ${only ?? ''}`, en: `there is no mapping ${only ?? ''}` },
        })
      }
      const tested = []
      for (const name of names) tested.push(await testMapping(io, folder, name, options))
      const passed = tested.reduce((sum, one) => sum + one.passed, 0)
      const failed = tested.reduce((sum, one) => sum + one.failed, 0)
      if (options.json) io.out(JSON.stringify({ passed, failed, mappings: tested.map(({ report }) => report) }))
      else io.out(`样例 / samples: ${passed} 符合 as expected, ${failed} 不符 not`)
      io.exit(failed === 0 && tested.every(({ isCovered }) => isCovered) ? 0 : 1)
    })
