import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, type CommanderError } from 'commander'
import { packageRoot } from '../package-root.ts'
import { attachmentsCommand } from './attachments.ts'
import { booksCommand } from './books.ts'
import { catalogueCommand } from './catalogue.ts'
import { codesCommand } from './codes.ts'
import { demoCommand } from './demo.ts'
import { docsCommand } from './docs.ts'
import { explainCommand } from './explain.ts'
import { inboxCommand } from './inbox.ts'
import type { Io } from './io.ts'
import { lintCommand } from './lint.ts'
import { platformCommand } from './platform.ts'
import { quarantineCommand } from './quarantine.ts'
import { reconcileCommand } from './reconcile.ts'
import { runCommand } from './run.ts'
import { sampleCommand } from './sample.ts'
import { statusCommand } from './status.ts'
import { testCommand } from './test.ts'
import { tryCommand } from './try.ts'

const version = (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version

/** All commands, one file each. */
export const createProgram = (io: Io): Command => {
  const program = new Command('qianzhi')
    .description('前置：部门前置机网关 / the gateway on a department’s front-end machine')
    .version(version, '-V, --version', '版本 / version')
    .helpOption('-h, --help', '帮助 / help')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\n退出码 / Exit codes: 0 完成 done, 1 有问题 something is not in order, 2 用法错误 wrong use, 3 无法执行 could not run',
    )
  const commands = [
    runCommand,
    lintCommand,
    testCommand,
    tryCommand,
    sampleCommand,
    codesCommand,
    statusCommand,
    quarantineCommand,
    inboxCommand,
    attachmentsCommand,
    explainCommand,
    booksCommand,
    catalogueCommand,
    reconcileCommand,
    docsCommand,
    demoCommand,
    platformCommand,
  ]
  for (const command of commands) program.addCommand(command(io))
  const settle = (command: Command): void => {
    command.exitOverride((error: CommanderError) => {
      if (error.exitCode !== 0) io.exit(2)
      throw error
    })
    command.configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
      // What the library says is English only.
      outputError: (text, write) => write(text.replace(/^error:/, '用法有误 / wrong use:')),
    })
    command.commands.forEach(settle)
  }
  settle(program)
  return program
}
