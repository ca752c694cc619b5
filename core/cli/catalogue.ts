import { Command } from 'commander'
import type { CatalogueItem } from '../canonical/index.ts'
import { dayOf, systemClock } from '../clock.ts'
import type { CatalogueRefusalReason, Catalogues } from '../store/catalogue-store.ts'
import { boundText } from '../supervision/read-clock.ts'
import { type Io, shownTime, table } from './io.ts'
import { configFlag, jsonFlag, withStore } from './open.ts'

const refused: Record<CatalogueRefusalReason, string> = {
  older: '旧版本 older',
  conflict: '同版本不同内容 conflict',
  damaged: '与摘要不符 damaged',
}

const printVersions = (io: Io, catalogues: Catalogues): void => {
  const [versions, refusals] = [catalogues.versions(), catalogues.refusals()]
  if (versions.length === 0)
    io.out('平台还没有下发事项目录；事项不核对。 / The platform has sent no catalogue: items are not checked.')
  else {
    const current = catalogues.versionOn(dayOf(systemClock.now()))
    io.out(
      table(
        ['版本 version', '生效 from', '事项 items', '收到 received', '状态 state'],
        versions.map(({ version, effectiveFrom, items, receivedAt, wholeAt }) => [
          version,
          effectiveFrom,
          items,
          shownTime(receivedAt),
          wholeAt === null ? '未收齐 incomplete' : version === current ? '在用 in use' : '备查 kept',
        ]),
      ),
    )
  }
  for (const { version, reason, times, lastAt } of refusals)
    io.out(`未采用 not taken: 版本 version ${version}  ${refused[reason]}  ${times} 次 times  ${shownTime(lastAt)}`)
}

const limitText = (zh: string, en: string, limit: CatalogueItem['promisedLimit'], basis: 'promise' | 'statutory' | 'stage') => {
  if (!limit) return []
  const text = boundText({ ...limit, basis })
  return [`  ${zh} ${en}: ${text.zh} / ${text.en}`]
}

const printItem = (io: Io, item: CatalogueItem): void => {
  const { code, name, org, responsible, stages = [], materials = [], from, to } = item
  io.out(
    [
      `${code}  ${name}`,
      ...(org?.name === undefined ? [] : [`  实施机构 authority: ${org.name}`]),
      ...(responsible === undefined ? [] : [`  责任人 responsible: ${responsible}`]),
      ...(from === undefined && to === undefined ? [] : [`  有效期 valid: ${from ?? ''}…${to ?? ''}`]),
      ...limitText('法定时限', 'by law', item.statutoryLimit, 'statutory'),
      ...limitText('承诺时限', 'promised', item.promisedLimit, 'promise'),
      ...stages.flatMap(({ stage, limit, responsible: official }) => [
        `  环节 stage ${stage}${official === undefined ? '' : `  ${official}`}`,
        ...limitText('  时限', 'limit', limit, 'stage'),
      ]),
      ...materials.map((material) =>
        `  材料 material ${material.code ?? ''} ${material.name}${material.required ? ' *' : ''}`.replace(/ {3}/, '  '),
      ),
    ].join('\n'),
  )
}

export const catalogueCommand = (io: Io): Command =>
  new Command('catalogue')
    .description(
      '平台下发的事项目录：收到哪些版本，或查一个事项 / the item catalogue that the platform has sent: its versions, or one item',
    )
    .argument('[code]', '事项的任一编码 / any code of an item')
    .option(...configFlag)
    .option(...jsonFlag)
    .addHelpText(
      'after',
      '\n例 / Examples:\n  qianzhi catalogue\n  qianzhi catalogue 11150900PDY000028A2000131000200\n\n退出码 / Exit: 0 完成 done, 1 在用的版本中没有此事项 not in the version in use',
    )
    .action(async (code: string | undefined, options: { config: string; json?: boolean }) =>
      withStore(options.config, ({ catalogues }) => {
        if (code === undefined) {
          if (options.json) return io.out(JSON.stringify({ versions: catalogues.versions(), refusals: catalogues.refusals() }))
          return printVersions(io, catalogues)
        }
        const version = catalogues.versionOn(dayOf(systemClock.now()))
        const item = version === undefined ? undefined : catalogues.item(version, code)
        if (options.json) io.out(JSON.stringify({ version, item }))
        else if (item) printItem(io, item)
        else io.out(`版本 ${version ?? '-'} 中没有 ${code}。 / ${code} is not in version ${version ?? '-'}.`)
        return io.exit(item ? 0 : 1)
      }),
    )
