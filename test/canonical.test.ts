import fc from 'fast-check'
import t from 'tap'
import {
  asyncApi,
  type CaseProgress,
  type CaseState,
  canonicalJson,
  canonicalTextOf,
  checkCitizenId,
  checkIdNumber,
  checkInvariants,
  checkItemCode,
  checkOrganisationCode,
  checkProjectCode,
  checkRegionCode,
  checkUscc,
  codesOf,
  contentSchemaOf,
  controls,
  createValidator,
  decideVersion,
  definitionOf,
  type EventType,
  eventTypes,
  exampleOf,
  fieldsOf,
  identityOf,
  initialState,
  isSuspended,
  laneOf,
  type MessageDraft,
  masked,
  messageIdOf,
  nextState,
  parseMessageId,
  type Stamp,
  type StateEvent,
  schemaOf,
  schemaPathOf,
  takeEvent,
  toCloudEvent,
  ulanqabRegions,
  validateDraft,
  validateMessage,
  vocabulary,
  vocabularyTable,
} from '../core/canonical/index.ts'
import { moves } from '../core/canonical/states.ts'
import { GatewayError } from '../core/errors.ts'

const stamp: Stamp = {
  source: {
    system: 'zhujian',
    department: '11150900PDY00001XA',
    region: '150900',
    adapter: 'db',
    mapping: 'zhujian/banjian',
    mappingVersion: '1',
  },
  dataVersion: 1,
  dataVersionOrigin: 'derived',
  seenAt: Date.UTC(2015, 4, 4, 1, 30),
}

const stamped = (draft: MessageDraft, of: Stamp = stamp) => {
  const message = toCloudEvent(draft, of, canonicalTextOf(draft))
  return { ...message, event: JSON.parse(message.body) }
}

const withContent = (type: EventType, content: Record<string, unknown>): MessageDraft => ({ ...exampleOf(type), content })
const changed = (type: EventType, change: Record<string, unknown>): MessageDraft =>
  withContent(type, { ...exampleOf(type).content, ...change })

const requestedTypes = `application.received prereview.decided acceptance.decided supplement.requested supplement.received review.step
  review.decided approval.decided special.started special.ended case.closed result.collected evaluation.given case.amended case.voided
  joint.notice joint.opinion joint.summarised upward.forwarded upward.returned paper.filed data.rejected_by_platform supervision.alert`

t.test('the vocabulary', async (t) => {
  t.test('has every code in both languages, and codes that are safe in a key or a file name', async (t) => {
    for (const { list, title, values } of vocabularyTable()) {
      t.ok(title.zh && title.en, list)
      t.ok(values.length >= 2, `${list} is a choice`)
      for (const { code, text } of values) {
        t.match(code, /^[a-z][a-z0-9_]*$/)
        t.match(text.zh, /[\u4e00-\u9fff]|SignedData/)
        t.match(text.en, /^[^\u4e00-\u9fff]+$/)
      }
    }
  })

  t.test('holds the outcomes that dialects merge, each apart', async (t) => {
    t.strictSame(
      codesOf('outcome').sort(),
      'deleted_technical denied forwarded granted granted_without_document refused_acceptance returned_no_supplement returned_prereview terminated unknown_legacy voided withdrawn'.split(
        ' ',
      ),
    )
  })
})

