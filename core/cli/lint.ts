import { resolve } from 'node:path'
import { Command } from 'commander'
import { loadConfig } from '../config/load.ts'
import { foldersNote } from './folders.ts'
import { errorToJson, formatError, type Io } from './io.ts'
import { lintItems } from './lint-items.ts'
import { lintMappings } from './lint-mappings.ts'
import { type Probed, probeAll } from './lint-probe.ts'
import { configContext, configFlag, jsonFlag } from './open.ts'

export const lintCommand = (io: Io): Command =>
  new Command('lint')
    .description('检查全部配置与映射，一次列出所有错误 / check all configuration and mappings, and list every mistake at once')
    .option(...configFlag)
    .option(...jsonFlag)
    .option(
      '--probe',
      '并试连各来源与消息队列，核对映射所写的列 / also try every connection, and look for the columns that mappings name',
    )
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi lint\n  qianzhi lint --config /etc/qianzhi --probe\n\n没有系统使用的映射也检查，run 不读它们 / mappings that no system uses are checked, too; run does not read them\n退出码 / Exit: 0 无误（可有提醒） in order, perhaps with warnings; 1 有错误 mistakes found',
    )
    .action(async (options: { config: string; json?: boolean; probe?: boolean }) => {
      const context = await configContext(io)
      const { config, mappingsFolder, systems, problems } = await loadConfig(resolve(options.config), context)
      const used = new Set(systems.map((system) => system.config?.read?.mappingModule.name).filter((name) => name !== undefined))
      const usedDown = new Set(systems.flatMap((system) => system.config?.deliver?.mapping ?? []))
      const mappings = config
        ? await lintMappings(resolve(config.folder, config.options.mappings), used, usedDown)
        : { problems: [], warnings: [] }
      problems.push(...mappings.problems)
      const { probes, ...found }: Probed =
        options.probe && config && problems.length === 0
          ? await probeAll(config, io.interrupted)
          : { probes: [], problems: [], warnings: [] }
      problems.push(...found.problems)
      const warnings = [...mappings.warnings, ...(config ? lintItems(config) : []), ...found.warnings]
      if (options.json)
        io.out(
          JSON.stringify({
            ok: problems.length === 0,
            problems: problems.map(errorToJson),
            warnings: warnings.map(errorToJson),
            probes,
            folders: { config: resolve(options.config), mappings: mappingsFolder },
          }),
        )
      else {
        for (const { name, ok, zh, en, detail } of probes)
          io.out(`${ok ? '✓' : '✗'} ${name}: ${zh} / ${en}${detail ? ` (${detail})` : ''}`)
        for (const warning of warnings) io.out(formatError(warning))
        for (const problem of problems) io.out(formatError(problem))
        if (warnings.length + problems.length > 0)
          for (const note of foldersNote({ config: options.config, mappings: mappingsFolder })) io.out(note)
        if (warnings.length > 0)
          io.out(`${warnings.length} 处需要留意，不妨碍运行。 / ${warnings.length} warnings; the gateway runs with them.`)
        io.out(problems.length === 0 ? '配置无误。 / In order.' : `共 ${problems.length} 处错误。 / ${problems.length} mistakes.`)
      }
      io.exit(problems.length === 0 ? 0 : 1)
    })
