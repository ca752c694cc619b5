/**
 * 企业设立一表制: whoever founds a company fills in one form. The platform checks it once and gives each of four departments its part; when
 * the common fields change, every part is sent again as the next data version.
 */
import { checkInvariants } from '../canonical/index.ts'
import type { City, CityDraft } from './city.ts'
import { wentThrough } from './course.ts'
import { diverged } from './diverged.ts'
import type { Flow } from './stage.ts'

interface Target {
  system: string
  suffix: string
  itemCode: string
  itemName: string
  /** What only this department sees of the form, beside the common fields. */
  fields: string[]
  outcome: string
}

const targets: Target[] = [
  {
    system: 'licence',
    suffix: 'DJ',
    itemCode: '11150900PDY000028A2000131001000',
    itemName: '企业设立登记',
    fields: ['registeredCapital', 'businessScope'],
    outcome: 'granted',
  },
  {
    system: 'tax',
    suffix: 'SW',
    itemCode: '11150900PDY00003652000130001000',
    itemName: '税务登记信息确认',
    fields: ['taxpayerKind'],
    outcome: 'granted_without_document',
  },
  {
    system: 'seal',
    suffix: 'YZ',
    itemCode: '11150900PDY000087D2000109001000',
    itemName: '公章刻制备案',
    fields: ['seal'],
    outcome: 'granted',
  },
  {
    system: 'social',
    suffix: 'SB',
    itemCode: '11150900PDY00009582000114001000',
    itemName: '社会保险登记',
    fields: ['employees'],
    outcome: 'granted_without_document',
  },
]

/** What the applicant filled in. Some fields may be there several times. */
interface Form {
  no: string
  name: string
  address: string
  representative: { name: string; idNumber: string; mobile: string }
  fields: { name: string; label: string; value: string }[]
}

/** Every department sees these. */
const commonFields = ['signedAt']
const clerk = { id: 'C0008', name: '云望舒' }
const parentItem = { itemCode: '11150900PDY00001XA0001310001000', itemName: '企业设立一件事' }
const childOf = ({ no }: Form, { suffix }: Target): string => `${no}-${suffix}`

/** The whole form, or the part that one department sees of it. */
const contentOf = (city: City, form: Form, shown: (name: string) => boolean, more: object = {}): Record<string, unknown> => {
  const { name, address, representative, fields } = form
  return {
    receivedAt: city.now(),
    channel: 'online',
    subject: `${name}设立`,
    applicant: { name, kind: 'enterprise', legalRepresentative: representative.name, mobile: representative.mobile, address },
    contact: { ...representative, idType: 'citizen_id' },
    form: { code: 'QYSL', version: '2026', fields: fields.filter((field) => shown(field.name)), ...more },
  }
}

const wholeOf = (city: City, form: Form, dataVersion: number): CityDraft => ({
  type: 'application.received',
  case: { sourceCaseNo: form.no, ...parentItem },
  dataVersion,
  content: contentOf(city, form, () => true, {
    targets: targets.map((target) => ({ itemCode: target.itemCode, itemName: target.itemName, caseNo: childOf(form, target) })),
  }),
})

const partOf = (city: City, form: Form, target: Target, dataVersion: number): CityDraft => ({
  type: 'application.received',
  case: { sourceCaseNo: childOf(form, target), parentCaseNo: form.no, itemCode: target.itemCode, itemName: target.itemName },
  dataVersion,
  content: contentOf(city, form, (name) => commonFields.includes(name) || target.fields.includes(name)),
})

/** What the applicant is told to correct. The form is checked here, once, so that no department has to send it back for what all of them see. */
const problemsOf = (city: City, form: Form): string[] => {
  const { flags, error } = checkInvariants({ ...wholeOf(city, form, 1), flags: [] })
  const wanted = targets.flatMap(({ fields }) => fields).filter((name) => !form.fields.some((field) => field.name === name))
  return [...wanted, ...(error ? [error.text.zh] : []), ...flags.map(({ path }) => path)]
}

/** The form, and to each department its part of it. */
const distribute = async (city: City, form: Form, dataVersion: number): Promise<void> => {
  await city.record(wholeOf(city, form, dataVersion))
  for (const target of targets) await city.send(target.system, partOf(city, form, target, dataVersion))
}

const play = async (city: City): Promise<void> => {
  const mistaken: Form = {
    no: 'QY20260302001',
    name: '集宁区青岚文旅有限公司',
    address: '集宁区示例街1号',
    representative: { name: '云远山', idNumber: '150902188801010018', mobile: '00000000017' },
    fields: [
      { name: 'registeredCapital', label: '注册资本（万元）', value: '100' },
      { name: 'businessScope', label: '经营范围', value: '文化旅游服务' },
      { name: 'taxpayerKind', label: '纳税人类型', value: 'small_scale' },
      { name: 'seal', label: '刻制印章', value: '公章' },
      { name: 'seal', label: '刻制印章', value: '财务专用章' },
      { name: 'employees', label: '参保人数', value: '12' },
    ],
  }

  // A wrong check digit in the identity number: the platform tells the applicant, and no department hears of it.
  const problems = problemsOf(city, mistaken)
  if (problems.join() !== '/content/contact/idNumber')
    throw diverged(city.flow, { zh: `校验结果为 ${problems.join()}`, en: `the check found ${problems.join()}` })

  // Corrected: each department gets its part, and accepts it.
  const form: Form = { ...mistaken, representative: { ...mistaken.representative, idNumber: '150902188801010017' } }
  if (problemsOf(city, form).length > 0)
    throw diverged(city.flow, { zh: '更正后的表仍不通过', en: 'the corrected form does not pass' })
  await distribute(city, form, 1)
  for (const target of targets)
    await city.answer({ system: target.system, case: childOf(form, target), type: 'acceptance.decided', decision: 'accepted' })
  await city.record({
    type: 'acceptance.decided',
    case: { sourceCaseNo: form.no, ...parentItem },
    content: { decision: 'accepted', decidedAt: city.now(), actor: clerk },
  })

  // The applicant reads the form again, corrects the address and signs: common fields, so all four parts are sent anew.
  const signed: Form = {
    ...form,
    address: '集宁区示例街2号',
    fields: [...form.fields, { name: 'signedAt', label: '签名时间', value: city.now() }],
  }
  await distribute(city, signed, 2)

  // The company is there when every department is done, each by the newest version.
  for (const target of targets) {
    const { content } = await city.answer({ system: target.system, case: childOf(form, target), type: 'case.closed' })
    if (!String(content['description']).includes(signed.address))
      throw diverged(city.flow, { zh: `${target.system} 用的不是新地址`, en: `${target.system} has not used the new address` })
  }
  await city.record({
    type: 'case.closed',
    case: { sourceCaseNo: form.no, ...parentItem },
    content: { outcome: 'granted_without_document', decidedAt: city.now(), actor: clerk },
  })

  await wentThrough(city, 'city', form.no, 'closed', [
    'up application.received',
    'up acceptance.decided accepted',
    'up application.received v2',
    'up case.closed granted_without_document',
  ])
  for (const target of targets)
    await wentThrough(city, target.system, childOf(form, target), 'closed', [
      'down application.received',
      'up acceptance.decided accepted',
      'down application.received v2',
      `up case.closed ${target.outcome}`,
    ])
}

export const oneForm: Flow = {
  name: 'one-form',
  title: { zh: '企业设立一表制', en: 'one form for a new company' },
  desks: { licence: [], tax: [], seal: [], social: [] },
  echoes: 0,
  play,
}
