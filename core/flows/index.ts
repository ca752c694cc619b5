import { escalation } from './escalation.ts'
import { jointReview } from './joint-review.ts'
import { oneForm } from './one-form.ts'
import { remoteApplication } from './remote-application.ts'
import type { Flow } from './stage.ts'
import { supervision } from './supervision.ts'

/** The flows of the city's plan that can be played. */
export const flows: readonly Flow[] = [remoteApplication, jointReview, escalation, oneForm, supervision]
