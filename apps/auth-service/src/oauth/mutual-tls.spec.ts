import { parseCertificateName } from '../partners/certificate-name';
import { parseDistinguishedName } from '@sallyport/workload-identity';
import { isNamed } from './mutual-tls';

const names = ['dns:api.acme.example', 'uri:urn:acme:settler', 'uri:https://acme.example/Settler']
  .map(parseCertificateName)
  .filter((name) => name !== undefined);
const certificate = { names, subject: parseDistinguishedName('CN=settler,O=Acme') };

const DNS = 'tls_client_auth_san_dns';
const URI = 'tls_client_auth_san_uri';
const DN = 'tls_client_auth_subject_dn';

describe('a certificate is not named', () => {
  it.each([
    [DNS, 'acme.example'],
    [DNS, 'a.api.acme.example'],
    [DNS, '*.acme.example'],
    [DNS, 'api.acme.example.'],
    [DNS, 'api.acme.example\0'],
    [DNS, 'dns:api.acme.example'],
    [DNS, 'urn:acme:settler'],
    [DNS, ''],
    [URI, 'urn:acme'],
    [URI, 'urn:acme:settler:more'],
    [URI, 'https://acme.example/settler'],
    [URI, 'api.acme.example'],
    [URI, '*'],
    [DN, 'CN=settler'],
    [DN, 'O=Acme,CN=settler'],
    [DN, 'CN=Settler,O=Acme'],
    [DN, 'settler'],
    [DN, ''],
    ['tls_client_auth_san_ip', '192.0.2.1'],
    ['tls_client_auth_san_email', 'settler@acme.example'],
    ['tls_client_auth', 'api.acme.example'],
  ])('by %s as %j', (property, expected) => {
    expect(isNamed(certificate, property, expected)).toBe(false);
    expect(isNamed(certificate, DNS, 'api.acme.example')).toBe(true);
  });

  it('by a subject when it has none', () => {
    const nameless = { names: [], subject: undefined };
    for (const expected of ['', 'settler', 'CN=settler'])
      expect(isNamed(nameless, DN, expected)).toBe(false);
  });
});

it.each([
  [DNS, 'api.acme.example'],
  [DNS, 'API.acme.example'],
  [URI, 'urn:acme:settler'],
  [URI, 'HTTPS://Acme.example/Settler'],
  [DN, 'CN=settler,O=Acme'],
])('a certificate is named by %s as %j', (property, expected) => {
  expect(isNamed(certificate, property, expected)).toBe(true);
});
