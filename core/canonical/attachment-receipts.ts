/** Receipts for attachments: what whoever receives them answers. Those of the platform travel down, those of gateways up. */
import { type Static, Type } from '@sinclair/typebox'
import { defineControl, maxIdsAtOnce } from './control.ts'
import { as, entity, moment, shaped, whole } from './fields.ts'

const receipt = entity(
  {
    digest: shaped('附件摘要', 'Digest of the attachment', '^sha256:[0-9a-f]{64}$'),
    size: whole('大小：字节', 'Size in bytes, as its chunks say it', 0, Number.MAX_SAFE_INTEGER),
    outcome: as(
      '结果：arrived 已收全并核对摘要，incomplete 从 from 起还缺，different 内容与摘要不符、已丢弃，too_large 超过接收方的上限 limit、不收',
      'arrived: whole, its digest verified; incomplete: something is missing from `from` on; different: the content is another, and was dropped; too_large: above the `limit` of the receiver, and not taken',
      Type.Union([Type.Literal('arrived'), Type.Literal('incomplete'), Type.Literal('different'), Type.Literal('too_large')]),
    ),
    at: moment('时间', 'When', {}),
  },
  {
    from: whole('起始偏移：字节', 'Offset in bytes of the first that is missing', 0, Number.MAX_SAFE_INTEGER),
    limit: whole('上限：字节', 'What the receiver takes at most, in bytes', 0, Number.MAX_SAFE_INTEGER),
  },
)
export type AttachmentReceipt = Static<typeof receipt>

export const attachmentReceiptsControl = defineControl({
  type: 'attachment.receipts',
  title: { zh: '附件回执', en: 'Receipts for attachments' },
  summary: {
    zh: '接收方（平台或网关）对附件的答复，一次多条',
    en: 'What the receiver, platform or gateway, answers for attachments, many at once',
  },
  source: shaped('答复者', 'Who answers', '^/(platform|gateways/[a-z][a-z0-9-]{0,63})$'),
  data: entity(
    {
      gateway: shaped(
        '网关：一端是它，另一端是平台',
        'The gateway at one end of the lane; the platform is at the other',
        '^[a-z][a-z0-9-]{0,63}$',
      ),
      receipts: as('回执', 'Receipts', Type.Array(receipt, { minItems: 1, maxItems: maxIdsAtOnce })),
    },
    {},
  ),
})
