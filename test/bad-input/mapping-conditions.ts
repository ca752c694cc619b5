import { mappingFamily } from './loaders.ts'

const file = 'mappings/dept/one.yaml'

/** Mistakes in conditions, settings, plug-ins and YAML; each is told with file, line and column. */
export const mappingConditions = mappingFamily('conditions of mappings', [
  {
    name: 'a reason for ignoring every record',
    change: [file, 'events:', 'ignore: [{ when: [], reason: x }]\nevents:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:4:18 映射有误：when 须为非空列表',
        en: 'mappings/dept/one.yaml:4:18 the mapping is wrong: when must be a list that is not empty',
      },
    ],
  },
  {
    name: 'one of no texts',
    change: [file, 'equals: SB', 'in: []'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:32 映射有误：in 须为非空列表',
        en: 'mappings/dept/one.yaml:6:32 the mapping is wrong: in must be a list that is not empty',
      },
    ],
  },
  {
    name: 'a comma of an input method',
    change: [file, 'name: SQRMC, kind', 'name: SQRMC， kind'],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'mappings/dept/one.yaml:9:26 YAML 语法错误：{ } 或 [ ] 之内不能换用缩进写法；该行有全角的“，”，YAML 的标点须是半角',
        en: 'mappings/dept/one.yaml:9:26 YAML syntax error: Block collections are not allowed within flow collections; the line has the full-width "，": the signs of YAML are half-width',
      },
    ],
  },
  {
    name: 'a condition without a test',
    change: [file, 'equals: SB', 'eq: SB'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'mappings/dept/one.yaml:6:28 未知配置项“eq”。是否想写“in”？可用：path, equals, in, matches, present, nil, empty, absent',
        en: 'mappings/dept/one.yaml:6:28 unknown key "eq". Did you mean "in"? Known: path, equals, in, matches, present, nil, empty, absent',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:11 映射有误：每个条件须且只能有 equals、in、matches、present、nil、empty、absent 之一',
        en: 'mappings/dept/one.yaml:6:11 the mapping is wrong: a condition needs exactly one of equals, in, matches, present, nil, empty, absent',
      },
    ],
  },
  {
    name: 'a condition with two tests',
    change: [file, 'equals: SB', 'equals: SB, in: [SB]'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:11 映射有误：每个条件须且只能有 equals、in、matches、present、nil、empty、absent 之一',
        en: 'mappings/dept/one.yaml:6:11 the mapping is wrong: a condition needs exactly one of equals, in, matches, present, nil, empty, absent',
      },
    ],
  },
  {
    name: 'a condition that is a text',
    change: [file, '{ path: $stream, equals: SB }', '$stream = SB'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:11 映射有误：条件须写成 {path: …, equals: …} 的形式',
        en: 'mappings/dept/one.yaml:6:11 the mapping is wrong: a condition is written {path: …, equals: …}',
      },
    ],
  },
  {
    name: 'a condition with a list that is none',
    change: [file, 'equals: SB', 'in: SB'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:32 映射有误：in 须为列表',
        en: 'mappings/dept/one.yaml:6:32 the mapping is wrong: in must be a list',
      },
    ],
  },
  {
    name: 'a condition of nothing',
    change: [file, '{ path: $stream, equals: SB }', '{ any: [] }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:18 映射有误：any 须为非空列表',
        en: 'mappings/dept/one.yaml:6:18 the mapping is wrong: any must be a list that is not empty',
      },
    ],
  },
  {
    name: 'present: yes',
    change: [file, 'equals: SB', 'present: yes'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:37 映射有误：present 须为 true 或 false',
        en: 'mappings/dept/one.yaml:6:37 the mapping is wrong: present must be true or false',
      },
    ],
  },
  {
    name: 'ignored without a reason',
    change: [file, 'events:', 'ignore: [{ when: { path: ZT, equals: x } }]\nevents:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:4:10 映射有误：忽略须写明 reason',
        en: 'mappings/dept/one.yaml:4:10 the mapping is wrong: ignore needs a reason',
      },
    ],
  },
  {
    name: 'ignored without a condition',
    change: [file, 'events:', 'ignore: [{ reason: 测试 }]\nevents:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:4:10 映射有误：条件须写成 {path: …, equals: …} 的形式',
        en: 'mappings/dept/one.yaml:4:10 the mapping is wrong: a condition is written {path: …, equals: …}',
      },
    ],
  },
  {
    name: 'a zone by the name of a city',
    change: [file, 'case:', 'zone: Asia/Shanghai\ncase:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:3:7 映射有误：时区写法如 "+08:00"，不超过 14:00',
        en: 'mappings/dept/one.yaml:3:7 the mapping is wrong: zone is written like "+08:00", and is no more than 14:00',
      },
    ],
  },
  {
    name: 'another way of failing',
    change: [file, 'case:', 'onFailure: skip\ncase:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:3:12 映射有误：只能是 quarantine 或 flag',
        en: 'mappings/dept/one.yaml:3:12 the mapping is wrong: must be quarantine or flag',
      },
    ],
  },
  {
    name: 'names without a question mark',
    change: [file, 'case:', 'names: Field[@FieldName]\ncase:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: "mappings/dept/one.yaml:3:8 映射有误：须为含 ? 的路径，例：Field[@FieldName='?']",
        en: "mappings/dept/one.yaml:3:8 the mapping is wrong: must be a path with ?, such as Field[@FieldName='?']",
      },
    ],
  },
  {
    name: 'a function without a plug-in',
    change: [file, 'name: SQRMC', 'name: { from: SQRMC, call: clean }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:47 映射有误：插件没有导出函数“clean”；已导出：—',
        en: 'mappings/dept/one.yaml:9:47 the mapping is wrong: the plug-in exports no function "clean"; it exports: —',
      },
    ],
  },
  {
    name: 'an indent with a tab',
    change: [file, '    when:', '\twhen:'],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'mappings/dept/one.yaml:6:1 YAML 语法错误：缩进不能用制表符',
        en: 'mappings/dept/one.yaml:6:1 YAML syntax error: Tabs are not allowed as indentation',
      },
    ],
  },
  {
    name: 'a key twice',
    change: [file, 'events:', 'case: { sourceCaseNo: YWLSH }\nevents:'],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'mappings/dept/one.yaml:4:1 YAML 语法错误：同一层有重复的键；数字写法不同（01 与 1）也算同一个，代码要写在引号里',
        en: 'mappings/dept/one.yaml:4:1 YAML syntax error: a key is given twice; 01 and 1 are one number: put codes in quotes',
      },
    ],
  },
  {
    name: 'a bracket that is never closed',
    change: [file, '{ sourceCaseNo: SBLSH }', '{ sourceCaseNo: SBLSH'],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'mappings/dept/one.yaml:4:1 YAML 语法错误：“}”没有写，或缩进不够',
        en: 'mappings/dept/one.yaml:4:1 YAML syntax error: the closing "}" is missing, or not indented enough',
      },
    ],
  },
])
