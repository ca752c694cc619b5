import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import { readSchemas, SchemaFault } from '../core/codec/xsd.ts'
import { loadMapping } from '../core/mapping/load.ts'
import type { Field } from '../core/probe.ts'
import { writeFiles } from './contract/department-database.ts'
import { temporaryFolder } from './temporary.ts'

const xsd = (body: string, attributes = 'targetNamespace="urn:a" xmlns="urn:a"'): string =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" ${attributes}>${body}</xs:schema>`

/** `name`, `name*` for what repeats, `name{…}` for what holds something, `name?` for what may hold anything. */
const drawn = (fields: readonly Field[] | undefined, depth = 3): string =>
  fields === undefined
    ? '?'
    : fields
        .map(({ name, repeats, fields: inner }) => {
          const held = inner === undefined ? '?' : inner.length === 0 || depth === 0 ? '' : `{${drawn(inner, depth - 1)}}`
          return `${name}${repeats ? '*' : ''}${held}`
        })
        .join(' ')

const shapeOf = (body: string, path = 'R', ...others: string[]): string =>
  drawn(readSchemas([xsd(body), ...others].map((text, index) => ({ file: `${index}.xsd`, text }))).fieldsAt(path.split('/')))

const element = (content: string, attributes = ''): string =>
  `<xs:element name="R"><xs:complexType ${attributes}>${content}</xs:complexType></xs:element>`

/** `files` by name, each with what it includes. */
const shapeOfFiles = (path: string, files: Record<string, [text: string, ...includes: string[]]>): string =>
  drawn(
    readSchemas(Object.entries(files).map(([file, [text, ...includes]]) => ({ file, text, includes }))).fieldsAt(path.split('/')),
  )

t.test('a schema tells which elements there are and which may repeat', (t) => {
  const cases: [what: string, body: string, shape: string][] = [
    [
      'in a sequence that repeats, all do',
      element('<xs:sequence maxOccurs="9"><xs:element name="A" type="xs:int"/></xs:sequence>'),
      'A*',
    ],
    [
      'by maxOccurs',
      element('<xs:all><xs:element name="A" type="xs:int"/><xs:element name="B" maxOccurs="unbounded"/></xs:all>'),
      'A B*?',
    ],
    [
      'a name twice in a sequence repeats',
      element('<xs:sequence><xs:element name="A" type="xs:int"/><xs:element name="A" type="xs:int"/></xs:sequence>'),
      'A*',
    ],
    [
      'a name in two ways of a choice does not',
      element('<xs:choice><xs:element name="A" type="xs:int"/><xs:element name="A" type="xs:int"/></xs:choice>'),
      'A',
    ],
    ['what may not be there is not', element('<xs:sequence><xs:element name="A" maxOccurs="0"/></xs:sequence>'), ''],
    [
      'attributes, also of simple content',
      element('<xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="x"/></xs:extension></xs:simpleContent>'),
      '@x',
    ],
    [
      'a type that extends another holds both',
      `<xs:complexType name="B"><xs:sequence><xs:element name="A" type="xs:int"/></xs:sequence></xs:complexType>${element('<xs:complexContent><xs:extension base="B"><xs:sequence><xs:element name="C" type="xs:int"/></xs:sequence></xs:extension></xs:complexContent>')}`,
      'A C',
    ],
    [
      'a restriction keeps what it names, and attributes',
      `<xs:complexType name="B"><xs:sequence><xs:element name="A"/><xs:element name="C"/></xs:sequence><xs:attribute name="x"/></xs:complexType>${element('<xs:complexContent><xs:restriction base="B"><xs:sequence><xs:element name="A" type="xs:int"/></xs:sequence></xs:restriction></xs:complexContent>')}`,
      '@x A',
    ],
    [
      'a document may use, by xsi:type, a type that extends the one named',
      '<xs:complexType name="B"><xs:sequence><xs:element name="A" type="xs:int"/></xs:sequence></xs:complexType><xs:complexType name="D"><xs:complexContent><xs:extension base="B"><xs:attribute name="x"/></xs:extension></xs:complexContent></xs:complexType><xs:complexType name="E"><xs:complexContent><xs:extension base="D"><xs:attribute name="y"/></xs:extension></xs:complexContent></xs:complexType><xs:element name="R" type="B"/>',
      'A @x @y',
    ],
    [
      'groups, and groups of attributes',
      `<xs:group name="G"><xs:sequence><xs:element name="A" type="xs:int"/></xs:sequence></xs:group><xs:attributeGroup name="H"><xs:attribute name="x"/></xs:attributeGroup>${element('<xs:sequence><xs:group ref="G" maxOccurs="2"/></xs:sequence><xs:attributeGroup ref="H"/>')}`,
      'A* @x',
    ],
    [
      'an element by reference, or one that may stand in its place',
      `<xs:element name="A" type="xs:int"/><xs:element name="B" type="xs:int" substitutionGroup="A"/>${element('<xs:sequence><xs:element ref="A"/></xs:sequence>')}`,
      'A B',
    ],
    ['anything, where the schema allows it', element('<xs:sequence><xs:any/></xs:sequence>'), '?'],
    [
      'anything, of another namespace that is not there',
      element('<xs:sequence><xs:element xmlns:b="urn:b" ref="b:B"/></xs:sequence>'),
      '?',
    ],
    [
      'an element that holds itself',
      '<xs:element name="R" type="T"/><xs:complexType name="T"><xs:sequence><xs:element name="R" type="T" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>',
      'R*{R*{R*{R*}}}',
    ],
  ]
  for (const [what, body, shape] of cases) t.equal(shapeOf(body), shape, what)
  t.end()
})

