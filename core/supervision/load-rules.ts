import { checkAgainst } from '../config/check.ts'
import { GatewayError, type Text } from '../errors.ts'
import { readYaml, type YamlPath } from '../yaml.ts'
import { rulesSchema, type SupervisionRules } from './rules.ts'

/** Reads the rules; all mistakes are added to `problems`, and then there are none. */
export const loadRules = (path: string, shownAs: string, problems: GatewayError[]): SupervisionRules | undefined => {
  const yaml = readYaml(path, shownAs)
  const before = problems.length
  const value = (yaml.value ?? {}) as SupervisionRules
  problems.push(...checkAgainst(rulesSchema, value, yaml))
  if (problems.length > before) return undefined
  const say = (path: YamlPath, found: string, expected: Text): void => {
    const at = ['rules', ...path]
    problems.push(GatewayError.of('CONFIG_VALUE_INVALID', { at: yaml.at(at), key: at.join('.'), found, expected }))
  }
  for (const [index, { no, scope, stages, when }] of value.rules.entries()) {
    if (value.rules.findIndex((other) => other.no === no) !== index)
      say([index, 'no'], no, { zh: '此编号已有一条规则', en: 'there is a rule with this number already' })
    if (scope === 'refusal' && when)
      say([index, 'when'], JSON.stringify(when), {
        zh: 'refusal 没有时限，不写 when',
        en: 'a refusal has no limit: leave out when',
      })
    if (scope !== 'refusal' && !when)
      say([index], no, { zh: '须写 when：percent、left 或 over', en: 'needs when: percent, left or over' })
    if (scope !== 'stage' && stages)
      say([index, 'stages'], stages.join(), { zh: '只有 scope: stage 才写 stages', en: 'stages goes with scope: stage only' })
  }
  return problems.length > before ? undefined : value
}
