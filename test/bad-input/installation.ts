/** A gateway's folder in which nothing is wrong. */
export const installation: Record<string, string> = {
  'config/gateway.yaml': `store: { file: ../data/gateway.db, reserveBytes: 0 }
transport:
  kind: rabbitmq
  urls: ["amqps://broker.example:5671/qianzhi"]
  username: gateway
  window: 500
limits: { maxWaiting: 1000 }
retry: { first: 1s, longest: 1m }
log: { level: info }
`,
  'config/adapters/one.yaml': `department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: file
mapping: dept/one
schedule: { every: 10s }
options:
  folder: ../in
  format: xml
  records: Records/*
  stream: "{element}"
  key: [SBLSH]
`,
  'mappings/dept/one.yaml': `codes:
  kind: { "1": natural, "2": enterprise }
case: { sourceCaseNo: SBLSH }
events:
  - type: application.received
    when: { path: $stream, equals: SB }
    content:
      receivedAt: { from: SBSJ, date: yyyy-MM-dd HH:mm:ss }
      applicant: { name: SQRMC, kind: { from: SQRLX, codes: kind } }
`,
}

/** A system that reads a database. */
export const databaseYaml = `department: { code: 12150902PDY00001X4, name: 示例中心, region: "150902" }
adapter: db
mapping: dept/one
options:
  engine: postgresql
  connection: { host: db.example, database: spxt, user: reader, password: { env: DB_PASSWORD } }
  streams:
    - { table: SB, key: [SBLSH], mode: watermark, watermark: { column: GXSJ, kind: time } }
`