t.test('schemas of several files and namespaces, and those of a WSDL, are one', (t) => {
  const part = xsd(
    '<xs:complexType name="P"><xs:sequence><xs:element name="A" type="xs:int"/></xs:sequence></xs:complexType>',
    '',
  )
  t.equal(
    shapeOfFiles('R', { '0.xsd': [xsd('<xs:element name="R" type="P"/>'), '1.xsd'], '1.xsd': [part] }),
    'A',
    'one without a namespace',
  )
  const other = xsd('<xs:element name="B"><xs:simpleType/></xs:element>', 'targetNamespace="urn:b"')
  t.equal(shapeOf(element('<xs:sequence><xs:element xmlns:b="urn:b" ref="b:B"/></xs:sequence>'), 'R', other), 'B')
  const wsdl = `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:a="urn:a"><w:types>${xsd(
    '<xs:element name="getResponse"><xs:complexType><xs:sequence><xs:element name="case" type="a:C" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element><xs:complexType name="C"><xs:sequence><xs:element name="NO" type="xs:string"/></xs:sequence></xs:complexType>',
    'targetNamespace="urn:a"',
  )}</w:types></w:definitions>`
  const read = readSchemas([{ file: 's.wsdl', text: wsdl }])
  t.same(read.rootNames, ['getResponse'])
  t.equal(drawn(read.fieldsAt(['getResponse', 'case'])), 'NO')
  t.end()
})

const typed = (name: string, ...elements: string[]): string =>
  `<xs:complexType name="${name}"><xs:sequence>${elements.map((one) => `<xs:element name="${one}" type="xs:int"/>`).join('')}</xs:sequence></xs:complexType>`

t.test('a redefinition takes the place of what it redefines, whichever file is read first', (t) => {
  const main = xsd(
    '<xs:redefine schemaLocation="base.xsd"><xs:complexType name="T"><xs:complexContent><xs:extension base="T"><xs:sequence><xs:element name="y" type="xs:int"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType><xs:group name="G"><xs:sequence><xs:group ref="G"/><xs:element name="z" type="xs:int"/></xs:sequence></xs:group></xs:redefine><xs:element name="R" type="T"/><xs:element name="S"><xs:complexType><xs:group ref="G"/></xs:complexType></xs:element>',
  )
  const base = xsd(
    `${typed('T', 'x')}<xs:group name="G"><xs:sequence><xs:element name="w" type="xs:int"/></xs:sequence></xs:group>`,
  )
  t.equal(shapeOfFiles('R', { 'main.xsd': [main, 'base.xsd'], 'base.xsd': [base] }), 'x y')
  t.equal(shapeOfFiles('R', { 'base.xsd': [base], 'main.xsd': [main, 'base.xsd'] }), 'x y')
  t.equal(shapeOfFiles('S', { 'main.xsd': [main, 'base.xsd'], 'base.xsd': [base] }), 'w z')
  t.end()
})

t.test('a schema without a namespace is a part of each that includes it, and of none that imports it', (t) => {
  const files: Record<string, [string, ...string[]]> = {
    'a.xsd': [
      xsd(
        '<xs:import namespace="urn:b" schemaLocation="b.xsd"/><xs:include schemaLocation="c.xsd"/><xs:element name="R"><xs:complexType><xs:sequence><xs:element name="own" type="C"/><xs:element xmlns:b="urn:b" ref="b:B"/></xs:sequence></xs:complexType></xs:element>',
      ),
      'c.xsd',
    ],
    'b.xsd': [
      xsd('<xs:include schemaLocation="c.xsd"/><xs:element name="B" type="C"/>', 'targetNamespace="urn:b" xmlns="urn:b"'),
      'c.xsd',
    ],
    'c.xsd': [xsd('<xs:include schemaLocation="d.xsd"/>', ''), 'd.xsd'],
    'd.xsd': [xsd(typed('C', 'x'), '')],
  }
  t.equal(shapeOfFiles('R', files), 'own{x} B{x}')
  const imported = {
    'a.xsd': [
      xsd(
        '<xs:import schemaLocation="c.xsd"/><xs:element name="R"><xs:complexType><xs:sequence><xs:element xmlns="" ref="E"/></xs:sequence></xs:complexType></xs:element>',
      ),
    ],
    'c.xsd': [xsd(`<xs:element name="E" type="C"/>${typed('C', 'x')}`, '')],
  } satisfies Record<string, [string]>
  t.equal(shapeOfFiles('R', imported), 'E{x}')
  t.end()
})

