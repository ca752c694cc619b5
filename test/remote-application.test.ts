import t from 'tap'
import { createProgram } from '../core/cli/program.ts'
import { lintFlow, playFlow } from './flow-run.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

const course = [
  'down application.received',
  'up prereview.decided',
  'up supplement.requested',
  'down supplement.received',
  'up prereview.decided',
  'up acceptance.decided',
  'up review.decided',
  'up approval.decided',
  'up case.closed',
  'up result.collected',
]

t.test('its configuration is in order where it lies', (t) => lintFlow(t, 'remote-application'))

t.test('an application goes down, every step of it comes up, and nothing of what was written comes back as news', async (t) => {
  const { told, of, folder } = await playFlow(t, 'remote-application')
  t.same(of('WS20260302001'), course)
  t.same(of('WS20260302002'), ['down application.received', 'up acceptance.decided', 'up case.closed'])
  t.match(told.books, {
    up: { gateway: { echoes: 3, messages: 10, confirmed: 10, receipted: 10, quarantined: 0 }, platform: { violations: 0 } },
    down: {
      platform: { sent: 3, attachments: 3, arrived: 3 },
      gateway: { received: 3, delivered: 3, attachments: 6, arrived: 6 },
    },
  })
  const inbox = await runCommand('books', '--config', folder, '--json')
  t.match(inbox.codes, [0], 'its folder can be looked at like any other configuration')
})

t.test('a flow that there is not is a mistake of whoever asks for it', async (t) => {
  const { error } = await runCommand('demo', 'far-application', '--once')
  t.match(error, { code: 'COMMAND_USAGE', message: /remote-application/ })
})

t.test('a flow that does not come to its end says why, and exits with 1', async (t) => {
  const [out, codes]: [string[], number[]] = [[], []]
  const io = { out: (text: string) => out.push(text), err: () => undefined, env: {}, exit: (code: number) => codes.push(code) }
  const words = ['demo', 'remote-application', '--once', '--folder', temporaryFolder(t)]
  await createProgram({ ...io, interrupted: AbortSignal.abort() }).parseAsync(words, { from: 'user' })
  t.same(codes, [1])
  t.match(JSON.parse(out.at(-1)!), {
    passed: false,
    reason: { code: 'FLOW_DIVERGED', zh: /没有等到：city:WS20260302001:application\.received:::1/ },
    events: [],
  })
})
