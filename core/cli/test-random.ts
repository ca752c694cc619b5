/** Random records of a mapping, as the test command runs and tells them. */
import { randomInt } from 'node:crypto'
import { InvalidArgumentError } from 'commander'
import { compileFiles } from '../mapping/compile-files.ts'
import type { Mapping } from '../mapping/mapping.ts'
import type { RandomResult } from '../mapping/random-test.ts'
import type { SampleResult } from '../mapping/samples.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'

const largestSeed = 2 ** 31 - 1

export const toCount = (text: string): number => {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('须为 1 到 9999999 / must be 1 to 9999999')
  return Number(text)
}

export const toSeed = (text: string): number => {
  if (!/^\d{1,10}$/.test(text) || Number(text) > largestSeed)
    throw new InvalidArgumentError(`须为 0 到 ${largestSeed} / must be 0 to ${largestSeed}`)
  return Number(text)
}

/** Records are what the samples of the mapping are, or anything when it has none. The seed is told, so that what it found can be had again. */
export const runAtRandom = async (
  mapping: Mapping,
  records: number,
  { seed = randomInt(largestSeed), samples }: { seed: number | undefined; samples: readonly SampleResult[] },
): Promise<RandomResult> => {
  // Only here: a gateway that runs needs no generator of records.
  const { testAtRandom } = await import('../mapping/random-test.ts')
  // Own code runs here, without a thread: what it does with a record that is made up holds up nobody but this command.
  const running = mapping.isolated ? await compileFiles(mapping, []) : mapping
  const forms = [...new Set(samples.map(({ form }) => form))]
  return testAtRandom(running, await traceMapping(mapping), { records, seed, ...(forms.length > 0 ? { forms } : {}) })
}

const shown = (body: string | Uint8Array): string => {
  const text = String(body)
  return text.length > 4000 ? `${text.slice(0, 4000)}…（${text.length}）` : text
}

/** One line, and the smallest record that breaks a property. */
export const randomText = (name: string, { seed, records, outcomes, codes, failure }: RandomResult): string => {
  const { messages, ignored, quarantined } = outcomes
  const byCode = Object.entries(codes)
    .sort(([, one], [, other]) => other - one)
    .map(([code, count]) => `${code} ${count}`)
  const line = `随机 random ${name}: ${records} 条 records, 消息 messages ${messages}, 忽略 ignored ${ignored}, 隔离 quarantined ${quarantined}`
  const told = `${line}${byCode.length > 0 ? ` (${byCode.join(', ')})` : ''}  --seed ${seed}`
  const [most] = byCode
  if (!failure && messages === 0 && most !== undefined)
    return [
      told,
      `⚠ 没有一条成为消息，因此几乎什么都没有检查；多数因 ${most} 隔离`,
      `  none became a message, so that next to nothing was checked: most were quarantined by ${most}`,
    ].join('\n')
  if (!failure) return told
  const { broken, record } = failure
  return [
    told,
    `✗ ${broken.zh}`,
    `  ${broken.en}`,
    `  重现 again with: --random ${records + 1} --seed ${seed}`,
    `  最小的记录 the smallest record: ${record.stream}  ${record.contentType}`,
    `  ${shown(record.body)}`,
  ].join('\n')
}