t.test('attributes are told as a path finds them', (t) => {
  const attributes =
    '<xs:attribute name="a"/><xs:attribute name="b" form="qualified"/><xs:attribute xmlns:x="urn:x" ref="x:href"/>'
  t.equal(shapeOf(element(attributes)), '@a @:b @:href')
  t.equal(shapeOf(element('<xs:sequence><xs:element name="A" type="xs:int"/></xs:sequence><xs:anyAttribute/>')), 'A @*')
  t.equal(
    shapeOf(
      '<xs:complexType name="B"><xs:simpleContent><xs:extension base="xs:string"/></xs:simpleContent></xs:complexType><xs:complexType name="D"><xs:simpleContent><xs:extension base="B"><xs:attribute name="x"/></xs:extension></xs:simpleContent></xs:complexType><xs:element name="R" type="B"/>',
    ),
    '@x',
  )
  t.end()
})

t.test('white space in a schema says nothing, and groups of groups cost no more than they are', (t) => {
  t.equal(
    shapeOf(
      ' <xs:element name=" R " type=" T "/><xs:complexType name="T"><xs:sequence><xs:element name="A" type="xs:int" maxOccurs=" unbounded "/></xs:sequence></xs:complexType>',
    ),
    'A*',
  )
  const nested = Array.from(
    { length: 40 },
    (_, n) =>
      `<xs:group name="G${n}"><xs:sequence><xs:group ref="G${n + 1}"/><xs:group ref="G${n + 1}"/></xs:sequence></xs:group>`,
  )
  const last = '<xs:group name="G40"><xs:sequence><xs:element name="A" type="xs:int"/></xs:sequence></xs:group>'
  t.equal(shapeOf(`${nested.join('')}${last}${element('<xs:group ref="G0"/>')}`), 'A*')
  t.end()
})

t.test('a schema that is not whole says what is missing', (t) => {
  const faultOf = (read: () => unknown) => {
    try {
      read()
    } catch (thrown) {
      if (thrown instanceof SchemaFault) return thrown.reason
      throw thrown
    }
    return undefined
  }
  const cases: [body: string, zh: RegExp, en: RegExp][] = [
    ['<xs:element name="R" type="T"/>', /complexType “T”没有定义/, /complexType "T", which is defined nowhere/],
    [element('<xs:sequence><xs:element ref="A"/></xs:sequence>'), /element “A”没有定义/, /element "A"/],
    [
      `<xs:group name="G"><xs:sequence><xs:group ref="G"/></xs:sequence></xs:group>${element('<xs:group ref="G"/>')}`,
      /“G”由自身定义/,
      /"G" is defined by itself/,
    ],
    [
      '<xs:element name="R" type="T"/><xs:complexType name="T"><xs:complexContent><xs:extension base="U"/></xs:complexContent></xs:complexType><xs:complexType name="U"><xs:complexContent><xs:extension base="T"/></xs:complexContent></xs:complexType>',
      /由自身定义/,
      /defined by itself/,
    ],
    ['<xs:element name="S"/>', /没有元素 R；此处有：S/, /no element R; there it has: S/],
  ]
  for (const [body, zh, en] of cases)
    t.match(
      faultOf(() => shapeOf(body)),
      { zh, en },
    )
  t.match(
    faultOf(() => readSchemas([{ file: 'a.xsd', text: '<a>' }])),
    { zh: /^a\.xsd：/ },
  )
  t.match(
    faultOf(() => readSchemas([{ file: 'a.xsd', text: '<!DOCTYPE a><a/>' }])),
    { zh: /DOCTYPE/ },
  )
  t.match(
    faultOf(() => readSchemas([{ file: 'a.xsd', text: '<a/>' }])),
    { zh: 'a.xsd 里没有 XML Schema' },
  )
  t.end()
})

const mappingYaml = (schema: string, subject = 'ZY'): string => `
schema: ${schema}
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd }
      applicant: { name: '申请人' }
      subject: ${subject}
`