t.test('identifiers', async (t) => {
  const uscs =
    '11150900PDY00001XA 12150902PDY00001X4 91150902PDY00001XY 11150900PDY000028A 12150902PDY0000284 91150902PDY000028Y 11150900PDY0000365 12150902PDY000036Y 91150902PDY000036R 91350100M000100Y43'.split(
      ' ',
    )
  const citizens = ['150902188801010017', '150921188802290021', '150981188812310133']

  t.test('the published and synthetic vectors pass', async (t) => {
    for (const usc of uscs) t.equal(checkUscc(usc), 'ok', usc)
    for (const citizen of citizens) t.equal(checkCitizenId(citizen), 'ok', citizen)
    for (const usc of uscs) t.equal(checkOrganisationCode(usc.slice(8, 17)), 'ok', `organisation code inside ${usc}`)
    t.equal(checkOrganisationCode('PDY00001-X'), 'ok', 'the written form has a hyphen')
  })

  t.test('no single wrong digit passes', async (_t) => {
    const corrupted = (valid: string[]) =>
      fc
        .tuple(fc.constantFrom(...valid), fc.nat(17), fc.integer({ min: 1, max: 9 }))
        .filter(([number, at]) => at < number.length && /\d/.test(number.charAt(at)))
        .map(([number, at, by]) => `${number.slice(0, at)}${(Number(number.charAt(at)) + by) % 10}${number.slice(at + 1)}`)
    fc.assert(fc.property(corrupted(uscs), (number) => checkUscc(number) === 'bad'))
    fc.assert(fc.property(corrupted(citizens), (number) => checkCitizenId(number) === 'bad'))
    fc.assert(fc.property(corrupted(uscs.map((usc) => usc.slice(8, 17))), (number) => checkOrganisationCode(number) === 'bad'))
  })

  t.test('no text makes a check throw', async (_t) => {
    const checks = [checkUscc, checkCitizenId, checkOrganisationCode, checkProjectCode, checkRegionCode]
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...checks), (text, check) => ['ok', 'bad', 'not-checkable'].includes(check(text))),
    )
  })

  t.test('a citizen number may end in a lower-case x, be of the old form, and must hold a day that exists', async (t) => {
    const seventeen = Array.from({ length: 1000 }, (_, i) => `15090218880101${String(i).padStart(3, '0')}`)
    const withX = seventeen.map((digits) => `${digits}X`).find((number) => checkCitizenId(number) === 'ok')
    t.ok(withX, 'some serial has X as check character')
    t.equal(checkCitizenId(`${withX}`.toLowerCase()), 'ok')
    t.equal(checkCitizenId('150902880101001'), 'not-checkable')
    t.equal(checkCitizenId('150902880231001'), 'bad', '31 February')
    t.equal(checkCitizenId('990902880101001'), 'bad', 'no such province')
  })

  t.test('regions of Ulanqab are known by name, others by shape only', async (t) => {
    for (const code of Object.keys(ulanqabRegions)) t.equal(checkRegionCode(code), 'ok')
    t.equal(ulanqabRegions['150929'], '四子王旗')
    t.equal(checkRegionCode('150929000000'), 'ok')
    t.equal(checkRegionCode('150929101'), 'not-checkable')
    t.equal(checkRegionCode('150903'), 'bad')
    t.equal(checkRegionCode('110101'), 'not-checkable')
    t.equal(checkRegionCode('15090'), 'bad')
  })

  t.test('project and item codes are judged as far as their schemes are published', async (t) => {
    t.equal(checkProjectCode('2015-150900-47-01-000001'), 'not-checkable')
    t.equal(checkProjectCode('2015-150900-47-01-00001'), 'bad')
    t.equal(checkItemCode('11150900PDY00001XA3000117001000', 'national-31'), 'ok')
    t.equal(checkItemCode('11150900PDY00001XB3000117001000', 'national-31'), 'bad')
    t.equal(checkItemCode('11150900PDY00001XA3000117001000', 'gbt-39046'), 'bad', 'practice is longer than the standard')
    t.equal(checkItemCode('11150900PDY00001XA300011700100001', 'national-33'), 'ok')
    t.equal(checkItemCode('1509000001001001', 'hubei-16'), 'not-checkable')
  })

  t.test('an identity document is judged by its type', async (t) => {
    t.equal(checkIdNumber('citizen_id', '150902188801010018'), 'bad')
    t.equal(checkIdNumber('unified_social_credit_code', '91150902PDY00001XY'), 'ok')
    t.equal(checkIdNumber('passport', 'E00000000'), 'not-checkable')
    t.equal(checkIdNumber(undefined, 'anything'), 'not-checkable')
  })

  t.test('a masked identifier shows three characters at most', async (t) => {
    t.equal(masked('150902188801010017'), '15***************7')
    t.equal(masked('1234'), '****')
  })
})

