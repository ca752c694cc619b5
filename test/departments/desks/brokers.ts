/**
 * The brokers of a banner and of the city, joined: two nodes of RabbitMQ with what `qianzhi platform join` prints for them. They are here to be
 * stopped again: a real banner has its own, which runs all the time.
 */

import { existsSync } from 'node:fs'
import { describeJoined } from '../../../core/transport/rabbitmq/joined.ts'
import { freePort } from '../../free-port.ts'
import { openNode, serverScript } from '../../rabbitmq-node.ts'
import { deskFolder, runDesk } from './desk.ts'

const undo: (() => Promise<void>)[] = []
const [lowerPort, upperPort] = [await freePort(), await freePort()]
const upperUrl = `amqp://127.0.0.1:${upperPort}`
const { topology, shovels } = describeJoined({ prefix: 'qianzhi', partitions: 4, gateways: ['zhongqi'], upper: upperUrl })
const close = async (): Promise<void> => {
  await Promise.allSettled(undo.map((step) => step()))
}

if (!existsSync(serverScript)) {
  const zh = '这个流程要启动两个 RabbitMQ，本机没有安装：Debian 上执行 apt-get install rabbitmq-server'
  const en = 'this flow starts two brokers, and RabbitMQ is not installed: on Debian, apt-get install rabbitmq-server'
  console.log(JSON.stringify({ failure: { zh, en } }))
  process.exit(1)
}

try {
  const [lower, upper] = await Promise.all([
    openNode(deskFolder(), undo, { name: 'lower', port: lowerPort, plugins: ['rabbitmq_shovel'], definitions: topology }),
    openNode(deskFolder(), undo, { name: 'upper', port: upperPort, definitions: topology }),
  ])
  await lower.importDefinitions(shovels)
  runDesk({ look: () => undefined, close, addresses: [lower.url, upper.url] })
} catch (error) {
  console.error(error)
  await close()
  process.exit(1)
}
