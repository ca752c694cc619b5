/** The certificates of the listener. */
import { constants, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { type AdapterContext, GatewayError, systemReason } from '../../core/contract.ts'
import type { HttpOptions } from './options.ts'

const read = async (baseFolder: string, name: string): Promise<Buffer> => {
  try {
    return await readFile(resolve(baseFolder, name))
  } catch (cause) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file: name, reason: systemReason(cause) }, { cause })
  }
}

/** For the server of Node. Throws CONFIG_UNREADABLE, and SOURCE_OPTIONS_INVALID for files that are no certificate and key of one pair. */
export const readCertificates = async (tls: NonNullable<HttpOptions['tls']>, { baseFolder, system }: AdapterContext) => {
  const [cert, key] = await Promise.all([read(baseFolder, tls.cert), read(baseFolder, tls.key)])
  const ca = tls.clientCa === undefined ? undefined : await read(baseFolder, tls.clientCa)
  const given = {
    cert,
    key,
    ...(tls.passphrase !== undefined && { passphrase: tls.passphrase }),
    // Who shows no good certificate is answered by HTTP, which says why. No session is resumed: each connection shows its own.
    ...(ca && { ca, requestCert: true, rejectUnauthorized: false, secureOptions: constants.SSL_OP_NO_TICKET }),
  }
  try {
    createSecureContext(given)
    if (ca) new X509Certificate(ca)
    return { given, certificate: new X509Certificate(cert) }
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    const reason = { zh: `证书或私钥不可用：${said}`, en: `certificate or key cannot be used: ${said}` }
    throw GatewayError.of('SOURCE_OPTIONS_INVALID', { system, reason }, { cause })
  }
}
