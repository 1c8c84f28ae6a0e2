import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  errorWith,
  mintAuthority,
  mintLeaf,
  ORDERS,
  uriNames,
  type MintOptions,
} from './certificate.fixture';
import { spiffeIdOfCertificate } from './svid-profile';

const { digitalSignature, keyAgreement, keyCertSign, cRLSign } = x509.KeyUsageFlags;
const { serverAuth, clientAuth, codeSigning } = x509.ExtendedKeyUsage;
const usage = (flags: readonly x509.KeyUsageFlags[], critical = true): MintOptions => ({
  parts: {
    keyUsage: new x509.KeyUsagesExtension(
      flags.reduce((all, flag) => all | flag),
      critical,
    ),
  },
});
const purposes = (...oids: string[]): MintOptions => ({
  parts: { extendedKeyUsage: new x509.ExtendedKeyUsageExtension(oids) },
});
const names = (extension?: x509.Extension): MintOptions => ({ parts: { names: extension } });
const dns = (critical: boolean): x509.Extension =>
  new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }], critical);
const authority = (): MintOptions => ({
  parts: { basicConstraints: new x509.BasicConstraintsExtension(true, undefined, true) },
});
const NULL = Buffer.from('0500', 'hex');

describe('spiffeIdOfCertificate', () => {
  it.each<[string, MintOptions, string]>([
    ['no subject alternative name', names(), 'svid_uri_san_missing'],
    ['only a DNS name', names(dns(false)), 'svid_uri_san_missing'],
    ['two URI SANs', names(uriNames(ORDERS, `${ORDERS}2`)), 'svid_uri_san_multiple'],
    ['the same URI SAN twice', names(uriNames(ORDERS, ORDERS)), 'svid_uri_san_multiple'],
    ['a web address beside the id', names(uriNames(ORDERS, 'https://a')), 'svid_uri_san_multiple'],
    ['two SAN extensions', { more: [uriNames(ORDERS)] }, 'svid_malformed'],
    ['a URI that is no SPIFFE ID', names(uriNames('https://a/b')), 'svid_spiffe_id_invalid'],
    ['an id with a NUL', names(uriNames(`${ORDERS}\0`)), 'svid_spiffe_id_invalid'],
    ['an id without a path', names(uriNames('spiffe://sallyport.internal')), 'svid_path_missing'],
    ['cA true', authority(), 'svid_is_ca'],
    ['no key usage', { parts: { keyUsage: undefined } }, 'svid_key_usage'],
    ['a key usage that is not critical', usage([digitalSignature], false), 'svid_key_usage'],
    ['no digitalSignature', usage([keyAgreement]), 'svid_key_usage'],
    ['keyCertSign', usage([digitalSignature, keyCertSign]), 'svid_key_usage'],
    ['cRLSign', usage([digitalSignature, cRLSign]), 'svid_key_usage'],
    ['only serverAuth', purposes(serverAuth), 'svid_ext_key_usage'],
    ['only clientAuth', purposes(clientAuth), 'svid_ext_key_usage'],
    ['another purpose only', purposes(codeSigning), 'svid_ext_key_usage'],
    ['no subject and a SAN that is not critical', { subject: '' }, 'svid_san_not_critical'],
    [
      'a critical extension nobody evaluates',
      { more: [new x509.Extension('1.2.3.4', true, NULL)] },
      'svid_extension_refused',
    ],
    [
      'name constraints, critical or not',
      { more: [new x509.Extension('2.5.29.30', false, NULL)] },
      'svid_extension_refused',
    ],
  ])('refuses %s', async (_case, options, code) => {
    const { der } = await mintLeaf(ORDERS, undefined, options);
    expect(() => spiffeIdOfCertificate(der)).toThrow(errorWith(code));
  });

  it('refuses an authority certificate', async () => {
    const { der } = await mintAuthority();
    expect(() => spiffeIdOfCertificate(der)).toThrow(errorWith('svid_is_ca'));
  });

  it('refuses what is not exactly one certificate', async () => {
    const { der } = await mintLeaf(ORDERS);
    const malformed = [
      Buffer.alloc(0),
      Buffer.from('garbage'),
      der.subarray(0, -1),
      Buffer.concat([der, Buffer.alloc(1)]),
      Buffer.concat([der, der]),
    ];
    for (const bytes of malformed) {
      expect(() => spiffeIdOfCertificate(bytes)).toThrow(errorWith('svid_malformed'));
    }
  });

  it.each<[string, MintOptions]>([
    ['the usual profile', {}],
    ['no extended key usage', { parts: { extendedKeyUsage: undefined } }],
    ['no basic constraints', { parts: { basicConstraints: undefined } }],
    ['further key usages', usage([digitalSignature, keyAgreement])],
    ['further purposes', purposes(serverAuth, clientAuth, codeSigning)],
    [
      'other names beside the one URI',
      names(
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'url', value: ORDERS },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ),
    ],
    [
      'no subject and a critical SAN',
      {
        subject: '',
        ...names(new x509.SubjectAlternativeNameExtension([{ type: 'url', value: ORDERS }], true)),
      },
    ],
    [
      'an unknown extension that is not critical',
      { more: [new x509.Extension('1.2.3.4', false, NULL)] },
    ],
  ])('takes the id from a leaf with %s', async (_case, options) => {
    const { der } = await mintLeaf(ORDERS, undefined, options);
    expect(spiffeIdOfCertificate(der).toString()).toBe(ORDERS);
  });
});
