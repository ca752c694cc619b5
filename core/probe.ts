import { type GatewayError, type Text, toGatewayError } from './errors.ts'

export interface ProbeStep {
  name: Text
  ok: boolean
  /** What was found, for the operator: a version, a count. Never a secret or personal data. */
  detail?: string
  error?: GatewayError
}

/** The steps of a probe. `step` runs one, keeps what came of it, and resolves with whether it went well; it never rejects. */
export const createProbeSteps = () => {
  const steps: ProbeStep[] = []
  const step = async (name: Text, work: () => Promise<string>): Promise<boolean> => {
    try {
      steps.push({ name, ok: true, detail: await work() })
      return true
    } catch (error) {
      steps.push({ name, ok: false, error: toGatewayError(error) })
      return false
    }
  }
  return { steps, step }
}
