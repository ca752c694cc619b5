/** SOAP messages as departments write them, with their contents beside them (MTOM: XOP in multipart/related). */

export const envelope = (body: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`

export const include = (href: string): string => `<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:${href}"/>`

export const mtom = (parts: [head: string, content: string | Buffer][], end = '--m--\r\n'): Buffer =>
  Buffer.concat([
    ...parts.flatMap(([head, content]) => [Buffer.from(`--m\r\n${head}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]),
    Buffer.from(end),
  ])

export const mtomType = 'multipart/related; type="application/xop+xml"; start="<root>"; start-info="text/xml"; boundary=m'
export const root = (body: string): [string, string] => [
  'Content-Type: application/xop+xml; charset=UTF-8; type="text/xml"\r\nContent-ID: <root>',
  envelope(body),
]
export const part = (id: string, more = ''): string => `Content-Type: application/pdf\r\nContent-ID: <${id}>${more}`