t.test('schemas', async (t) => {
  t.test('there is one for each type that was asked for', async (t) => {
    t.strictSame([...eventTypes].sort(), requestedTypes.split(/\s+/).sort())
    for (const type of eventTypes) {
      const { title, description, stage } = definitionOf(type)
      t.ok(title.zh && title.en && description.zh && description.en, type)
      t.ok(stage === 'any' || codesOf('stage').includes(stage), type)
    }
  })

  t.test('compile in strict mode, and the example of each type is valid as draft and as message', async (t) => {
    const ajv = createValidator()
    for (const type of eventTypes) {
      const validate = ajv.compile(schemaOf(type))
      const { event } = stamped(exampleOf(type))
      t.ok(validate(event), `${type} ${JSON.stringify(validate.errors)}`)
      t.equal(validateMessage(event), undefined, type)
      t.equal(validateDraft(exampleOf(type)), undefined, type)
    }
  })

  t.test('each example keeps every rule of the domain', async (t) => {
    for (const type of eventTypes) {
      t.strictSame(checkInvariants(exampleOf(type)), { flags: [] }, type)
    }
  })

  t.test('every property has words in both languages, every object is closed, every string is bounded', async (t) => {
    interface Node {
      type?: string
      title?: string
      description?: string
      additionalProperties?: boolean
      properties?: Record<string, Node>
      items?: Node
      [keyword: string]: unknown
    }
    const walk = (node: Node, path: string): void => {
      if (node.type === 'string') {
        const bounded = ['maxLength', 'enum', 'const', 'pattern', 'format', 'anyOf'].some(
          (keyword) => node[keyword] !== undefined,
        )
        if (!bounded) t.fail(`${path} has no bound`)
      }
      if (node.type === 'object' && node.additionalProperties !== false) t.fail(`${path} is open`)
      for (const [name, property] of Object.entries(node.properties ?? {})) {
        if (!/[\u4e00-\u9fffA-Z]/.test(property.title ?? '')) t.fail(`${path}/${name} has no title`)
        if (!/^.+ \/ .+$/.test(property.description ?? '')) t.fail(`${path}/${name} has no description`)
        walk(property, `${path}/${name}`)
      }
      if (node.items) walk(node.items, `${path}[]`)
    }
    for (const type of eventTypes) walk(JSON.parse(JSON.stringify(schemaOf(type))), type)
    t.pass('walked')
  })

  t.test('what is personal and what is a legal fact is marked', async (t) => {
    const marks = Object.fromEntries(fieldsOf('application.received').map(({ path, schema }) => [path, schema]))
    t.equal(marks['applicant.name']?.personal, 'name')
    t.equal(marks['applicant.idNumber']?.personal, 'identity')
    t.equal(marks['applicant.mobile']?.personal, 'contact')
    t.equal(marks['applicant.address']?.personal, 'address')
    t.equal(marks['form.fields[].value']?.personal, 'free-text')
    for (const type of eventTypes) {
      for (const { path, schema } of fieldsOf(type)) {
        const leaf = path.split('.').at(-1) ?? ''
        if (/At$|^(decision|outcome)$|^idNumber$/.test(leaf)) t.equal(schema.legalFact, true, `${type} ${path}`)
        if (/^(idNumber|mobile|email|phone|address)$/.test(leaf)) t.ok(schema.personal, `${type} ${path}`)
      }
    }
  })

  t.test('only what a message is meaningless without is required', async (t) => {
    const required = (type: EventType) =>
      fieldsOf(type)
        .filter((field) => field.required)
        .map(({ path }) => path)
        .sort()
    t.strictSame(required('application.received'), ['applicant.name', 'receivedAt'])
    t.strictSame(required('acceptance.decided'), ['decidedAt', 'decision'])
    t.strictSame(required('case.closed'), ['decidedAt', 'outcome'])
    t.strictSame(required('case.voided'), ['kind'])
    for (const type of eventTypes) {
      for (const name of contentSchemaOf(type).required ?? []) {
        const { [name]: _, ...rest } = exampleOf(type).content
        t.equal(validateDraft(withContent(type, rest))?.code, 'MESSAGE_INVALID', `${type} without ${name}`)
      }
    }
  })
})

t.test('a wrong draft is refused with its path and a reason that repeats no value', async (t) => {
  const refused = (draft: MessageDraft, path: string, reason: RegExp) => {
    const error = validateDraft(draft)
    t.ok(error instanceof GatewayError, path)
    t.equal(error?.code, 'MESSAGE_INVALID')
    t.equal(error?.values.field, path)
    t.match(error?.text.en, reason)
    t.notMatch(error?.message, /机密内容/)
  }
  const secret = '机密内容'
  refused(changed('case.closed', { outcome: secret }), '/content/outcome', /one of granted/)
  refused(changed('case.closed', { decidedAt: secret }), '/content/decidedAt', /2015-05-04/)
  refused(changed('case.closed', { decidedAt: '2015-02-30' }), '/content/decidedAt', /day/)
  refused(changed('case.closed', { decidedAt: '2015-05-12T02:00:00Z' }), '/content/decidedAt', /\+08:00/)
  refused(changed('case.closed', { surprise: secret }), '/content/surprise', /no such member/)
  refused(changed('case.closed', { reason: '' }), '/content/reason', /leave it out/)
  refused(changed('case.closed', { document: { name: secret } }), '/content/document/type', /missing/)
  refused(changed('case.closed', { actor: {} }), '/content/actor', /at least 1/)
  refused(changed('application.received', { applicant: { name: secret.repeat(60) } }), '/content/applicant/name', /more than 200/)
  refused(changed('application.received', { materials: [{ name: 'a' }, { name: 5 }] }), '/content/materials/1/name', /string/)
  refused(changed('evaluation.given', { score: 6 }), '/content/score', /more than 5/)
  refused(withContent('review.step', { nodeName: secret }), '/content', /one of startedAt, endedAt/)
  refused({ ...exampleOf('case.closed'), case: { sourceCaseNo: '' } }, '/case/sourceCaseNo', /empty/)
  refused({ ...exampleOf('case.closed'), dataVersion: 0 }, '/dataVersion', /less than 1/)
  t.equal(validateDraft({ type: 'case.imagined' })?.values.field, '/type')
})

t.test('a wrong message is refused with its path', async (t) => {
  const { event } = stamped(exampleOf('case.closed'))
  for (const strange of [undefined, null, 7, 'text', [], {}, { type: 'case.closed' }, { type: 'qianzhi.toString.v1' }]) {
    t.equal(validateMessage(strange)?.values.field, '/type')
  }
  t.equal(validateMessage({ ...event, specversion: '0.3' })?.values.field, '/specversion')
  t.equal(validateMessage({ ...event, contenthash: 'x' })?.values.field, '/contenthash')
  t.equal(validateMessage({ ...event, data: { ...event.data, operation: 'guess' } })?.values.field, '/data/operation')
  t.equal(validateMessage({ ...event, data: { ...event.data, seenAt: undefined } })?.values.field, '/data/seenAt')
  t.equal(validateMessage({ ...event, traceparent: '00' })?.values.field, '/traceparent')
})

