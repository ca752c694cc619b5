/** What systems have for themselves alone, such as ports: one name, one system. */
import { GatewayError } from '../errors.ts'

export interface Claim {
  system: string
  /** The same for whatever adapter. */
  name: string
  /** Where it is written, as file, line and column. */
  at: string
  key: string
  found: string
}

/** Each claim that another system has made before, as a mistake of the later one. */
export const findSharedClaims = (claims: readonly Claim[]): { system: string; problem: GatewayError }[] => {
  const owners = new Map<string, string>()
  return claims.flatMap(({ system, name, at, key, found }) => {
    const owner = owners.get(name) ?? system
    owners.set(name, owner)
    if (owner === system) return []
    const expected = { zh: `系统 ${owner} 已用 ${name}，须另选`, en: `system ${owner} has ${name} already: choose another` }
    return [{ system, problem: GatewayError.of('CONFIG_VALUE_INVALID', { at, key, found, expected }) }]
  })
}
