import { Command } from 'commander'
import { stringify } from 'yaml'
import { beijingTime } from '../clock.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { type Coverage, coverageOf } from '../mapping/coverage.ts'
import { listDownMappings, loadDownMapping } from '../mapping/down/load.ts'
import { runDownSamples } from '../mapping/down/samples.ts'
import { listMappings, loadMapping } from '../mapping/load.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { type CheckedSample, findStraySamples, runSamples, type SampleResult } from '../mapping/samples.ts'
import { createTracer } from '../mapping/trace.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'
import { configForMappingsFlag, foldersNote, mappingsFlag, mappingsFolder, saidMappingsFolder } from './folders.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { jsonFlag } from './open.ts'
import { coverageText, toPercent, uncoveredText } from './test-coverage.ts'
import { randomText, runAtRandom, toCount, toSeed } from './test-random.ts'
import { whenChanged } from './watch.ts'

interface Options {
  mappings?: string
  config?: string
  show?: boolean
  json?: boolean
  uncovered?: boolean
  threshold?: number
  random?: number
  seed?: number
  watch?: boolean
}

/** The samples are judged by the mapping as the gateway runs it, and run once more, but for those it had to stop, to see what they try. */
const coverageBy = async (folder: string, mapping: Mapping, samples: SampleResult[]): Promise<Coverage> => {
  const { mapping: tracing, trace } = await traceMapping(mapping)
  const stopped = samples.filter(({ found }) => found && 'quarantined' in found && found.quarantined === 'MAPPING_CODE_STOPPED')
  await runSamples(folder, tracing, (file) => !stopped.some((sample) => sample.file === file))
  return coverageOf(trace)
}

const printSample = (io: Io, { file, ok, problems, differences, found }: CheckedSample<object>, show: boolean): void => {
  io.out(`${ok ? '✓' : '✗'} ${file}`)
  for (const problem of problems) io.out(formatError(problem))
  for (const { path, expected, found: actual } of differences.slice(0, 50))
    io.out(`    ${path}\n      期望 expected ${expected}\n      实际 found    ${actual}`)
  if (show && found) io.out(stringify({ expected: found }, { lineWidth: 0 }))
}

const printCoverage = (io: Io, name: string, coverage: Coverage, { uncovered, threshold }: Options): void => {
  io.out(coverageText(name, coverage))
  if (uncovered && coverage.uncovered.length > 0) io.out(uncoveredText(coverage))
  if (coverage.rules.percent < (threshold ?? 0))
    io.out(`✗ ${name}: 规则覆盖低于 ${threshold} % / fewer than ${threshold} % of the rules are covered`)
}

interface TestedMapping {
  /** What is printed with --json. */
  report: object
  passed: number
  failed: number
  /** What is not in order, in a few words each. */
  faults: string[]
}

/** What cannot be loaded is not tried. */
const untested = (io: Io, name: string, problems: readonly GatewayError[], { json }: Options): TestedMapping => {
  if (!json) for (const problem of problems) io.out(formatError(problem))
  const faults = problems.map(({ code, values }) => `${code} ${values['at'] ?? name}`)
  return { report: { mapping: name, problems: problems.map(errorToJson) }, passed: 0, failed: 1, faults }
}

/** Prints what the samples of a mapping came to, of either way. */
const judge = (
  io: Io,
  name: string,
  { samples, coverage }: { samples: readonly CheckedSample<object>[]; coverage: Coverage },
  options: Options,
): TestedMapping => {
  if (!options.json) {
    if (samples.length === 0) io.out(`! ${name}: 没有样例 / no samples`)
    for (const sample of samples) printSample(io, sample, options.show === true)
    printCoverage(io, name, coverage, options)
  }
  const bad = samples.filter(({ ok }) => !ok)
  return {
    report: {
      mapping: name,
      samples: samples.map((sample) => ({ ...sample, problems: sample.problems.map(errorToJson) })),
      coverage,
    },
    passed: samples.length - bad.length,
    failed: bad.length,
    faults: [
      ...bad.map(({ file }) => file),
      ...(coverage.rules.percent < (options.threshold ?? 0) ? [`${name}: 覆盖 coverage ${coverage.rules.percent} %`] : []),
    ],
  }
}

/** Tests one mapping by its samples, and by random records when they are asked for. */
const testMapping = async (io: Io, folder: string, name: string, options: Options): Promise<TestedMapping> => {
  const { mapping, problems } = await loadMapping(folder, name)
  if (!mapping) return untested(io, name, problems, options)
  const samples = await runSamples(folder, mapping)
  const tested = judge(io, name, { samples, coverage: await coverageBy(folder, mapping, samples) }, options)
  if (options.random === undefined) return tested
  const random = await runAtRandom(mapping, options.random, { seed: options.seed, samples })
  if (!options.json) io.out(randomText(name, random))
  const faults = random.failure ? [`${name}: --random ${random.records + 1} --seed ${random.seed}`] : []
  return { ...tested, report: { ...tested.report, random }, faults: [...tested.faults, ...faults] }
}

/** Tests one mapping of the way down by its samples. */
const testDownMapping = (io: Io, folder: string, name: string, options: Options): TestedMapping => {
  const { mapping, problems } = loadDownMapping(folder, name)
  if (!mapping) return untested(io, shownDown(name), problems, options)
  const samples = runDownSamples(folder, mapping)
  const trace = createTracer()
  const traced = loadDownMapping(folder, name, trace)
  // It may have been changed since.
  if (!traced.mapping) return untested(io, shownDown(name), traced.problems, options)
  runDownSamples(folder, traced.mapping)
  return judge(io, shownDown(name), { samples, coverage: coverageOf(trace) }, options)
}