t.test('a refused draft leaves nothing behind for the next', async (t) => {
  t.ok(validateDraft(changed('case.closed', { outcome: 'x' })))
  t.equal(validateDraft(exampleOf('case.closed')), undefined)
})

t.test('canonical JSON', async (t) => {
  const plain = fc.jsonValue()
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, member]) => [key, reversed(member)]),
    )
  }

  t.test('does not depend on key order, and reads back as the same value', async (t) => {
    fc.assert(
      fc.property(plain, (value) => {
        const text = canonicalJson(value)
        return text === canonicalJson(reversed(value)) && text === canonicalJson(JSON.parse(text))
      }),
    )
    fc.assert(fc.property(plain, (value) => t.strictSame(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))))
  })

  t.test('sorts by UTF-16 code units, integer-like keys too, and leaves out what is undefined', async (t) => {
    t.equal(canonicalJson({ '9': 1, '10': 2 }), '{"10":2,"9":1}')
    t.equal(
      canonicalJson({ '\u{1F600}': 1, '\uFB33': 2, a: undefined, B: [{ d: 1, c: null }] }),
      '{"B":[{"c":null,"d":1}],"\u{1F600}":1,"\uFB33":2}',
    )
    t.equal(canonicalJson({ a: undefined }), '{}')
    t.equal(canonicalJson(-0), '0')
    t.equal(canonicalJson({ text: '\\ud800 is only spelled out' }), '{"text":"\\\\ud800 is only spelled out"}')
    t.equal(canonicalJson('\u{1F600}'), '"\u{1F600}"')
  })

  t.test('refuses what has no canonical form', async (t) => {
    const unfit = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      undefined,
      1n,
      Symbol('s'),
      () => 1,
      new Date(0),
      new Map(),
      [undefined],
      '\ud800',
      'a\\\udfff',
    ]
    for (const value of unfit) {
      t.throws(() => canonicalJson(value), TypeError)
      t.throws(() => canonicalJson({ z: 1, a: value === undefined ? [value] : value }), TypeError, 'in an unordered object')
    }
  })

  t.test('gives a content hash that flags and versions do not touch, and every fact does', async (t) => {
    const draft = exampleOf('application.received')
    const hash = canonicalTextOf(draft).hash
    t.match(hash, /^[0-9a-f]{64}$/)
    t.equal(canonicalTextOf({ ...draft, flags: [{ path: '/content', code: 'suspect' }], dataVersion: 7 }).hash, hash)
    t.equal(canonicalTextOf({ ...draft, content: reversed(draft.content) as MessageDraft['content'] }).hash, hash)
    const others = [
      { ...draft, recordedAt: '2015-05-05' },
      { ...draft, occurredAt: '2015-05-05' },
      { ...draft, stage: { sequence: '2' } },
      { ...draft, case: { ...draft.case, businessNo: 'B' } },
      changed('application.received', { subject: '另一件' }),
    ]
    t.equal(new Set([hash, ...others.map((each) => canonicalTextOf(each).hash)]).size, others.length + 1)
  })
})

t.test('message ids', async (t) => {
  const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  const name = fc.record({
    system: part,
    sourceCaseNo: part,
    type: fc.constantFrom(...eventTypes),
    sequence: fc.option(part, { nil: undefined }),
    state: fc.constantFrom(undefined, 'pending' as const, 'done' as const),
    dataVersion: fc.integer({ min: 1, max: 1_000_000 }),
  })
  const idOf = ({
    system,
    sourceCaseNo,
    type,
    sequence,
    state,
    dataVersion,
  }: typeof name extends fc.Arbitrary<infer N> ? N : never) => {
    const stage = { ...(sequence === undefined ? {} : { sequence }), ...(state === undefined ? {} : { state }) }
    return messageIdOf(identityOf(system, { type, case: { sourceCaseNo }, stage }), dataVersion)
  }

  t.test('are read back to the parts they were made of', async (t) => {
    fc.assert(fc.property(name, (parts) => t.same(parseMessageId(idOf(parts)), JSON.parse(JSON.stringify(parts)))))
  })

  t.test('hold no white space and no control character, and stay readable', async (t) => {
    fc.assert(fc.property(name, (parts) => !/[\s\p{Cc}]/u.test(idOf(parts))))
    const id = idOf({
      system: '住建',
      sourceCaseNo: '受理 1:2%',
      type: 'review.step',
      sequence: '3',
      state: 'done',
      dataVersion: 2,
    })
    t.equal(id, '住建:受理%201%3A2%25:review.step:3:done:2')
    t.equal(laneOf('住建', { case: { sourceCaseNo: '1' } }), '住建/1')
  })

  t.test('longer than 255 bytes or with half a character are refused', async (t) => {
    const identity = (sourceCaseNo: string) => identityOf('s', { type: 'case.closed', case: { sourceCaseNo } })
    const room = 255 - Buffer.byteLength(`${identity('')}:1`)
    t.equal(Buffer.byteLength(messageIdOf(identity('x'.repeat(room)), 1)), 255)
    t.throws(() => messageIdOf(identity('x'.repeat(room + 1)), 1), { code: 'MESSAGE_INVALID' })
    t.throws(() => messageIdOf(identity('件'.repeat(80)), 1), { code: 'MESSAGE_INVALID' })
    t.throws(() => messageIdOf(identity('\ud800'), 1), { code: 'MESSAGE_INVALID' })
  })

  t.test('that no gateway wrote are refused', async (t) => {
    for (const id of [
      '',
      'a:b',
      's:1:case.closed:::0',
      's:1:case.closed:::x',
      's:1:case.imagined:::1',
      's::case.closed:::1',
      's:1:case.closed::maybe:1',
      's:%ZZ:case.closed:::1',
      's:1:case.closed:::1:1',
    ]) {
      t.throws(() => parseMessageId(id), { code: 'MESSAGE_INVALID' }, id)
    }
  })
})

