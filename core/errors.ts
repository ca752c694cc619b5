/** A sentence for a person, in both languages the gateway speaks. */
export interface Text {
  zh: string
  en: string
}

interface CatalogueEntry {
  title: Text
  /** The next step for the person who reads it. */
  hint: Text
  /** `later`: the same call may succeed when the world has changed. `never`: only a person can change the outcome. */
  retry: 'later' | 'never'
}

/**
 * Every error the gateway tells a person about. `{name}` marks a value that the thrower must supply.
 * A code is never reused for another meaning once it has been published.
 */
export const catalogue = {
  CONFIG_UNREADABLE: {
    title: { zh: '配置文件 {file} 无法读取：{reason}', en: 'cannot read configuration file {file}: {reason}' },
    hint: { zh: '检查文件是否存在、是否有读取权限。', en: 'Check that the file exists and may be read.' },
    retry: 'never',
  },
  CONFIG_SYNTAX: {
    title: { zh: '{at} YAML 语法错误：{reason}', en: '{at} YAML syntax error: {reason}' },
    hint: { zh: '按提示的行列修改后再运行 qianzhi lint。', en: 'Correct the line named and run qianzhi lint again.' },
    retry: 'never',
  },
  CONFIG_KEY_UNKNOWN: {
    title: { zh: '{at} 未知配置项“{key}”。{suggestion}', en: '{at} unknown key "{key}". {suggestion}' },
    hint: { zh: '改成允许的配置项，或删除这一行。', en: 'Use one of the allowed keys, or remove the line.' },
    retry: 'never',
  },
  CONFIG_KEY_MISSING: {
    title: { zh: '{at} 缺少必填配置项“{key}”', en: '{at} the required key "{key}" is missing' },
    hint: { zh: '补上该配置项；各项说明见 docs/reference。', en: 'Add the key; docs/reference describes each.' },
    retry: 'never',
  },
  CONFIG_VALUE_INVALID: {
    title: {
      zh: '{at} “{key}”的值 {found} 不合要求：{expected}',
      en: '{at} the value {found} of "{key}" is not allowed: {expected}',
    },
    hint: { zh: '按要求修改该值。', en: 'Change the value as described.' },
    retry: 'never',
  },
  SYSTEM_NOT_READ: {
    title: {
      zh: '系统 {system} 只写入，不读取：config/adapters/{system}.yaml 没有 options 与 mapping',
      en: 'system {system} is only written to, and not read: config/adapters/{system}.yaml has neither options nor mapping',
    },
    hint: {
      zh: '以前读到的记录仍在隔离区：恢复 options 与 mapping 后重放，或用 qianzhi quarantine discard 结束。',
      en: 'Records that were read before stay in quarantine: replay them when options and mapping are back, or end them with qianzhi quarantine discard.',
    },
    retry: 'never',
  },
  CONFIG_SECRET_MISSING: {
    title: { zh: '{at} 引用的密钥 {name} 没有提供', en: '{at} the secret {name} it refers to is not provided' },
    hint: {
      zh: '设置该环境变量，或建立该文件并写入密钥。',
      en: 'Set the environment variable, or create the file that holds the secret.',
    },
    retry: 'never',
  },
  CONFIG_UNSAFE: {
    title: { zh: '{at} 设置“{key}”不安全：{reason}', en: '{at} setting "{key}" is unsafe: {reason}' },
    hint: {
      zh: '改用安全设置；可能丢失或泄露消息的配置不能运行。',
      en: 'Use the safe setting; what may lose or expose messages does not run.',
    },
    retry: 'never',
  },
  ADAPTER_UNKNOWN: {
    title: { zh: '{at} 没有名为“{kind}”的适配器。{suggestion}', en: '{at} there is no adapter "{kind}". {suggestion}' },
    hint: { zh: '适配器即 adapters/ 下的文件夹名。', en: 'Adapters are the folder names under adapters/.' },
    retry: 'never',
  },
  ADAPTER_INVALID: {
    title: { zh: '适配器文件夹 {folder} 不合约定：{reason}', en: 'adapter folder {folder} breaks the contract: {reason}' },
    hint: { zh: '按 core/contract.ts 中 Adapter 的说明修改。', en: 'Follow the description of Adapter in core/contract.ts.' },
    retry: 'never',
  },
  MAPPING_UNKNOWN: {
    title: { zh: '{at} 没有名为“{name}”的映射。{suggestion}', en: '{at} there is no mapping "{name}". {suggestion}' },
    hint: { zh: '映射名为 mappings/ 下的“部门/文件名”。', en: 'A mapping is named <department>/<file> as under mappings/.' },
    retry: 'never',
  },
  MAPPING_INVALID: {
    title: { zh: '{at} 映射有误：{reason}', en: '{at} the mapping is wrong: {reason}' },
    hint: {
      zh: '修改该行；映射语言见 docs/mapping.md。',
      en: 'Correct the line; docs/mapping.md describes the mapping language.',
    },
    retry: 'never',
  },
  MAPPING_PATH_UNKNOWN: {
    title: {
      zh: '{at} 路径“{path}”：{streams} 的记录里没有“{name}”。{suggestion}',
      en: '{at} path "{path}": the records of {streams} hold no "{name}". {suggestion}',
    },
    hint: {
      zh: '改正该路径；若确有此列，让来源也读取它。',
      en: 'Correct the path; if the column is really there, have the source read it, too.',
    },
    retry: 'never',
  },
  MAPPING_PATH_SHAPE: {
    title: {
      zh: '{at} 路径“{path}”，{streams} 的记录：{reason}。',
      en: '{at} path "{path}", records of {streams}: {reason}.',
    },
    hint: {
      zh: "是列表就用 each；只要其中一个，写明哪一个，如 Item[2] 或 Item[@type='1']；取下级元素就把路径写到底。",
      en: "Use each for a list; to take one of several, say which: Item[2] or Item[@type='1']; to take what an element holds, write the path to its end.",
    },
    retry: 'never',
  },
  MAPPING_FIELDS_UNREAD: {
    title: {
      zh: '{at} 映射没有读取 {stream} 的：{names}',
      en: '{at} the mapping does not read, of {stream}: {names}',
    },
    hint: {
      zh: '确认平台不需要它们；需要的补上规则。',
      en: 'Make sure that the platform does not need them; add rules for those that it does.',
    },
    retry: 'never',
  },
  MAPPING_PLUGIN_FAILED: {
    title: { zh: '{at} 映射插件出错：{reason}', en: '{at} the mapping plug-in failed: {reason}' },
    hint: { zh: '修改插件后重放该记录。', en: 'Mend the plug-in, then replay the record.' },
    retry: 'never',
  },
  MAPPING_EXPRESSION_FAILED: {
    title: { zh: '{at} 字段 {field}{entry} 的表达式：{reason}', en: '{at} the expression of field {field}{entry}: {reason}' },
    hint: {
      zh: '用 qianzhi explain 查看它取用的值，修改表达式后重放。',
      en: 'See with qianzhi explain what it was given, correct the expression, then replay.',
    },
    retry: 'never',
  },
  MAPPING_CODE_STOPPED: {
    title: { zh: '{at} 映射自己的代码被中止：{reason}', en: '{at} the code of the mapping was stopped: {reason}' },
    hint: {
      zh: '修改该行的表达式或插件函数后重放；其他记录不受影响。',
      en: 'Correct the expression or the function of that line, then replay; other records are not held up.',
    },
    retry: 'never',
  },
  MAPPING_VERSION_UNKNOWN: {
    title: {
      zh: '映射 {mapping} 的版本 {version} 无法使用：{reason}',
      en: 'version {version} of mapping {mapping} cannot be used: {reason}',
    },
    hint: {
      zh: '原始记录仍在：qianzhi quarantine show --raw 或备份可查；请用当时的程序版本解释。',
      en: 'The raw record is still kept; explain it with the program version of that time, or from a backup of the store.',
    },
    retry: 'never',
  },
  CODE_UNKNOWN: {
    title: {
      zh: '{at} 字段 {field}{entry}：代码表 {table} 中没有代码“{code}”{known}',
      en: '{at} field {field}{entry}: code table {table} has no code "{code}"{known}',
    },
    hint: {
      zh: '与部门核实该代码的含义，补入代码表后重放；不得猜测。',
      en: 'Ask the department what the code means, add it to the table, then replay; never guess.',
    },
    retry: 'never',
  },
  CODE_FOR_VALUE_UNKNOWN: {
    title: {
      zh: '{at} 字段 {field}{entry}：代码表 {table} 中没有规范值“{value}”对应的代码；有代码的：{known}',
      en: '{at} field {field}{entry}: code table {table} has no code for the value "{value}"; it has codes for: {known}',
    },
    hint: {
      zh: '与部门核实用哪个代码，补入代码表后运行 qianzhi inbox again；不得猜测。',
      en: 'Ask the department which code it is, add it to the table, then run qianzhi inbox again; never guess.',
    },
    retry: 'never',
  },
  TIME_UNKNOWN: {
    title: {
      zh: '{at} 字段 {field}{entry}：消息只有日期 {value}，而格式 {format} 要写时刻',
      en: '{at} field {field}{entry}: the message has only the day {value}, and the format {format} wants a time',
    },
    hint: {
      zh: '改用不含时刻的格式后运行 qianzhi inbox again，或请平台连同时刻下发；时刻从不编造。',
      en: 'Use a format without a time and run qianzhi inbox again, or have it sent with its time: none is made up.',
    },
    retry: 'never',
  },
  CODE_VERSION_UNKNOWN: {
    title: {
      zh: '{at} 字段 {field}{entry}：无法确定代码表 {table} 用哪一版：{reason}',
      en: '{at} field {field}{entry}: which version of code table {table} applies cannot be told: {reason}',
    },
    hint: {
      zh: '与部门核实这条记录按哪一版代码填写，补入映射后重放；不得猜测。',
      en: 'Ask the department by which version the record was written, say so in the mapping, then replay; never guess.',
    },
    retry: 'never',
  },
  CODE_AMBIGUOUS: {
    title: {
      zh: '{at} 字段 {field}{entry}：代码表 {table} 的代码“{code}”按 when 有 {count} 行成立，须恰好一行',
      en: '{at} field {field}{entry}: {count} rows of code "{code}" in code table {table} hold by their when; exactly one must',
    },
    hint: {
      zh: '与部门核实该办件的含义，改写各行的 when 后重放；不得猜测。',
      en: 'Ask the department what is meant, change the when of the rows, then replay; never guess.',
    },
    retry: 'never',
  },
  CODE_TABLE_DOUBTFUL: {
    title: { zh: '{at} 代码表 {table} 需要留意：{reason}', en: '{at} code table {table} needs attention: {reason}' },
    hint: {
      zh: '核对该处；确属如此可以不改，网关照常运行。',
      en: 'Look at the place; if it is meant, leave it: the gateway runs all the same.',
    },
    retry: 'never',
  },
  CODE_TABLE_IRREVERSIBLE: {
    title: {
      zh: '{at} 代码表 {table} 不能反向使用：{reason}',
      en: '{at} code table {table} cannot be used in reverse: {reason}',
    },
    hint: {
      zh: '在表中用 direction 与 reverse 写明反向规则，或不反向使用。',
      en: 'Declare direction and reverse in the table, or do not use it in reverse.',
    },
    retry: 'never',
  },
  DATE_INVALID: {
    title: {
      zh: '{at} 字段 {field}{entry}：“{value}”不是按 {formats} 写的、真实存在的日期或时间',
      en: '{at} field {field}{entry}: "{value}" is no day or time that exists, written as {formats}',
    },
    hint: {
      zh: '核实来源数据，或在映射的 date 中补充该格式；不足两位时不补零的月、日、时写成 M、d、H，秒有小数的写成 ss.S。',
      en: 'Check the source, or add the format to date in the mapping; M, d and H are a month, day and hour without a leading zero, ss.S are seconds with a fraction.',
    },
    retry: 'never',
  },
  DATE_AMBIGUOUS: {
    title: {
      zh: '{at} 字段 {field}：“{value}”按 {formats} 有不同读法',
      en: '{at} field {field}: "{value}" is read differently by {formats}',
    },
    hint: {
      zh: '请部门确认该列实际的写法，在映射中只留这一个格式。',
      en: 'Ask the department which way the column is written, and keep only that format in the mapping.',
    },
    retry: 'never',
  },
  VALUE_INVALID: {
    title: {
      zh: '{at} 字段 {field}{entry}：值“{value}”不合要求，应为：{expected}',
      en: '{at} field {field}{entry}: the value "{value}" is not {expected}',
    },
    hint: { zh: '核实来源数据或映射规则。', en: 'Check the source data or the mapping rule.' },
    retry: 'never',
  },
  VALUE_MISSING: {
    title: {
      zh: '{at} 字段 {field}{entry} 在来源 {path} 中没有值{found}',
      en: '{at} field {field}{entry} has no value at {path}{found}',
    },
    hint: { zh: '请部门补齐数据；网关不会代填。', en: 'Ask the department for the value; the gateway never fills one in.' },
    retry: 'never',
  },
  VALUE_AMBIGUOUS: {
    title: {
      zh: '{at} 字段 {field}{entry}：来源 {path} 有 {count} 个值',
      en: '{at} field {field}{entry}: {path} holds {count} values',
    },
    hint: { zh: '在路径中指定是哪一个，或用 each 逐个映射。', en: 'Say in the path which one is meant, or use each.' },
    retry: 'never',
  },
  RECORD_UNREADABLE: {
    title: { zh: '记录无法读取：{reason}', en: 'the record cannot be read: {reason}' },
    hint: {
      zh: '原始内容已保存在隔离区；请来源系统改正后重发。改正后的记录若另有主键，本条不会自行了结，请 discard。',
      en: 'The raw record is kept in quarantine; have the source corrected and sent again. Where the corrected record has a key of its own, discard this one: nothing closes it by itself.',
    },
    retry: 'never',
  },
  RECORD_TOO_LARGE: {
    title: { zh: '记录有 {size} 字节，超过上限 {limit} 字节', en: 'the record has {size} bytes, more than the limit of {limit}' },
    hint: { zh: '核实该记录；确有需要时调高 maxRecordBytes。', en: 'Check the record; raise maxRecordBytes if it is genuine.' },
    retry: 'never',
  },
  CHARSET_INVALID: {
    title: { zh: '字节 {offset} 处不是合法的 {charset} 编码', en: 'byte {offset} is not valid {charset}' },
    hint: { zh: '核实来源的真实编码并在配置中写明 charset。', en: 'Find the true encoding of the source and set charset.' },
    retry: 'never',
  },
  XML_INVALID: {
    title: { zh: 'XML 第 {line} 行第 {column} 列有误：{reason}', en: 'XML is wrong at line {line}, column {column}: {reason}' },
    hint: { zh: '请来源系统改正后重发。', en: 'Have the source system correct it and send again.' },
    retry: 'never',
  },
  JSON_INVALID: {
    title: { zh: 'JSON 有误：{reason}', en: 'JSON is wrong: {reason}' },
    hint: { zh: '请来源系统改正后重发。', en: 'Have the source system correct it and send again.' },
    retry: 'never',
  },
  CSV_INVALID: {
    title: { zh: 'CSV 第 {line} 行有误：{reason}', en: 'CSV is wrong at line {line}: {reason}' },
    hint: { zh: '请来源系统改正后重发。', en: 'Have the source system correct it and send again.' },
    retry: 'never',
  },
  EVENT_UNMAPPED: {
    title: {
      zh: '映射 {mapping} 没有任何规则适用于这条 {stream} 记录{streams}',
      en: 'no rule of mapping {mapping} applies to this record of {stream}{streams}',
    },
    hint: {
      zh: '补充事件规则；若确应忽略，请用 ignore 写明理由。',
      en: 'Add an event rule; if it is to be ignored, say so with ignore and the reason.',
    },
    retry: 'never',
  },
  OPERATION_UNMAPPED: {
    title: {
      zh: '下行映射 {mapping} 没有任何操作适用于这条 {type} 消息',
      en: 'no operation of mapping {mapping} applies to this message {type}',
    },
    hint: {
      zh: '补充操作；若确应忽略，请用 ignore 写明理由，然后用 qianzhi inbox again 重投。',
      en: 'Add an operation; if it is to be ignored, say so with ignore and the reason, then deliver again with qianzhi inbox again.',
    },
    retry: 'never',
  },
  MESSAGE_INVALID: {
    title: {
      zh: '{at} 消息 {type} 的字段 {field}{entry} 不合规范：{reason}',
      en: '{at} message {type}: field {field}{entry} breaks its schema: {reason}',
    },
    hint: {
      zh: '核实来源数据或映射；规范见 docs/schemas。',
      en: 'Check the source data or the mapping; docs/schemas holds the schema.',
    },
    retry: 'never',
  },
  MESSAGE_INVARIANT_BROKEN: {
    title: {
      zh: '{at} 消息 {type} 的字段 {field}{entry} 违反业务规则 {rule}：{reason}',
      en: '{at} message {type}: field {field}{entry} breaks rule {rule}: {reason}',
    },
    hint: { zh: '请部门核实该办件。', en: 'Ask the department to check the case.' },
    retry: 'never',
  },
  TEXT_DAMAGED: {
    title: {
      zh: '{at} 字段 {field}{entry} 的文字已损坏：{reason}',
      en: '{at} the text of field {field}{entry} is damaged: {reason}',
    },
    hint: {
      zh: '请查来源系统或中间件用错了哪种编码，改正后由来源重新提供；损坏的文字无法还原。',
      en: 'Find where the source or what stands before it used the wrong charset, and let it come again; damaged text cannot be restored.',
    },
    retry: 'never',
  },
  EXCHANGE_INVALID: {
    title: { zh: '{at} 交换表有误：{reason}', en: '{at} the exchange table is wrong: {reason}' },
    hint: { zh: '修改该处；写法见 docs/exchange.md。', en: 'Correct it; docs/exchange.md says how it is written.' },
    retry: 'never',
  },
  EXCHANGE_ITEM_UNKNOWN: {
    title: {
      zh: '{file} 交换表中没有事项 {item} 的 {type}，也没有“*”一行',
      en: '{file} the exchange table has no row for {type} of item {item}, and none for "*"',
    },
    hint: {
      zh: '补上该事项一行，或让映射给出 case.itemCode，然后重放。',
      en: 'Add a row for the item, or have the mapping give case.itemCode, then replay.',
    },
    retry: 'never',
  },
  EXCHANGE_CONFLICT: {
    title: {
      zh: '{at} 交换表与 {type} 冲突，字段 {field}：{reason}',
      en: '{at} the exchange table does not allow this {type}, field {field}: {reason}',
    },
    hint: {
      zh: '与对方核实该环节以谁为准：更正数据或交换表，再重放；不该有的则丢弃。',
      en: 'Settle with the other side who decides here: correct the data or the table and replay, or discard what should not be.',
    },
    retry: 'never',
  },
  CATALOGUE_INVALID: {
    title: { zh: '{at} 事项目录有误：{reason}', en: '{at} the item catalogue is wrong: {reason}' },
    hint: {
      zh: '更正该处后再下发；写法见 docs/supervision.md。',
      en: 'Correct it before it is sent; docs/supervision.md says how it is written.',
    },
    retry: 'never',
  },
  CATALOGUE_CONFLICT: {
    title: {
      zh: '平台发来的事项目录版本 {version} 与已有的同一版本内容不同，没有采用',
      en: 'version {version} of the item catalogue came with another content than the one that is there; it was not taken',
    },
    hint: {
      zh: '请平台用新的版本号下发；已有的照旧使用。',
      en: 'Ask the platform to send it under a new number; the one that is there stays in use.',
    },
    retry: 'never',
  },
  CATALOGUE_DAMAGED: {
    title: {
      zh: '事项目录版本 {version} 的各部分已到齐，合起来与摘要不符，没有采用',
      en: 'all parts of version {version} of the item catalogue are there and do not give its digest; it was not taken',
    },
    hint: { zh: '请平台重新下发这一版本。', en: 'Ask the platform to send the version again.' },
    retry: 'never',
  },
  ITEM_NOT_IN_CATALOGUE: {
    title: {
      zh: '{at} 事项 {item} 在 {day} 不在事项目录（版本 {version}）中',
      en: '{at} item {item} is not in the item catalogue (version {version}) on {day}',
    },
    hint: {
      zh: '更正事项编码，或请平台补入目录并下发，再重放；gateway.yaml 的 catalogue.unknownItem: flag 则只打标记。',
      en: 'Correct the code, or have the platform add the item and send the catalogue, then replay; with catalogue.unknownItem: flag in gateway.yaml it is only flagged.',
    },
    retry: 'never',
  },
  ITEM_DOUBTFUL: {
    title: {
      zh: '{at} 事项 {item} 不在平台下发的事项目录（版本 {version}）中。{suggestion}',
      en: '{at} item {item} is not in the item catalogue of the platform (version {version}). {suggestion}',
    },
    hint: {
      zh: '核对编码；目录已更新的，等平台下发后再检查。',
      en: 'Check the code; where the catalogue was extended, check again when the platform has sent it.',
    },
    retry: 'never',
  },
  CALENDAR_INVALID: {
    title: { zh: '{at} 工作日历有误：{reason}', en: '{at} the working calendar is wrong: {reason}' },
    hint: {
      zh: '对照当年的放假通知更正；写法见 docs/supervision.md。',
      en: 'Correct it by the notice of that year; docs/supervision.md says how it is written.',
    },
    retry: 'never',
  },
  CLOCK_UNREADABLE: {
    title: { zh: '办理时限无法计算：{reason}', en: 'the time of a case cannot be counted: {reason}' },
    hint: {
      zh: '请部门报送到分钟的时间，或在事项目录中改用按日的时限。',
      en: 'Have the department report times to the minute, or give the item a limit in days.',
    },
    retry: 'never',
  },
  CALENDAR_YEAR_MISSING: {
    title: {
      zh: '工作日历（版本 {version}，{from} 至 {to} 年）没有 {year} 年',
      en: 'the working calendar (version {version}, {from} to {to}) has no {year}',
    },
    hint: {
      zh: '按该年的放假通知补上这一年，换一个版本号；没有通知的年份不推算。',
      en: 'Add the year by its notice and give the calendar another version; a year without a notice is not guessed.',
    },
    retry: 'never',
  },
  MESSAGE_OVERTURNED: {
    title: {
      zh: '平台退回了已收下的消息 {id}，代码 {code}，说明见 qianzhi inbox show {seq} --raw',
      en: 'the platform has rejected message {id}, which it had accepted; code {code}, and qianzhi inbox show {seq} --raw has its words',
    },
    hint: {
      zh: '请部门更正该记录，或改映射后 qianzhi quarantine replay：将以下一个数据版本重报。',
      en: 'Have the record corrected, or change the mapping and use qianzhi quarantine replay: it is sent again under the next data version.',
    },
    retry: 'never',
  },
  VERSION_OVERTURNED: {
    title: {
      zh: '消息 {id} 已被平台退回，来源给出的数据版本没有增加',
      en: 'message {id} was rejected by the platform, and the data version that the source gives did not rise',
    },
    hint: { zh: '请部门更正，数据版本加一。', en: 'Have it corrected at the source, with a higher data version.' },
    retry: 'never',
  },
  MESSAGE_AMBIGUOUS: {
    title: {
      zh: '{at} 这条记录给出两条编号同为 {id} 而内容不同的消息',
      en: '{at} this record gives two messages with other contents under one id, {id}',
    },
    hint: {
      zh: '给该事件写 stage.sequence，从来源取能区分各项的序号，然后重放。',
      en: 'Give the event a rule for stage.sequence that tells them apart, from the source, then replay.',
    },
    retry: 'never',
  },
  MESSAGE_CONFLICT: {
    title: {
      zh: '消息 {id} 已存在但内容不同（来源给出的数据版本没有增加）',
      en: 'message {id} exists with other content (the data version given by the source did not rise)',
    },
    hint: {
      zh: '请部门核实；若确为更正，数据版本应加一。',
      en: 'Ask the department; a true correction must raise the data version.',
    },
    retry: 'never',
  },
  SOURCE_UNREACHABLE: {
    title: { zh: '{system} 连接不上：{reason}', en: '{system} cannot be reached: {reason}' },
    hint: {
      zh: '检查来源系统是否运行、网络与地址是否正确；网关会自动重试。',
      en: 'Check that the system runs, the network and the address; the gateway retries by itself.',
    },
    retry: 'later',
  },
  SOURCE_TIMEOUT: {
    title: { zh: '{system} 在 {timeoutMs} 毫秒内没有答复', en: '{system} did not answer within {timeoutMs} ms' },
    hint: { zh: '检查来源系统负载；网关会自动重试。', en: 'Check the load of the system; the gateway retries by itself.' },
    retry: 'later',
  },
  SOURCE_DENIED: {
    title: { zh: '{system} 拒绝了账号或权限：{reason}', en: '{system} refused the account or its rights: {reason}' },
    hint: {
      zh: '核对用户名、密码、授权或文件权限。',
      en: 'Check the user name, the password, the grants or the rights of the file.',
    },
    retry: 'later',
  },
  SOURCE_FAULT: {
    title: { zh: '{system} 报告业务失败 {code}：{reason}', en: '{system} reports failure {code}: {reason}' },
    hint: {
      zh: '按来源系统的错误码处理；网关会自动重试。',
      en: 'Act on the code of the source system; the gateway retries by itself.',
    },
    retry: 'later',
  },
  SOURCE_ANSWER_INVALID: {
    title: { zh: '{system} 的答复无法理解：{reason}', en: 'the answer of {system} cannot be understood: {reason}' },
    hint: {
      zh: '核对接口地址、版本与编码；网关会自动重试。',
      en: 'Check address, version and encoding of the interface; the gateway retries by itself.',
    },
    retry: 'later',
  },
  SOURCE_OPTIONS_INVALID: {
    title: { zh: '{system} 的来源与配置不符：{reason}', en: '{system} does not fit its configuration: {reason}' },
    hint: { zh: '按提示修改 config/adapters 下的文件。', en: 'Change the file under config/adapters as described.' },
    retry: 'never',
  },
  SOURCE_MAPPING_MISFIT: {
    title: {
      zh: '{system} 没有读取：映射与来源不符（共 {count} 处）。{reason}',
      en: '{system} is not read: its mapping does not fit what it holds (mistakes in all: {count}). {reason}',
    },
    hint: {
      zh: '改正映射，或让来源提供所缺的列；（数据库）lint --probe 列出全部。这些记录一条也没有取走，改好后网关自动读取。确实可能没有的列写成 $optional。',
      en: 'Correct the mapping, or have the source give what is missing; lint --probe lists all (of a database). None of these records was taken: the gateway reads by itself when it is mended. A column that may well be missing is read by $optional.',
    },
    retry: 'later',
  },
  SOURCE_PORT_UNUSABLE: {
    title: {
      zh: '{system} 不能在 {address} 上接收推送：{reason}',
      en: '{system} cannot take pushes at {address}: {reason}',
    },
    hint: {
      zh: '换一个端口或地址，或停下占用它的程序；网关会自动重试。',
      en: 'Choose another port or address, or stop the program that uses it; the gateway retries by itself.',
    },
    retry: 'later',
  },
  PUSH_DENIED: {
    title: { zh: '{system} 不接受这次推送：{reason}', en: '{system} does not accept this push: {reason}' },
    hint: {
      zh: '什么都没有留存；向网关的运维人员核对令牌、证书与来源地址后重发。',
      en: 'Nothing was kept; check token, certificate and address with the operator of the gateway, then send again.',
    },
    retry: 'never',
  },
  PUSH_REFUSED: {
    title: { zh: '“{request}”不能接收：{reason}', en: '"{request}" cannot be taken: {reason}' },
    hint: {
      zh: '什么都没有留存；按说明修改请求后重发。',
      en: 'Nothing was kept; change the request as described and send again.',
    },
    retry: 'never',
  },
  PUSH_UNAVAILABLE: {
    title: { zh: '{system} 暂不接收：{reason}', en: '{system} takes nothing at present: {reason}' },
    hint: {
      zh: '什么都没有留存；按 Retry-After 稍后重发同一内容。',
      en: 'Nothing was kept; send the same again later, as Retry-After says.',
    },
    retry: 'later',
  },
  SOURCE_FILE_DOUBTFUL: {
    title: { zh: '{system} 的文件 {file} 需要留意：{reason}', en: 'file {file} of {system} needs attention: {reason}' },
    hint: {
      zh: '核对该文件、其权限与配置；其余文件照常处理。',
      en: 'Check the file, its rights and the configuration; the other files go on.',
    },
    retry: 'later',
  },
  SOURCE_FILES_SET_ASIDE: {
    title: {
      zh: '{system} 的文件夹 {folder} 中有 {count} 个未能读全的文件，如 {file}',
      en: '{count} files of {system} that could not be read whole are in {folder}, such as {file}',
    },
    hint: {
      zh: '原因见日志与 qianzhi quarantine list；改正后以原文件名放回接收文件夹（已收的记录不会重复），处理完的请移走。',
      en: 'The log and qianzhi quarantine list say why; put the corrected file into the drop folder again under its original name (what was taken is not taken twice), and take away what is dealt with.',
    },
    retry: 'later',
  },
  SOURCE_ROWS_SKIPPED: {
    title: {
      zh: '{system} 的 {stream} 有 {count} 行没有读取：{reason}',
      en: '{count} rows of {stream} in {system} are not read: {reason}',
    },
    hint: {
      zh: '请部门补齐这些列；补齐时水位列须写当时的时间，早于水位的行不会再读。',
      en: 'Have the columns filled in, with the time of doing so in the watermark column: rows below the mark are not read again.',
    },
    retry: 'later',
  },
  BROKER_UNREACHABLE: {
    title: { zh: '消息队列 {url} 连接不上：{reason}', en: 'the broker {url} cannot be reached: {reason}' },
    hint: {
      zh: '检查 RabbitMQ 与网络；消息已存盘，恢复后自动续发。',
      en: 'Check RabbitMQ and the network; messages are on disk and go on when it is back.',
    },
    retry: 'later',
  },
  BROKER_TOPOLOGY_MISMATCH: {
    title: { zh: '消息队列中的 {name} 与要求不符：{reason}', en: '{name} on the broker is not as required: {reason}' },
    hint: {
      zh: '请队列管理员按 deploy/ 中的定义重建，或改用新的名称。',
      en: 'Have it rebuilt as defined in deploy/, or choose another name.',
    },
    retry: 'later',
  },
  BROKER_DENIED: {
    title: {
      zh: '消息队列 {url} 拒绝了账号或权限：{reason}',
      en: 'the broker {url} refused the account or its rights: {reason}',
    },
    hint: {
      zh: '核对用户名、密码、虚拟主机与授权；账号无权创建队列时设 declare: false。',
      en: 'Check user name, password, virtual host and permissions; if the account may not create queues, set declare: false.',
    },
    retry: 'later',
  },
  PUBLISH_RETURNED: {
    title: {
      zh: '消息被退回：没有队列绑定路由键 {routingKey}',
      en: 'the message was returned: no queue is bound to routing key {routingKey}',
    },
    hint: { zh: '补上队列绑定；消息已保留并会重发。', en: 'Add the binding; the message is kept and sent again.' },
    retry: 'later',
  },
  PUBLISH_REFUSED: {
    title: { zh: '消息队列拒收消息（nack）', en: 'the broker refused the message (nack)' },
    hint: {
      zh: '检查队列长度上限与磁盘；消息已保留并会重发。',
      en: 'Check the queue limits and the disk; the message is kept and sent again.',
    },
    retry: 'later',
  },
  PUBLISH_UNCONFIRMED: {
    title: {
      zh: '消息队列已连接，但自 {since} 起没有确认发往 {queues} 的消息',
      en: 'the broker is connected, and has confirmed nothing that was sent to {queues} since {since}',
    },
    hint: {
      zh: '该队列不可用，用 rabbitmq-queues quorum_status 查看：集群失去多数的，恢复其节点；RabbitMQ 在创建队列时被杀而没有 leader 的，在其机器上运行 deploy/rabbitmq/elect-leaders.sh。消息已保留，之后自动送达；不要删除队列。',
      en: 'The queue is not available; rabbitmq-queues quorum_status shows it. Where a cluster has lost its majority, bring back its nodes; where the broker was killed while it made the queue, which has no leader since, run deploy/rabbitmq/elect-leaders.sh on its machine. What was sent is kept and goes out then; do not delete the queue.',
    },
    retry: 'later',
  },
  PUBLISH_INTERRUPTED: {
    title: {
      zh: '等待确认时连接中断，消息可能已到达',
      en: 'the connection broke before the confirm; the message may have arrived',
    },
    hint: {
      zh: '将以同一编号重发，接收方按编号去重。',
      en: 'It is sent again under the same id; the receiver drops the duplicate.',
    },
    retry: 'later',
  },
  PUBLISH_TOO_LARGE: {
    title: { zh: '消息有 {bytes} 字节，超过上限 {limit}', en: 'the message has {bytes} bytes, more than the limit of {limit}' },
    hint: {
      zh: '核实该记录；附件应以引用传送。确有需要时与队列管理员一起调高 maxMessageBytes。',
      en: 'Check the record; attachments travel by reference. If it is genuine, raise maxMessageBytes together with the limit of the broker.',
    },
    retry: 'never',
  },
  INBOX_NOT_FOUND: {
    title: { zh: '收件箱里没有编号 {seq} 的消息', en: 'the inbox has no message number {seq}' },
    hint: { zh: '用 qianzhi inbox list --state all 查看编号。', en: 'See the numbers with qianzhi inbox list --state all.' },
    retry: 'never',
  },
  INBOX_NOT_UNDECIDED: {
    title: { zh: '消息 {seq} 不在等人决定', en: 'message {seq} does not wait for a decision' },
    hint: {
      zh: '用 qianzhi inbox show 查看它的状态；只有隔离的、结果不明且不再自动询问的才由人决定。',
      en: 'See its state with qianzhi inbox show; persons decide only of what is in quarantine, or unknown and no longer asked about.',
    },
    retry: 'never',
  },
  DELIVERY_TARGET_UNKNOWN: {
    title: {
      zh: '消息 {id} 的目标系统“{target}”不在网关 {gateway} 上，或没有配置 deliver',
      en: 'message {id} is for system "{target}", which gateway {gateway} does not have, or which has no deliver',
    },
    hint: {
      zh: '消息已存入死信队列；核对平台的寻址，或在 config/adapters 下配置该系统的 deliver，然后请平台重发。',
      en: 'The message is in the dead letters; check how the platform addresses it, or configure deliver of that system in config/adapters, and have it sent again.',
    },
    retry: 'never',
  },
  DELIVERY_MISFIT: {
    title: {
      zh: '{system} 的 {write} 写不下“{name}”：{reason}',
      en: '{write} of {system} cannot take "{name}": {reason}',
    },
    hint: {
      zh: '核对映射与目标的字符集、长度和列名，改正后用 qianzhi inbox again 重投；内容从不截断或替换。',
      en: 'Compare the mapping with charset, length and columns of the target, then deliver again with qianzhi inbox again; nothing is ever cut or replaced.',
    },
    retry: 'never',
  },
  DELIVERY_ANSWER_UNKNOWN: {
    title: {
      zh: '{system} 对 {write} 的答复不在规则之内：{found}',
      en: 'no rule says what the answer of {system} to {write} means: {found}',
    },
    hint: {
      zh: '在 deliver.options.writes 下的 rules（询问结果时为 confirm.rules）里为这样的答复加一条，如 { path: Answer/Code, equals: ["7"], means: rejected }；在此之前按 unknown 处理，从不猜测。',
      en: 'Add a rule for such an answer to rules under deliver.options.writes (to confirm.rules, when the target was asked), such as { path: Answer/Code, equals: ["7"], means: rejected }; until then it counts as unknown and is never guessed.',
    },
    retry: 'later',
  },

  STORE_SQLITE_UNSAFE: {
    title: {
      zh: 'SQLite {version} 不安全：至少需要 {required}',
      en: 'SQLite {version} is not safe: at least {required} is needed',
    },
    hint: { zh: '按 package-lock.json 重新安装依赖。', en: 'Install the dependencies again as locked in package-lock.json.' },
    retry: 'never',
  },
  STORE_SETTING_REFUSED: {
    title: {
      zh: '存储 {file} 的 {setting} 应为 {expected}，实际为 {found}',
      en: '{setting} of store {file} must be {expected}, but is {found}',
    },
    hint: {
      zh: '存储须放在本地磁盘；网络盘不支持 WAL。',
      en: 'Keep the store on a local disk; network disks do not support WAL.',
    },
    retry: 'never',
  },
  STORE_SCHEMA_DRIFT: {
    title: {
      zh: '存储 {file} 的结构与迁移 {migration} 不符',
      en: 'the structure of store {file} differs from migration {migration}',
    },
    hint: {
      zh: '不要手工改动存储；请用对应版本的程序打开，或从备份恢复。',
      en: 'Never change the store by hand; open it with its own version, or restore a backup.',
    },
    retry: 'never',
  },
  STORE_MISSING: {
    title: { zh: '没有存储 {file}：网关还没有运行过', en: 'there is no store {file}: the gateway has not run yet' },
    hint: {
      zh: '先运行 qianzhi run；若已在别处运行，用 --config 指明它的配置文件夹。',
      en: 'Run "qianzhi run" first; if it runs elsewhere, name its configuration folder with --config.',
    },
    retry: 'never',
  },
  STORE_UNWRITABLE: {
    title: { zh: '存储 {file} 写不进去：{reason}', en: 'store {file} cannot be written: {reason}' },
    hint: {
      zh: '检查磁盘空间与权限；腾出空间后自动继续。',
      en: 'Check disk space and permissions; work goes on when there is space.',
    },
    retry: 'later',
  },
  STORE_REMOVED: {
    title: {
      zh: '存储 {file} 在运行中被删除或替换，已暂停读取',
      en: 'store {file} was removed or replaced while in use; reading pauses',
    },
    hint: {
      zh: '把原文件放回原处，或停止网关后从备份恢复。',
      en: 'Put the file back, or stop the gateway and restore a backup.',
    },
    retry: 'later',
  },
  STORE_DISK_LOW: {
    title: {
      zh: '存储 {file} 所在磁盘剩余不足 {reserveBytes} 字节，已暂停读取',
      en: 'less than {reserveBytes} bytes are free on the disk of store {file}; reading pauses',
    },
    hint: {
      zh: '腾出磁盘空间；发送照常，空间足够后自动继续读取。',
      en: 'Free disk space; sending goes on, and reading again when there is space.',
    },
    retry: 'later',
  },
  ATTACHMENT_TOO_LARGE: {
    title: { zh: '附件超过上限 {limit} 字节', en: 'the attachment has more than {limit} bytes' },
    hint: {
      zh: '附件确需更大时，调高 config/gateway.yaml 的 limits.maxAttachmentBytes（平台为 config/platform.yaml 的 attachments.maxBytes），并由来源再次给出该记录。',
      en: 'Where attachments may be larger, raise limits.maxAttachmentBytes in config/gateway.yaml (at the platform, attachments.maxBytes in config/platform.yaml), and let the record come again from its source.',
    },
    retry: 'never',
  },
  ATTACHMENT_TOO_LARGE_THERE: {
    title: {
      zh: '附件 {digest} 有 {size} 字节，接收方至多收 {limit} 字节，已停送',
      en: 'the attachment {digest} has {size} bytes, and its receiver takes {limit} at most: it is not sent on',
    },
    hint: {
      zh: '与接收方商定：调高其上限（平台 attachments.maxBytes，网关 limits.maxAttachmentBytes）后，再运行 qianzhi attachments resend（平台为 qianzhi platform attachments resend）；或改用较小的附件。',
      en: 'Agree with the receiver: have its limit raised (platform: attachments.maxBytes, gateway: limits.maxAttachmentBytes), then run qianzhi attachments resend (at the platform, qianzhi platform attachments resend); or use a smaller attachment.',
    },
    retry: 'never',
  },
  ATTACHMENT_NOT_GIVEN: {
    title: {
      zh: '消息引用附件 {digest}，文件夹 {folder} 里没有内容相符的文件，平台也没有存',
      en: 'a message names the attachment {digest}, but no file in {folder} has this content, and the platform does not keep it',
    },
    hint: {
      zh: '把该文件放进文件夹（文件名不限），或改正消息里的 digest，再运行同一命令；什么都没有发出。',
      en: 'Put the file there, whatever its name, or mend the digest in the message, then run the same command; nothing was sent.',
    },
    retry: 'never',
  },
  ATTACHMENT_MISSING: {
    title: { zh: '附件“{name}”取不到：{reason}', en: 'cannot take the attachment "{name}": {reason}' },
    hint: {
      zh: '由来源补齐附件，再次给出该记录；缺附件的记录不会送出。',
      en: 'Let its source supply the attachment and give the record again; without it the record is not sent.',
    },
    retry: 'never',
  },
  ATTACHMENT_UNREADABLE: {
    title: { zh: '附件“{name}”读不出：{reason}', en: 'cannot read the attachment "{name}": {reason}' },
    hint: {
      zh: '由来源改正附件的写法，再次给出该记录；这样的记录不会送出。',
      en: 'Let its source write the attachment as it must be and give the record again; as it is the record is not sent.',
    },
    retry: 'never',
  },
  ATTACHMENT_DAMAGED: {
    title: { zh: '附件 {digest} 在本机已损坏：{reason}', en: 'the attachment {digest} is damaged on this machine: {reason}' },
    hint: {
      zh: '检查磁盘与附件文件夹。上行的由来源再次给出该附件，或从备份恢复文件，再运行 qianzhi attachments resend；下行的由平台重送，再运行 qianzhi inbox again。',
      en: 'Check the disk and the folder of attachments. One on the way up: let the source give it again, or restore the file, then run qianzhi attachments resend; one that came down: have the platform send it again, and run qianzhi inbox again.',
    },
    retry: 'never',
  },
  ATTACHMENT_REFUSED: {
    title: {
      zh: '附件 {digest} 已送 {times} 次，平台收到的都不完整或与摘要不符',
      en: 'the attachment {digest} was sent {times} times, and each time the platform got less, or something else',
    },
    hint: {
      zh: '与平台核对，查明传输途中何处出错，再运行 qianzhi attachments resend。',
      en: 'Find out with the platform where it goes wrong, then run qianzhi attachments resend.',
    },
    retry: 'never',
  },
  ATTACHMENT_UNKNOWN: {
    title: { zh: '没有可以重送的附件 {digest}', en: 'there is no attachment {digest} that could be sent again' },
    hint: {
      zh: '用 qianzhi attachments --all 查看摘要；过了保留期的，由来源再次给出。',
      en: 'See qianzhi attachments --all for the digests; what is past its retention must come again from its source.',
    },
    retry: 'never',
  },
  BUCKET_FAILED: {
    title: { zh: '对象存储 {bucket} 用不了：{reason}', en: 'the bucket {bucket} cannot be used: {reason}' },
    hint: {
      zh: '检查地址、桶名、密钥与网络（qianzhi lint --probe）；恢复后附件自动接着送。',
      en: 'Check its address, name, keys and the network (qianzhi lint --probe); attachments go on by themselves.',
    },
    retry: 'later',
  },
  ATTACHMENT_CHUNK_INVALID: {
    title: { zh: '分块 {id} 不合规定：{reason}', en: 'the chunk {id} is none: {reason}' },
    hint: {
      zh: '分块已转入死信队列；查明发送方并改正，规定见 docs/attachments.md。',
      en: 'It went to the dead letters; find out who sends it and mend that: docs/attachments.md says what a chunk is.',
    },
    retry: 'never',
  },
  STORE_BACKLOG_FULL: {
    title: {
      zh: '待发消息已达 {waiting} 条（上限 {limit}），已暂停读取',
      en: '{waiting} messages wait for the broker (limit {limit}); reading pauses',
    },
    hint: {
      zh: '检查消息队列为何不收；恢复后自动继续读取。',
      en: 'See why the broker takes nothing; reading goes on by itself.',
    },
    retry: 'later',
  },
  STORE_IN_USE: {
    title: { zh: '存储 {file} 正被另一个网关进程使用', en: 'store {file} is in use by another gateway process' },
    hint: {
      zh: '同一存储只能运行一个网关；先停止另一个。',
      en: 'Only one gateway may run on a store; stop the other one first.',
    },
    retry: 'later',
  },
  LOG_UNWRITABLE: {
    title: { zh: '日志文件 {file} 写不进去：{reason}', en: 'log file {file} cannot be written: {reason}' },
    hint: {
      zh: '检查磁盘空间与权限；网关照常运行，其间的日志行不留存，恢复后记下条数。',
      en: 'Check disk space and permissions; the gateway goes on, the lines in between are lost and counted in the log afterwards.',
    },
    retry: 'later',
  },
  MESSAGE_UNKNOWN: {
    title: { zh: '存储中没有消息 {id}', en: 'the store holds no message {id}' },
    hint: {
      zh: '核对编号（系统:办件:类型:序号:状态:版本）；早于留存期限的消息已删除。',
      en: 'Check the id (system:case:type:sequence:state:version); messages older than the retention are deleted.',
    },
    retry: 'never',
  },
  RECORD_UNKNOWN: {
    title: { zh: '存储中没有编号 {seq} 的记录', en: 'the store holds no record {seq}' },
    hint: {
      zh: '编号见回执、日志或 qianzhi quarantine list；早于留存期限的记录已删除。',
      en: 'Numbers are in receipts, the log and qianzhi quarantine list; records older than the retention are deleted.',
    },
    retry: 'never',
  },
  RECORD_EXPIRED: {
    title: {
      zh: '记录 {seq} 的原文已过留存期限，无法重算',
      en: 'the body of record {seq} is past its retention: nothing can be recomputed',
    },
    hint: {
      zh: '在隔离中的，请来源系统再报一次，原文随即恢复，然后重放；其余的从存储的备份中查看。留存期限见 retention。',
      en: 'One in quarantine has its body again as soon as its source sends it again: then replay it. Look for others in a backup of the store; the setting is retention.',
    },
    retry: 'never',
  },
  SAMPLE_REFUSED: {
    title: { zh: '记录 {seq} 不能做成样例：{reason}', en: 'no sample can be made of record {seq}: {reason}' },
    hint: {
      zh: '什么都没有写出；可参照 docs/mapping.md 手工编写样例，不得含个人信息。',
      en: 'Nothing was written; write the sample by hand as docs/mapping.md shows, without personal data.',
    },
    retry: 'never',
  },
  FIELD_UNKNOWN: {
    title: { zh: '消息 {type} 没有字段“{field}”。{suggestion}', en: 'message {type} has no field "{field}". {suggestion}' },
    hint: {
      zh: '字段写成 /content/applicant/name 或 applicant.name；见 docs/reference/messages.md。',
      en: 'A field is written /content/applicant/name or applicant.name; docs/reference/messages.md lists them.',
    },
    retry: 'never',
  },
  QUARANTINE_NOT_FOUND: {
    title: { zh: '隔离区没有编号 {seq} 的待处理记录', en: 'quarantine holds no open record {seq}' },
    hint: { zh: '用 qianzhi quarantine list 查看。', en: 'See qianzhi quarantine list.' },
    retry: 'never',
  },
  COMMAND_USAGE: {
    title: { zh: '命令用法有误：{reason}', en: 'wrong use of the command: {reason}' },
    hint: { zh: '加 --help 查看用法与示例。', en: 'Add --help for usage and examples.' },
    retry: 'never',
  },
  FLOW_DIVERGED: {
    title: { zh: '流程 {flow} 没有照应有的样子进行：{reason}', en: 'flow {flow} did not go as it must: {reason}' },
    hint: {
      zh: '演示的文件夹（开头一行写明）是完整的配置：用 qianzhi books、inbox list、quarantine list 加 --config 查看。',
      en: 'The folder of the demonstration (named on its first line) is a whole configuration: look with qianzhi books, inbox list and quarantine list and --config.',
    },
    retry: 'never',
  },
  UNEXPECTED: {
    title: { zh: '程序内部错误：{reason}', en: 'internal error: {reason}' },
    hint: { zh: '数据未丢失；请把日志交给开发者。', en: 'No data is lost; please give the log to the developers.' },
    retry: 'later',
  },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue
export const errorCodes: readonly string[] = Object.keys(catalogue)

type Placeholder<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholder<Rest> : never

/** The values an error code needs, taken from its own title. A `Text` is shown in the reader's language. */
export type ErrorValues<C extends ErrorCode> = Record<Placeholder<(typeof catalogue)[C]['title']['zh']>, string | number | Text>

const fill = (template: string, values: Record<string, string | number | Text>, language: keyof Text): string =>
  template
    .replace(/\{(\w+)\}/g, (_, name: string) => {
      // What an earlier version stored may lack a value that a sentence of now shows.
      const value = values[name] ?? ''
      return typeof value === 'object' ? value[language] : String(value)
    })
    // A sentence begins with the place, where there is one.
    .trimStart()

/**
 * The one error class. `code` names the catalogue entry; `message` holds the Chinese and the English sentence.
 * Contract: values never carry a secret, and personal data only masked.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly text: Text
  readonly values: Record<string, string | number | Text>

  private constructor(code: ErrorCode, values: Record<string, string | number | Text>, options?: { cause?: unknown }) {
    const { title } = catalogue[code]
    const text = { zh: fill(title.zh, values, 'zh'), en: fill(title.en, values, 'en') }
    super(`${text.zh} / ${text.en}`, options)
    this.code = code
    this.text = text
    this.values = values
  }

  static of<C extends ErrorCode>(code: C, values: ErrorValues<C>, options?: { cause?: unknown }): GatewayError {
    return new GatewayError(code, values, options)
  }

  /** The same error again, from what was stored of it. */
  static again(code: ErrorCode, values: Record<string, string | number | Text>, options?: { cause?: unknown }): GatewayError {
    return new GatewayError(code, values, options)
  }

  get hint(): Text {
    return catalogue[this.code].hint
  }

  get retry(): 'later' | 'never' {
    return catalogue[this.code].retry
  }
}

/** Wraps what was thrown by the world or by a bug, so that every person sees a code, a sentence and a next step. */
export const toGatewayError = (thrown: unknown): GatewayError =>
  thrown instanceof GatewayError
    ? thrown
    : GatewayError.of('UNEXPECTED', { reason: thrown instanceof Error ? thrown.message : String(thrown) }, { cause: thrown })
