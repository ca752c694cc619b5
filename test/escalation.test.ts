// needs: rabbitmq
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../core/package-root.ts'
import { lintFlow, playFlow } from './flow-run.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

t.test('its configuration is in order where it lies', (t) => lintFlow(t, 'escalation'))

t.test(
  'a township registers, its banner reports to the city and issues; what is granted on commitment owes paper until it is filed',
  async (t) => {
    const { told, of } = await playFlow(t, 'escalation')
    const reported = [
      'down application.received',
      'up acceptance.decided',
      'up review.decided',
      'up upward.forwarded',
      'down upward.returned',
      'up case.closed',
    ]
    t.same(of('QX2026030201'), reported)
    t.same(of('QX2026030202'), [...reported, 'down supervision.alert', 'up paper.filed'])
    t.same(of('QX2026030203'), reported)
    const registered = ['up application.received', 'down acceptance.decided', 'down case.closed']
    t.same(of('SM2026030202'), [...registered, 'up result.collected'])
    t.same(of('SM2026030203'), registered)
    t.match(
      told.books,
      {
        up: {
          gateway: { messages: 18, confirmed: 18, receipted: 18, quarantined: 0 },
          platform: { received: 31, violations: 0 },
        },
        down: { platform: { sent: 13 }, gateway: { received: 13, delivered: 13, open: 0 } },
      },
      'the receipts of the city came back over both brokers',
    )
  },
)

t.test('it has brokers of its own', async (t) => {
  const words = ['demo', 'escalation', '--once', '--folder', temporaryFolder(t), '--broker', 'amqp://127.0.0.1:5672']
  t.match(JSON.parse((await runCommand(...words)).out.trim()), { passed: false, reason: { code: 'COMMAND_USAGE' } })
})

t.test('what joins two brokers is printed by a command, and lies in deploy as it prints it', async (t) => {
  const printed = async (...words: string[]): Promise<unknown> => {
    const { out } = await runCommand(
      'platform',
      'join',
      '--gateway',
      'zhongqi',
      '--config',
      join(packageRoot, 'config/flows/escalation'),
      ...words,
    )
    return JSON.parse(out)
  }
  const lying = (name: string): unknown => JSON.parse(readFileSync(join(packageRoot, 'deploy/rabbitmq', name), 'utf8'))
  t.same(lying('joined-topology.json'), await printed())
  t.same(lying('joined-shovels.json'), await printed('--upper', 'amqps://zhongqi:password@mq.city.example'))
  const wrong = await runCommand('platform', 'join', '--upper', 'mq.city.example', '--config', 'config')
  t.match(wrong.error, { code: 'COMMAND_USAGE', message: /amqps:\/\// })
  const embedded = await runCommand('platform', 'join', '--config', join(packageRoot, 'config'))
  t.match(embedded.error, { code: 'COMMAND_USAGE', message: /不是 rabbitmq/ })
})