const recordSchema = xsd(
  '<xs:include schemaLocation="parts/fields.xsd"/><xs:element name="RS"><xs:complexType><xs:sequence><xs:element name="R" type="T" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>',
  '',
)
const fieldSchema = (note: string): string =>
  `<?xml version="1.0" encoding="gb2312"?>${xsd(
    `<!-- ${note} --><xs:complexType name="T"><xs:sequence>${['NO', 'AT', '申请人', 'ZY'].map((name) => `<xs:element name="${name}" type="xs:string"/>`).join('')}</xs:sequence></xs:complexType>`,
    '',
  )}`

const load = (t: Test, yaml: string, note = '') => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'dept/one.yaml': yaml, 'dept/r.xsd': recordSchema, 'dept/parts/fields.xsd': '' })
  writeFileSync(join(folder, 'dept/parts/fields.xsd'), iconv.encode(fieldSchema(note), 'gb18030'))
  return loadMapping(folder, 'dept/one')
}

t.test('a mapping is compared with the schema in its folder, in the charset that the schema says', async (t) => {
  const { mapping, problems } = await load(t, mappingYaml('{ file: r.xsd, records: RS/R }'))
  t.same(problems, [])
  t.same(Object.keys(mapping?.files ?? {}).sort(), ['one.yaml', 'parts/fields.xsd', 'r.xsd'])
  t.same((await load(t, mappingYaml('{ file: r.xsd, records: RS/* }'))).problems, [])
  const other = await load(t, mappingYaml('{ file: r.xsd, records: RS/R }'), '改')
  t.not(other.mapping?.version, mapping?.version, 'another schema is another version of the mapping')

  const wrong = await load(t, mappingYaml('{ file: r.xsd, records: RS/R }', 'ZYY'))
  t.match(wrong.problems, [
    { code: 'MAPPING_PATH_UNKNOWN', values: { name: 'ZYY', streams: 'R', at: 'mappings/dept/one.yaml:9:16' } },
  ])
})

t.test('paths find attributes of a namespace by a prefix only, and mixed text is text', async (t) => {
  const folder = temporaryFolder(t)
  const of = (subject: string, attributes: string) => {
    writeFiles(folder, {
      'dept/one.yaml': mappingYaml('{ file: r.xsd, records: R }', subject),
      'dept/r.xsd': xsd(
        element(
          `<xs:sequence>${['NO', 'AT', '申请人'].map((name) => `<xs:element name="${name}" type="xs:string"/>`).join('')}<xs:element name="P"><xs:complexType mixed="1"><xs:sequence><xs:element name="B" minOccurs="0"/></xs:sequence></xs:complexType></xs:element></xs:sequence>${attributes}`,
        ),
        '',
      ),
    })
    return loadMapping(folder, 'dept/one')
  }
  const href = '<xs:attribute xmlns:x="urn:x" ref="x:href"/>'
  t.same((await of("'@x:href'", href)).problems, [])
  t.match((await of("'@href'", href)).problems, [{ code: 'MAPPING_PATH_UNKNOWN' }])
  t.same((await of("'@x:other'", '<xs:anyAttribute/>')).problems, [])
  t.match((await of('TYPO', '<xs:anyAttribute/>')).problems, [{ code: 'MAPPING_PATH_UNKNOWN' }])
  t.same((await of('P', '')).problems, [])
  const prefixed = await of('q:P', '')
  t.match(prefixed.warnings[0]?.text, {
    zh: /“q:P”只认原样写这个前缀的文件/,
    en: /only in documents that write this very prefix/,
  })
  writeFiles(folder, { 'dept/r.xsd': xsd('<xs:element name="R" type="T"/>', '') })
  const broken = await loadMapping(folder, 'dept/one')
  t.match(broken.problems, [{ code: 'MAPPING_INVALID', text: { zh: /one\.yaml:2:.*complexType “T”没有定义/ } }])
})

t.test('what is wrong with schema is told where it stands', async (t) => {
  const cases: [schema: string, zh: RegExp][] = [
    ['{ file: none.xsd, records: R }', /没有模式文件 none\.xsd/],
    ['{ file: ../x.xsd, records: R }', /没有模式文件 \.\.\/x\.xsd/],
    ['{ file: "http://example.test/x.xsd", records: R }', /没有模式文件 http:/],
    ['{ file: r.xsd, records: RS/S }', /没有元素 RS\/S；此处有：R/],
    ['{ file: r.xsd, records: /RS/R }', /schema 须写 file/],
    ['{ file: r.xsd }', /schema 须写 file/],
    ['r.xsd', /schema 须写成/],
    ['{ file: one.yaml, records: R }', /one\.yaml：/],
    ['{ file: r.xsd, records: RS/R, root: R }', /没有“root”|root/],
  ]
  for (const [schema, zh] of cases) {
    const { problems } = await load(t, mappingYaml(schema))
    t.match(problems[0]?.text.zh, zh, schema)
    t.match(String(problems[0]?.values['at']), /^mappings\/dept\/one\.yaml:2:/)
  }
})
