/** What a competitor is told to do, in a process of its own, and what it answers. */

export interface DatabaseSource {
  kind: 'db'
  database: string
  table: string
}

export interface SoapSource {
  kind: 'soap'
  endpoint: string
  wsdl: string
  pageSize: number
}

export interface FileSource {
  kind: 'file'
  folder: string
}

export interface Assignment {
  competitor: 'gateway' | 'bare'
  source: DatabaseSource | SoapSource | FileSource
  department: { code: string; name: string; region: string }
  /** Prefix of the exchange and of the queues, which stand already. */
  prefix: string
  /** It is done when the broker has confirmed so many. */
  messages: number
  /** Messages in flight without a confirm, at most. */
  window: number
  /** A folder of its own. */
  scratch: string
  /** Of the gateway: the pause between two looks at the source, and how late a row may be committed. */
  every: string
  overlap: string
}

export interface Report {
  /** From before the first connection is opened to the last confirm. */
  ms: number
  /** User and system time of the process in that span, in microseconds. */
  cpuUs: number
  /** Most memory the process ever had (VmHWM), in bytes. */
  peakRssBytes: number
}

/** Made ready without touching source or broker: loading programs and configuration is not measured. */
export interface Competitor {
  /** Resolves with the last confirm. Rejects for anything but success. */
  go(): Promise<void>
  close(): Promise<void>
}

export const partitions = 4
