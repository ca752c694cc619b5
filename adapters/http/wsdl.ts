/** The WSDL 1.1 of a SOAP stream, with a port for each version of SOAP, document/literal. */
import type { SoapStreamOptions } from './options.ts'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const anyContent = '<xs:any minOccurs="0" maxOccurs="unbounded" namespace="##any" processContents="skip"/>'

const receipts =
  '<xs:element name="receipt" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>' +
  '<xs:element name="key" type="xs:string"/><xs:element name="outcome" type="xs:string"/><xs:element name="recordSeq" type="xs:long"/>' +
  '</xs:sequence></xs:complexType></xs:element>'

const element = (name: string, content: string): string =>
  `<xs:element name="${name}"><xs:complexType><xs:sequence>${content}</xs:sequence></xs:complexType></xs:element>`

/** ASCII only but for the address and the names of the options. `address`: where the stream itself is posted to. */
export const writeWsdl = ({ kind, operation, namespace }: SoapStreamOptions, address: string, charset: string): string => {
  const [asked, answered] =
    kind === 'typed'
      ? [anyContent, receipts]
      : ['<xs:element name="xml" type="xs:string"/>', '<xs:element name="return" type="xs:string"/>']
  const binding = (prefix: string, name: string): string =>
    `<wsdl:binding name="${name}" type="tns:Push"><${prefix}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>` +
    `<wsdl:operation name="${operation}"><${prefix}:operation soapAction="" style="document"/>` +
    `<wsdl:input><${prefix}:body use="literal"/></wsdl:input><wsdl:output><${prefix}:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>`
  const port = (prefix: string, name: string): string =>
    `<wsdl:port name="${name}" binding="tns:${name}"><${prefix}:address location="${escaped(address)}"/></wsdl:port>`
  return `<?xml version="1.0" encoding="${charset}"?>
<wsdl:definitions name="PushService" targetNamespace="${escaped(namespace)}" xmlns:tns="${escaped(namespace)}"
  xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/">
<wsdl:types><xs:schema targetNamespace="${escaped(namespace)}" elementFormDefault="qualified">
${element(operation, asked)}
${element(`${operation}Response`, answered)}
</xs:schema></wsdl:types>
<wsdl:message name="Asked"><wsdl:part name="parameters" element="tns:${operation}"/></wsdl:message>
<wsdl:message name="Answered"><wsdl:part name="parameters" element="tns:${operation}Response"/></wsdl:message>
<wsdl:portType name="Push"><wsdl:operation name="${operation}"><wsdl:input message="tns:Asked"/><wsdl:output message="tns:Answered"/></wsdl:operation></wsdl:portType>
${binding('soap', 'Soap11')}
${binding('soap12', 'Soap12')}
<wsdl:service name="PushService">${port('soap', 'Soap11')}${port('soap12', 'Soap12')}</wsdl:service>
</wsdl:definitions>
`
}
