import t from 'tap'
import { lintFlow, playFlow } from './flow-run.ts'

t.test('its configuration is in order where it lies', (t) => lintFlow(t, 'joint-review'))

const parent = [
  'up application.received',
  'up acceptance.decided',
  'up joint.summarised',
  'up approval.decided',
  'up case.closed',
]

t.test('three kinds of systems are asked and answer; silence is marked when its date is over, a denial denies', async (t) => {
  const { told, of } = await playFlow(t, 'joint-review')
  t.same(of('LS20260302001'), parent)
  t.same(of('LS20260302002'), parent)
  t.same(of('LS20260302001-GH'), ['down joint.notice', 'up joint.opinion', 'up joint.opinion v2'], 'an opinion that was changed')
  t.same(of('LS20260302001-HB'), ['down joint.notice'], 'one that never came')
  for (const no of ['LS20260302001-ZJ', 'LS20260302002-GH', 'LS20260302002-ZJ', 'LS20260302002-HB'])
    t.same(of(no), ['down joint.notice', 'up joint.opinion'], no)
  const children = told.events.filter(({ parent }: { parent?: string }) => parent === 'LS20260302001')
  t.equal(children.length, 6, 'one correlation: the case number of the project')
  t.match(told.books, {
    up: { gateway: { messages: 6, receipted: 6 }, platform: { received: 22, violations: 0 } },
    down: { platform: { sent: 6 }, gateway: { delivered: 6, open: 0 } },
  })
})