t.test('a CloudEvent', async (t) => {
  t.test('says who, what, where and when', async (t) => {
    const draft = exampleOf('review.step')
    const { id, identity, event } = stamped(draft, { ...stamp, dataVersion: 3 })
    t.equal(id, 'zhujian:SL20150504-0001:review.step:2:done:3')
    t.equal(id, `${identity}:3`)
    t.match(event, {
      specversion: '1.0',
      id,
      source: '/departments/11150900PDY00001XA/systems/zhujian',
      type: 'qianzhi.review.step.v1',
      subject: 'SL20150504-0001',
      time: '2015-05-08T16:40:00+08:00',
      datacontenttype: 'application/json',
      dataschema: 'urn:qianzhi:schema:review.step:1',
      partitionkey: 'zhujian/SL20150504-0001',
      contenthash: canonicalTextOf(draft).hash,
      data: {
        dataVersion: 3,
        operation: 'amend',
        seenAt: '2015-05-04T09:30:00.000+08:00',
        stage: { sequence: '2', state: 'done' },
      },
    })
    t.strictSame(event.data.content, draft.content)
  })

  t.test('has no time of day where the source has only a day, and none where it has none', async (t) => {
    const { occurredAt: _, ...draft } = exampleOf('case.closed')
    t.notOk('time' in stamped(draft).event)
    const dayOnly = stamped({ ...draft, occurredAt: '2015-05-12' }).event
    t.notOk('time' in dayOnly)
    t.equal(dayOnly.data.occurredAt, '2015-05-12')
    t.equal(validateMessage(dayOnly), undefined)
  })

  t.test('names its operation', async (t) => {
    const operation = (draft: MessageDraft, dataVersion: number) => stamped(draft, { ...stamp, dataVersion }).event.data.operation
    t.equal(operation(exampleOf('case.closed'), 1), 'create')
    t.equal(operation(exampleOf('case.closed'), 2), 'amend')
    t.equal(operation(exampleOf('case.voided'), 1), 'void')
    t.equal(operation(changed('case.voided', { kind: 'delete_technical' }), 2), 'delete_technical')
  })
})

t.test('data versions', async (t) => {
  const table = [
    ['the first', undefined, { contentHash: 'a' }, 'new', 1, 'derived'],
    ['the first, versioned', undefined, { dataVersion: 4, contentHash: 'a' }, 'new', 4, 'source'],
    ['the same again', { dataVersion: 2, contentHash: 'a' }, { contentHash: 'a' }, 'duplicate', 2, 'derived'],
    ['an updated row', { dataVersion: 2, contentHash: 'a' }, { contentHash: 'b' }, 'supersedes', 3, 'derived'],
    [
      'the same version, same content',
      { dataVersion: 2, contentHash: 'a' },
      { dataVersion: 2, contentHash: 'a' },
      'duplicate',
      2,
      'source',
    ],
    [
      'the same version, other content',
      { dataVersion: 2, contentHash: 'a' },
      { dataVersion: 2, contentHash: 'b' },
      'conflict',
      2,
      'source',
    ],
    ['a higher version', { dataVersion: 2, contentHash: 'a' }, { dataVersion: 5, contentHash: 'b' }, 'supersedes', 5, 'source'],
    [
      'a higher version, same content',
      { dataVersion: 2, contentHash: 'a' },
      { dataVersion: 3, contentHash: 'a' },
      'supersedes',
      3,
      'source',
    ],
    ['a lower version', { dataVersion: 2, contentHash: 'a' }, { dataVersion: 1, contentHash: 'a' }, 'stale', 1, 'source'],
  ] as const
  for (const [name, previous, incoming, verdict, dataVersion, origin] of table) {
    t.strictSame(decideVersion(previous, incoming), { verdict, dataVersion, origin }, name)
  }
})