/** As its file is found: `<department>/down/<file>`. */
const shownDown = (name: string): string => name.replace('/', '/down/')

/** Tests all mappings of the folder, or one. Throws CONFIG_UNREADABLE and COMMAND_USAGE. */
const testAll = async (io: Io, only: string | undefined, options: Options) => {
  const folder = mappingsFolder(options)
  const [up, down] = [listMappings(folder), listDownMappings(folder)]
  const names = up.filter((name) => only === undefined || name === only)
  const downNames = down.filter((name) => only === undefined || shownDown(name) === only)
  if (names.length + downNames.length === 0) {
    const { zh, en } = didYouMean(only ?? '', [...up, ...down.map(shownDown)])
    const said = saidMappingsFolder(options)
    throw GatewayError.of('COMMAND_USAGE', {
      reason: {
        zh: only === undefined ? `文件夹 ${said} 里没有映射` : `文件夹 ${said} 里没有映射“${only}”。${zh}`,
        en: only === undefined ? `there is no mapping in ${said}` : `there is no mapping "${only}" in ${said}. ${en}`,
      },
    })
  }
  if (options.random !== undefined && names.length === 0)
    throw GatewayError.of('COMMAND_USAGE', {
      reason: { zh: '--random 只用于上行映射', en: '--random is for mappings of the way up only' },
    })
  const stray = only === undefined ? findStraySamples(folder, up, down) : []
  if (!options.json) for (const problem of stray) io.out(formatError(problem))
  const tested: TestedMapping[] = []
  for (const name of names) tested.push(await testMapping(io, folder, name, options))
  for (const name of downNames) tested.push(testDownMapping(io, folder, name, options))
  return {
    passed: tested.reduce((sum, one) => sum + one.passed, 0),
    failed: tested.reduce((sum, one) => sum + one.failed, 0),
    faults: [...stray.map(({ code, values }) => `${code} ${values['at']}`), ...tested.flatMap(({ faults }) => faults)],
    reports: tested.map(({ report }) => report),
  }
}

const sumText = ({ passed, failed }: { passed: number; failed: number }): string =>
  `样例 / samples: ${passed} 符合 as expected, ${failed} 不符 not`

/** One line for each change, until somebody ends it. */
const watch = async (io: Io, only: string | undefined, options: Options): Promise<void> => {
  const silent: Io = { ...io, out: () => undefined }
  await whenChanged(saidMappingsFolder(options), io.interrupted, async () => {
    const time = beijingTime(Date.now()).slice(11)
    try {
      const { passed, failed, faults } = await testAll(silent, only, options)
      if (options.json) io.out(JSON.stringify({ time, passed, failed, faults }))
      else
        io.out(
          `${time} ${faults.length === 0 ? '✓' : '✗'} ${sumText({ passed, failed })}${faults.map((fault) => `; ${fault}`).join('')}`,
        )
    } catch (thrown) {
      // The folder is away, or the mapping that is watched: it may come back.
      const { code, text } = toGatewayError(thrown)
      io.out(options.json ? JSON.stringify({ time, code, ...text }) : `${time} ✗ ${code} ${text.zh} / ${text.en}`)
    }
  })
  io.exit(0)
}

export const testCommand = (io: Io): Command =>
  new Command('test')
    .description(
      '用样例检查映射：逐字段比较期望与实际，并给出覆盖率 / check mappings against their samples, field by field, and tell what the samples cover',
    )
    .argument(
      '[mapping]',
      '映射名（部门/文件名；下行为 部门/down/文件名），不写则全部 / one mapping, <department>/<file>, of the way down <department>/down/<file>; all when absent',
    )
    .option(...mappingsFlag)
    .option(...configForMappingsFlag)
    .option('--show', '显示每个样例的实际结果，可复制为 expected / print what each sample gives, ready to copy into expected')
    .option('--uncovered', '列出样例没有触及的规则、分支与代码表行 / list the rules, branches and code rows that no sample tries')
    .option('--threshold <percent>', '规则覆盖率低于此值即失败 / fail when fewer of the rules are covered', toPercent)
    .option(
      '--random <n>',
      '再按映射自身的规则随机生成记录，检查结果总是合规、可重复、可追溯 / also try records at random, made by the rules of the mapping',
      toCount,
    )
    .option('--seed <number>', '随机的种子，同一种子得同样的记录 / seed of the random records', toSeed)
    .option(
      '--watch',
      '映射、代码表、插件或样例改动后重跑，每次一行 / run again whenever a file of the mappings changes, a line each time',
    )
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi test\n  qianzhi test housing/permit --show\n  qianzhi test housing/permit --uncovered\n  qianzhi test --threshold 80\n  qianzhi test market/licence --random 1000\n  qianzhi test market/down/application\n  qianzhi test --watch\n\n退出码 / Exit: 0 全部符合 all as expected, 1 有差异、覆盖不足或随机记录不合规 differences, too little covered, or a random record that breaks a property',
    )
    .action(async (only: string | undefined, options: Options) => {
      if (options.seed !== undefined && options.random === undefined)
        throw GatewayError.of('COMMAND_USAGE', { reason: { zh: '--seed 须与 --random 连用', en: '--seed goes with --random' } })
      if (options.watch) return watch(io, only, options)
      const { passed, failed, faults, reports } = await testAll(io, only, options)
      if (options.json) io.out(JSON.stringify({ passed, failed, mappings: reports }))
      else {
        if (faults.length > 0) for (const note of foldersNote({ mappings: mappingsFolder(options) })) io.out(note)
        io.out(sumText({ passed, failed }))
      }
      io.exit(faults.length === 0 ? 0 : 1)
    })
