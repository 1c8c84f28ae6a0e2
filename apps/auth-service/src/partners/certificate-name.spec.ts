import { parseCertificateName } from './certificate-name';

describe('parseCertificateName', () => {
  it.each([
    ...['', 'dns:', 'uri:', 'api.acme.example', 'dns', ':api.acme.example', 'cn:api.acme.example'],
    ...['email:ops@acme.example', 'ip:192.0.2.1', 'dns:*.acme.example', 'dns:*', 'dns:acme'],
    ...['dns:api.acme.example.', 'dns:.acme.example', 'dns:api..acme.example', 'dns:-a.example'],
    ...[
      'dns:a_b.example',
      'dns:api.acme.example ',
      ' dns:api.acme.example',
      'dns:api.acme.example\0',
    ],
    ...[
      'dns:api.acme.example\n',
      'dns:\u0430pi.acme.example',
      'dns:api.acme.example,dns:b.example',
    ],
    ...[`dns:${'a'.repeat(64)}.example`, `dns:${'a.'.repeat(126)}example`],
    ...['uri:acme', 'uri:/api', 'uri://acme.example', 'uri:https:', 'uri:https://', 'uri:1a:b'],
    ...['uri:https://*.acme.example', 'uri:https://user@acme.example/', 'uri:https://a b/'],
    ...['uri:https://acme.example/\u00e9', 'uri:https://acme.example/"', 'uri:https://a/\n'],
    `uri:https://${'a'.repeat(2048)}`,
  ])('takes no %j', (text) => {
    expect(parseCertificateName(text)).toBeUndefined();
  });

  it.each([
    ['dns:api.acme.example', 'dns:api.acme.example'],
    ['DNS:API.Acme.Example', 'dns:api.acme.example'],
    ['dns:xn--bcher-kva.example', 'dns:xn--bcher-kva.example'],
    ['uri:HTTPS://Acme.Example/API?a=B#C', 'uri:https://acme.example/API?a=B#C'],
    ['URI:urn:Acme:API', 'uri:urn:Acme:API'],
    ['uri:spiffe://Acme.example/ns/A', 'uri:spiffe://acme.example/ns/A'],
  ])('reads %j as %j', (text, name) => {
    expect(parseCertificateName(text)).toBe(name);
    expect(parseCertificateName(name)).toBe(name);
  });

  it('keeps apart what differs where case counts', () => {
    expect(parseCertificateName('uri:urn:acme:api')).not.toBe(
      parseCertificateName('uri:urn:acme:API'),
    );
  });
});