t.test('rules of the domain', async (t) => {
  const quarantined = (draft: MessageDraft, rule: string) => {
    const { error } = checkInvariants(draft)
    t.equal(error?.code, 'MESSAGE_INVARIANT_BROKEN', rule)
    t.equal(error?.values.rule, rule)
  }
  const flagged = (draft: MessageDraft, rule: string, expected: { path: string; found?: string }) => {
    const { error, flags } = checkInvariants(draft)
    t.equal(error, undefined, rule)
    t.match(
      flags.find((flag) => flag.rule === rule),
      expected,
      rule,
    )
    t.equal(validateDraft({ ...draft, flags }), undefined, 'the flags fit the schema')
  }

  t.test('a contradiction is quarantined', async (_t) => {
    quarantined(changed('review.step', { endedAt: '2015-05-08T08:59:59+08:00' }), 'times-in-order')
    quarantined(changed('application.received', { promisedDueAt: '2015-05-03' }), 'times-in-order')
    quarantined(
      changed('case.closed', { document: { type: 'approval', validFrom: '2015-05-12', validTo: '2015-05-11' } }),
      'times-in-order',
    )
    quarantined(changed('joint.summarised', { participants: [{ org: { name: '示例局' } }] }), 'opinions-before-summary')
    quarantined(changed('upward.returned', { issuingOrg: { code: '11150900PDY00001XA' } }), 'origin-issues')
    quarantined(changed('evaluation.given', { score: 5 }), 'score-agrees-with-scale')
    quarantined(changed('case.closed', { outcome: 'unknown_legacy' }), 'unknown-outcome-keeps-original')
  })

  t.test('times of different precision are compared by day, so that a day alone never looks too early', async (t) => {
    t.equal(checkInvariants(changed('review.step', { endedAt: '2015-05-08' })).error, undefined)
    t.equal(checkInvariants(changed('review.step', { endedAt: '2015-05-08T09:00:00.5+08:00' })).error, undefined)
    quarantined(changed('review.step', { endedAt: '2015-05-07' }), 'times-in-order')
  })

  t.test('a gap or a failing check is flagged and sent', async (_t) => {
    flagged(changed('acceptance.decided', { decision: 'refused' }), 'negative-needs-reason', { path: '/content/reason' })
    flagged(changed('case.closed', { outcome: 'denied', document: { type: 'none' } }), 'negative-needs-reason', {
      path: '/content/reason',
    })
    flagged(changed('case.closed', { document: { type: 'licence' } }), 'document-needs-number-and-issuer', {
      path: '/content/document/number',
    })
    flagged(
      changed('case.closed', { document: { type: 'approval', number: '示例批〔2015〕1' } }),
      'document-needs-number-and-issuer',
      {
        path: '/content/document/issuer',
      },
    )
    // Supervision wants to see it.
    flagged(changed('acceptance.decided', { promisedDueAt: '2015-01-01' }), 'accepted-within-promise', {
      path: '/content/decidedAt',
    })
    flagged(withContent('approval.decided', { decision: 'approved', decidedAt: '2015-05-12' }), 'decision-needs-actor', {
      path: '/content/actor',
    })
    flagged({ ...exampleOf('case.closed'), recordedAt: '2015-05-01' }, 'recorded-after-occurred', { path: '/recordedAt' })
    flagged(
      changed('application.received', { applicant: { name: '示例人甲', idType: 'citizen_id', idNumber: '150902188801010018' } }),
      'identifier-check',
      { path: '/content/applicant/idNumber', found: '15***************8' },
    )
    flagged(
      changed('joint.summarised', { participants: [{ org: { code: '11150900PDY00001XB' }, timedOut: true }] }),
      'identifier-check',
      { path: '/content/participants/0/org/code' },
    )
    flagged({ ...exampleOf('case.closed'), case: { sourceCaseNo: '1', projectCode: '2015-1' } }, 'identifier-check', {
      path: '/case/projectCode',
    })
  })

  t.test('content of any shape is judged without throwing', async (_t) => {
    checkInvariants(withContent('acceptance.decided', { decision: { toString: false } }))
    fc.assert(
      fc.property(
        fc.constantFrom(...eventTypes),
        fc.dictionary(fc.constantFrom('actor', 'document', 'participants', 'applicant', 'decision', 'startedAt'), fc.jsonValue()),
        (type, content) => {
          checkInvariants(withContent(type, content))
        },
      ),
    )
  })
})

