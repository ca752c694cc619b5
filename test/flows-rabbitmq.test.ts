// needs: rabbitmq
import t from 'tap'
import { flows } from '../core/flows/index.ts'
import { playFlow } from './flow-run.ts'

// A flow holds each case against its course by itself: that it has passed is that it went the same way.
// One that brings its own brokers is played over them in its own test.
for (const { name } of flows.filter(({ bringsBrokers }) => !bringsBrokers))
  t.test(`${name} goes the same way over RabbitMQ`, async (t) => {
    const { told } = await playFlow(t, name, { overRabbitmq: true })
    const isAlert = ({ type }: { type: string }) => type === 'supervision.alert'
    t.equal(told.events.filter((one: { type: string }) => !isAlert(one)).length, told.books.up.platform.received)
  })
