/** SOAP messages as departments and their services write them, also with contents beside them (MTOM: XOP in multipart/related). */

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

/** A service whose operation `list` answers `listResponse`. */
export const listWsdl = `<?xml version="1.0"?>
<definitions targetNamespace="urn:t" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:t" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema">
<message name="in"><part name="from" type="x:string"/></message><message name="out"><part name="r" type="x:string"/></message>
<portType name="P"><operation name="list"><input message="t:in"/><output message="t:out"/></operation></portType>
<binding name="B" type="t:P"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="list"><s:operation soapAction=""/><input><s:body use="literal" namespace="urn:t"/></input><output><s:body use="literal" namespace="urn:t"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><s:address location="http://127.0.0.1:1/"/></port></service></definitions>`
