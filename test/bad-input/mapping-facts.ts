import { mappingFamily } from './loaders.ts'

const file = 'mappings/dept/one.yaml'

/** What would invent a fact, or would not always say the same; and what is no expression. */
export const mappingFacts = mappingFamily('facts and expressions', [
  {
    name: 'one place for two facts of an event',
    change: [file, 'name: SQRMC', 'name: SQRMC, legalRepresentative: SQRMC'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:26 映射有误：法律事实 /content/applicant/name 与 /content/applicant/legalRepresentative（mappings/dept/one.yaml:9:54）同取自 SQRMC：一处只能是一个事实，来源没有的应留空',
        en: 'mappings/dept/one.yaml:9:26 the mapping is wrong: the legal facts /content/applicant/name and /content/applicant/legalRepresentative (mappings/dept/one.yaml:9:54) are both read from SQRMC: one place is one fact, and what the source does not have stays absent',
      },
    ],
  },
  {
    name: 'the time of one event for another of the same record',
    change: [
      file,
      'events:',
      'events:\n  - { type: prereview.decided, content: { decision: { from: LX, codes: { table: kind } }, decidedAt: { from: SBSJ, date: yyyyMMdd } } }',
    ],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:16 映射有误：代码表 kind：代码“1”的目标值“natural”不在规范代码中。可用：passed, returned, supplement',
        en: 'mappings/dept/one.yaml:2:16 the mapping is wrong: code table kind: the value "natural" of code "1" is not in the canonical vocabulary. Known: passed, returned, supplement',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:30 映射有误：代码表 kind：代码“2”的目标值“enterprise”不在规范代码中。可用：passed, returned, supplement',
        en: 'mappings/dept/one.yaml:2:30 the mapping is wrong: code table kind: the value "enterprise" of code "2" is not in the canonical vocabulary. Known: passed, returned, supplement',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:27 映射有误：法律事实 /content/receivedAt 与 /content/decidedAt（mappings/dept/one.yaml:5:110）同取自 SBSJ：一处只能是一个事实，来源没有的应留空',
        en: 'mappings/dept/one.yaml:9:27 the mapping is wrong: the legal facts /content/receivedAt and /content/decidedAt (mappings/dept/one.yaml:5:110) are both read from SBSJ: one place is one fact, and what the source does not have stays absent',
      },
    ],
  },
  {
    name: 'the case number twice',
    change: [file, 'sourceCaseNo: SBLSH', 'sourceCaseNo: SBLSH, businessNo: SBLSH'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:3:23 映射有误：法律事实 /case/sourceCaseNo 与 /case/businessNo（mappings/dept/one.yaml:3:42）同取自 SBLSH：一处只能是一个事实，来源没有的应留空',
        en: 'mappings/dept/one.yaml:3:23 the mapping is wrong: the legal facts /case/sourceCaseNo and /case/businessNo (mappings/dept/one.yaml:3:42) are both read from SBLSH: one place is one fact, and what the source does not have stays absent',
      },
    ],
  },
  {
    name: 'an expression that is none',
    change: [file, 'name: SQRMC', 'name: { expression: "$text(" }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:40 映射有误：表达式有误（第 6 个字符处）：末尾缺少“)”（S0203）',
        en: 'mappings/dept/one.yaml:9:40 the mapping is wrong: this is no expression, at character 6: ")" is missing at the end (S0203)',
      },
    ],
  },
  {
    name: 'an expression with a clock',
    change: [file, 'name: SQRMC', 'name: { expression: "$text(\'A\') & $now()" }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:40 映射有误：表达式不得用 $now：同一条记录须总是得出同样的结果',
        en: 'mappings/dept/one.yaml:9:40 the mapping is wrong: an expression must not use $now: the same record must always give the same',
      },
    ],
  },
  {
    name: 'an expression that chooses a fact',
    change: [file, 'name: SQRMC', "name: { expression: \"$text('A') ? $text('A') : $text('B')\" }"],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:40 映射有误：法律事实的表达式不得选择或自造（第 12 个字符处）：只能用 & 连接 $text、$optional、$，用 $substring、$substringBefore、$substringAfter、$trim、$join($texts(…)) 截取，其间的文字不得含字母、汉字、数字；含义不同的代码写进代码表，用 when 区分',
        en: 'mappings/dept/one.yaml:9:40 the mapping is wrong: the expression of a legal fact must not choose or state (at character 12): it may join $text, $optional and $ with &, cut them by $substring, $substringBefore, $substringAfter, $trim and $join($texts(…)), and hold no text with letters or digits; codes that mean different things belong in a code table, told apart by when',
      },
    ],
  },
  {
    name: 'an expression that states a fact',
    change: [file, 'name: SQRMC', "name: { expression: \"($text('A'); 'x')\" }"],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:40 映射有误：法律事实的表达式不得选择或自造（第 1 个字符处）：只能用 & 连接 $text、$optional、$，用 $substring、$substringBefore、$substringAfter、$trim、$join($texts(…)) 截取，其间的文字不得含字母、汉字、数字；含义不同的代码写进代码表，用 when 区分',
        en: 'mappings/dept/one.yaml:9:40 the mapping is wrong: the expression of a legal fact must not choose or state (at character 1): it may join $text, $optional and $ with &, cut them by $substring, $substringBefore, $substringAfter, $trim and $join($texts(…)), and hold no text with letters or digits; codes that mean different things belong in a code table, told apart by when',
      },
    ],
  },
  {
    name: 'an expression that reads nothing',
    change: [file, 'name: SQRMC', 'name: { expression: "SQRMC" }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: "mappings/dept/one.yaml:9:40 映射有误：表达式里不能直接写“SQRMC”：写 $text('SQRMC')",
        en: 'mappings/dept/one.yaml:9:40 the mapping is wrong: an expression does not see "SQRMC" by itself: write $text(\'SQRMC\')',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:40 映射有误：表达式没有取用记录中的任何值：用 $text(路径)，或写 from',
        en: "mappings/dept/one.yaml:9:40 the mapping is wrong: the expression reads nothing of the record: use $text('path'), or write from",
      },
    ],
  },
  {
    name: 'a path that is not written out',
    change: [file, 'name: SQRMC', 'name: { expression: "$text($string(1))" }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: "mappings/dept/one.yaml:9:40 映射有误：$text 须写成 $text('路径')",
        en: "mappings/dept/one.yaml:9:40 the mapping is wrong: $text is written $text('path')",
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:40 映射有误：表达式没有取用记录中的任何值：用 $text(路径)，或写 from',
        en: "mappings/dept/one.yaml:9:40 the mapping is wrong: the expression reads nothing of the record: use $text('path'), or write from",
      },
    ],
  },
  {
    name: 'a pattern with a bracket too few',
    change: [file, 'name: SQRMC', 'name: { from: SQRMC, pattern: "[a" }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:50 映射有误：正则表达式有误：缺少 ]: `[a`',
        en: 'mappings/dept/one.yaml:9:50 the mapping is wrong: this is no regular expression: missing closing ]: `[a`',
      },
    ],
  },
  {
    name: 'a pattern that looks ahead',
    change: [file, 'name: SQRMC', 'name: { from: SQRMC, pattern: "(?=a)a" }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:50 映射有误：正则表达式有误：不支持的写法（前后断言、反向引用等）: `(?=`',
        en: 'mappings/dept/one.yaml:9:50 the mapping is wrong: this is no regular expression: invalid or unsupported Perl syntax: `(?=`',
      },
    ],
  },
  {
    name: 'a condition that is to equal a list',
    change: [file, 'equals: SB', 'equals: [SB]'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:36 映射有误：equals 须为一个值',
        en: 'mappings/dept/one.yaml:6:36 the mapping is wrong: equals must be a single value',
      },
    ],
  },
  {
    name: 'a condition on absence that says neither',
    change: [file, 'equals: SB', 'absent: yes'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:6:36 映射有误：absent 须为 true 或 false',
        en: 'mappings/dept/one.yaml:6:36 the mapping is wrong: absent must be true or false',
      },
    ],
  },
  {
    name: 'a dated table without a date',
    change: [file, '{ "1": natural, "2": enterprise }', 'codes/kind.yaml'],
    files: { 'mappings/dept/codes/kind.yaml': 'version: "1"\nfrom: 2021-01-01\nrows: [{ code: "1", value: natural }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:61 映射有误：代码表 kind@1 只在 2021-01-01… 有效：用 by 写明按哪个日期；要不论日期都用这一版，写 codes: 表@版本',
        en: 'mappings/dept/one.yaml:9:61 the mapping is wrong: code table kind@1 counts for 2021-01-01… only: say with by which date counts; to use it whatever the day, write codes: table@version',
      },
    ],
  },
  {
    name: 'a mapping that is not UTF-8',
    files: { [file]: Uint8Array.from([0x73, 0x75, 0x6d, 0x3a, 0x20, 0xb0, 0xa1, 0x0a]) },
    expect: [
      {
        code: 'CONFIG_UNREADABLE',
        zh: '配置文件 mappings/dept/one.yaml 无法读取：它不是 UTF-8，请另存为 UTF-8',
        en: 'cannot read configuration file mappings/dept/one.yaml: it is not UTF-8; save it as UTF-8',
      },
    ],
  },
])