t.test('the states of a case', async (t) => {
  const of = (type: EventType, content: Record<string, unknown> = {}, more: Partial<StateEvent> = {}): StateEvent => ({
    type,
    content,
    ...more,
  })
  const run = (...events: StateEvent[]): CaseState => {
    let state = initialState
    for (const event of events) {
      const answer = nextState(state, event)
      t.equal(answer.violation, undefined, event.type)
      state = answer.state
    }
    return state
  }
  const received = of('application.received')
  const accepted = of('acceptance.decided', { decision: 'accepted' })
  const approved = of('approval.decided', { decision: 'approved' })
  const granted = of('case.closed', { outcome: 'granted' })

  t.test('lead each of the four flows of the city to its end', async (t) => {
    const remote = run(
      received,
      of('prereview.decided', { decision: 'passed' }),
      of('supplement.requested'),
      of('supplement.received'),
      accepted,
      of('review.step'),
      of('review.decided', { decision: 'agreed' }),
      approved,
      granted,
      of('result.collected'),
    )
    t.equal(remote.status, 'collected')
    const joint = run(
      of('joint.notice'),
      accepted,
      of('joint.opinion', { decision: 'agreed' }),
      of('joint.summarised', { decision: 'agreed' }),
      approved,
      granted,
    )
    t.equal(joint.status, 'closed')
    const upward = run(
      received,
      accepted,
      of('upward.forwarded'),
      of('upward.returned', { decision: 'agreed' }),
      granted,
      of('result.collected'),
    )
    t.equal(upward.status, 'collected')
    t.equal(run(received, accepted, granted).status, 'closed', 'an instant case')
    t.equal(
      run(received, of('acceptance.decided', { decision: 'refused' }), of('case.closed', { outcome: 'refused_acceptance' }))
        .status,
      'closed',
    )
    t.equal(run(received, of('case.closed', { outcome: 'withdrawn' })).status, 'withdrawn')
  })

  t.test('have a row for every outcome and every decision, so that no message is left without an answer', async (t) => {
    const spoken = (type: EventType) => new Set(moves.flatMap(({ on, when }) => (on === type ? (when ?? []) : [])))
    t.strictSame(
      codesOf('outcome').filter((code) => !spoken('case.closed').has(code)),
      [],
    )
    t.strictSame(
      codesOf('prereviewDecision').filter((code) => !spoken('prereview.decided').has(code)),
      [],
    )
    t.strictSame(
      codesOf('acceptanceDecision').filter((code) => !spoken('acceptance.decided').has(code)),
      [],
    )
    t.strictSame(
      codesOf('approvalDecision').filter((code) => !spoken('approval.decided').has(code)),
      [],
    )
    t.strictSame(
      codesOf('reviewDecision').filter((code) => !spoken('upward.returned').has(code)),
      [],
    )
    for (const type of eventTypes)
      t.ok(
        moves.some(({ on }) => on === type),
        type,
      )
  })

  t.test('tell what came early from what came late, and change nothing for either', async (t) => {
    for (const early of [accepted, approved, granted, of('result.collected'), of('special.started', { kind: 'hearing' })]) {
      t.strictSame(nextState(initialState, early), { state: initialState, violation: 'early' }, early.type)
    }
    const closed = run(received, accepted, granted)
    for (const late of [received, accepted, of('review.step'), approved])
      t.strictSame(nextState(closed, late), { state: closed, violation: 'late' }, late.type)
    t.equal(nextState(closed, granted).violation, 'closed_twice')
  })

  t.test('follow a corrected decision, and ignore a corrected past', async (t) => {
    const closed = run(received, accepted, granted)
    t.equal(nextState(closed, of('case.closed', { outcome: 'withdrawn' }, { dataVersion: 2 })).state.status, 'withdrawn')
    t.strictSame(nextState(closed, of('application.received', {}, { dataVersion: 2 })), { state: closed })
    const refused = run(
      received,
      of('acceptance.decided', { decision: 'refused' }),
      of('acceptance.decided', { decision: 'accepted' }, { dataVersion: 2 }),
    )
    t.equal(refused.status, 'accepted')
  })

  t.test('are suspended while a special procedure is open', async (t) => {
    const started = (sequence: string) => of('special.started', { kind: 'expert' }, { stage: { sequence } })
    const ended = (sequence: string) => of('special.ended', { kind: 'expert' }, { stage: { sequence } })
    const two = run(received, accepted, started('1'), started('2'), ended('1'))
    t.ok(isSuspended(two))
    t.strictSame(two.openSpecials, ['2'])
    t.notOk(isSuspended(run(received, accepted, started('1'), ended('1'))))
    t.equal(nextState(two, ended('9')).violation, 'special_never_started')
    const closing = nextState(two, granted)
    t.equal(closing.violation, 'special_open_at_closing')
    t.equal(closing.state.status, 'closed', 'it is flagged, not refused')
  })

  t.test('keep owed paper in sight after the closing, until it is filed', async (t) => {
    const promised = run(
      received,
      accepted,
      of('approval.decided', { decision: 'approved', paperObligation: { dueAt: '2015-08-01' } }),
      granted,
    )
    t.ok(promised.paperOwed)
    t.ok(nextState(promised, of('paper.filed', { complete: false })).state.paperOwed)
    t.notOk(nextState(promised, of('paper.filed', {})).state.paperOwed)
  })

  t.test('hold what came early: a whole case ends alike in whatever order it arrives', async (t) => {
    const whole = [received, accepted, of('review.step'), approved, granted, of('result.collected')].map((event, at) => ({
      ...event,
      id: String(at),
      occurredAt: `2015-05-0${at + 1}`,
    }))
    const arrive = (events: typeof whole) => {
      let progress: CaseProgress | undefined
      const broken: [string, string][] = []
      for (const event of events) {
        const taken = takeEvent(progress, event)
        progress = taken.progress
        broken.push(...taken.breaches.map(({ event: { id }, violation }): [string, string] => [id, violation]))
      }
      return { progress, broken }
    }
    t.same(
      arrive([...whole].reverse()).broken,
      [...whole.keys()]
        .reverse()
        .slice(0, -1)
        .map((at) => [String(at), 'early']),
    )
    fc.assert(
      fc.property(fc.shuffledSubarray(whole, { minLength: whole.length }), (events) => {
        const { progress } = arrive(events)
        t.match(progress, { status: 'collected', held: undefined })
      }),
    )
  })

  t.test('hold the end of a special procedure while its start is held, and apply both', async (t) => {
    const special = (type: 'special.started' | 'special.ended', occurredAt: string) =>
      ({ ...of(type, {}, { stage: { sequence: '7' } }), id: type, occurredAt }) as const
    const started = special('special.started', '2015-05-04')
    const ended = special('special.ended', '2015-05-05')
    const waiting = takeEvent(takeEvent(takeEvent(undefined, { ...received, id: 'r' }).progress, started).progress, ended)
    t.match(waiting.breaches, [{ event: { id: 'special.ended' }, violation: 'early' }])
    t.equal(waiting.progress.held?.length, 2)
    t.match(takeEvent(waiting.progress, { ...accepted, id: 'a' }), {
      progress: { status: 'accepted', openSpecials: [], held: undefined },
      breaches: [],
    })
    t.match(takeEvent(takeEvent(undefined, { ...received, id: 'r' }).progress, ended).breaches, [
      { violation: 'special_never_started' },
    ])
  })

  t.test('hold a corrected message in place of the one it corrects, no more than 200, and no body', async (t) => {
    const early = (dataVersion: number, decision: string) =>
      ({ ...of('acceptance.decided', { decision, reason: 'x'.repeat(10_000) }, { dataVersion }), id: `v${dataVersion}` }) as const
    let { progress } = takeEvent(undefined, early(1, 'accepted'))
    progress = takeEvent(progress, early(2, 'refused')).progress
    t.match(progress.held, [{ id: 'v2' }])
    t.ok(JSON.stringify(progress).length < 1000)
    t.equal(takeEvent(progress, { ...received, id: 'r' }).progress.status, 'refused')
    const waiting = takeEvent(takeEvent(undefined, { ...received, id: 'r' }).progress, { ...granted, id: 'c1' }).progress
    const corrected = of('case.closed', { outcome: 'withdrawn' }, { dataVersion: 2 })
    t.match(takeEvent(waiting, { ...corrected, id: 'c2' }), { progress: { status: 'withdrawn', held: undefined }, breaches: [] })
    for (let sequence = 0; sequence < 300; sequence++) {
      const id = String(sequence)
      progress = takeEvent(progress, { ...of('review.step', {}, { stage: { sequence: id } }), id }).progress
    }
    t.equal(progress.held?.length, 200)
  })

  t.test('answer every message in every order without throwing', async (t) => {
    const event = fc
      .constantFrom(...eventTypes)
      .chain((type) => fc.constant<StateEvent>({ type, content: exampleOf(type).content }))
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let state = initialState
        for (const one of events) {
          const answer = nextState(state, one)
          if (answer.violation && answer.violation !== 'special_open_at_closing') t.equal(answer.state, state)
          state = answer.state
        }
      }),
    )
  })
})

