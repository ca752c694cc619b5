/** 公安局: the register of seals. Files of JSON; of a case only the newest form counts, and seals are registered when it is signed. */
import { deskTime, openDeskFolders, runDesk } from './desk.ts'

interface Form {
  caseNo: string
  parentNo: string
  itemCode: string
  version: string
  address: string
  seals: { kind: string }[]
  signedAt?: string | null
}

const folders = openDeskFolders('seal', 'forms', 'results')
const forms = new Map<string, Form>()
const done = new Set<string>()

const say = ({ caseNo, parentNo, itemCode }: Form, step: string, more: object): void => {
  if (done.has(`${caseNo} ${step}`)) return
  done.add(`${caseNo} ${step}`)
  const result = { caseNo, parentNo, itemCode, step, result: 'ok', at: deskTime(), officer: '松清扬', ...more }
  folders.put(`${caseNo}_${step}.json`, JSON.stringify([result]))
}

const register = (form: Form): void => {
  if (!form.signedAt) return
  const remark = `地址：${form.address}；${form.seals.map(({ kind }) => kind).join('、')}`
  say(form, 'close', { remark, document: '印章备案证明', number: `YZ-${form.caseNo}`, issuer: '乌兰察布市公安局' })
}

const look = (): void => {
  folders.takeAll('.json', (bytes) => {
    const form = JSON.parse(bytes.toString('utf8')) as Form
    const known = forms.get(form.caseNo)
    if (!known || Number(known.version) < Number(form.version)) forms.set(form.caseNo, form)
  })
  for (const form of forms.values()) {
    say(form, 'accept', {})
    register(form)
  }
}

runDesk({ look, close: () => undefined })
