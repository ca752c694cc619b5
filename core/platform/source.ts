import type { Stamp } from '../canonical/index.ts'
import type { Sender } from './config.ts'

/** The source that messages of the platform itself name. */
export const platformSource = ({ system, department }: Sender): Stamp['source'] => ({
  system,
  department: department.code,
  departmentName: department.name,
  region: department.region,
  adapter: 'platform',
  mapping: 'platform',
  mappingVersion: '1',
})