t.test('published documents', async (t) => {
  t.test('the AsyncAPI document has each type, and every reference leads somewhere', async (t) => {
    const document = asyncApi()
    const text = JSON.stringify(document)
    const controlTypes = controls.map(({ type }) => type)
    t.strictSame(Object.keys(document.components.messages), [...eventTypes, ...controlTypes, 'attachment.chunk'])
    t.strictSame(Object.keys(document.channels.up.messages), [...eventTypes, 'message.statement', 'attachment.receipts'])
    t.strictSame(Object.keys(document.channels.attachmentsDown.messages), ['attachment.chunk'])
    t.strictSame(Object.keys(document.channels.down.messages), [
      ...eventTypes,
      'message.receipts',
      'message.comparison',
      'item.catalogue',
      'attachment.receipts',
    ])
    const files = new Set(
      [...eventTypes.map((type) => schemaPathOf(type)), ...controlTypes.map((type) => `schemas/${type}.json`)].map(
        (path) => `./${path}`,
      ),
    )
    for (const [, ref = ''] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
      if (!ref.startsWith('#/')) t.ok(files.has(ref), ref)
      else
        t.ok(
          ref
            .slice(2)
            .split('/')
            .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document),
          ref,
        )
    }
    t.equal(document.channels.up.bindings.amqp.exchange.name, 'qianzhi.up')
  })

  t.test('a schema survives JSON and names its own id and every code list in the vocabulary', async (t) => {
    for (const type of eventTypes) {
      const text = JSON.stringify(schemaOf(type))
      t.equal(JSON.parse(text).$id, `urn:qianzhi:schema:${type}:1`)
      for (const [, list = ''] of text.matchAll(/"codeList":"(\w+)"/g)) t.ok(list in vocabulary, list)
    }
  })
})
