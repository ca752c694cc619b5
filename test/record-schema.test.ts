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
    shapeOf('<xs:include schemaLocation="1.xsd"/><xs:element name="R" type="P"/>', 'R', part),
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
