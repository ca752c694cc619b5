/** Attachments as messages name them: by digest, in a material, a document or a seal. */

/** A quote inside of a text is written with a backslash before it, so that this is never found there. */
const named = /"digest":"(sha256:[0-9a-f]{64})"/g

/** The digests that the body of a message names, each once. */
export const digestsIn = (body: Buffer): string[] => {
  if (!body.includes('"digest":"sha256:')) return []
  return [...new Set([...body.toString().matchAll(named)].map(([, digest]) => digest!))]
}
