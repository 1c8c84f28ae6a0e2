import { checkTls } from '@sallyport/tls-check';
import type { TlsFindings } from '@sallyport/tls-check';
import { sharedCluster } from '../src/cluster-facts';
import { endpointOf } from '../src/dialling';

describe('the TLS of the public listener', () => {
  let findings: TlsFindings;

  beforeAll(async () => {
    const url = new URL(sharedCluster().gatewayUrl);
    findings = await checkTls({ ...endpointOf(url), serverName: url.hostname });
  });

  it.each(['SSL 3.0', 'TLS 1.0', 'TLS 1.1'] as const)('refuses %s', (version) => {
    expect(findings.suites[version]).toEqual([]);
  });

  it('takes these suites of TLS 1.2, and no other of all that ever were', () => {
    expect(findings.suites['TLS 1.2']).toEqual([
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
    ]);
  });

  it('takes these suites of TLS 1.3', () => {
    expect(findings.suites['TLS 1.3']).toEqual([
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
    ]);
  });

  it('keeps what was recorded closed to a key that leaks later', () => {
    expect(findings.forwardSecrecyOnly).toBe(true);
  });

  it('does not begin again because a client asks', () => {
    expect(findings.renegotiates).toBe(false);
  });

  it('compresses nothing, beats for nobody, and is not talked down to an older version', () => {
    expect(findings).toMatchObject({ compresses: false, heartbeat: false, refusesFallback: true });
  });

  it('speaks HTTP/1.1, and no HTTP/2', () => {
    expect(findings.alpn).toEqual({ 'h2 and http/1.1': 'http/1.1', 'h2 alone': 'refused' });
  });

  it('answers nothing in clear, and HSTS for a year with all subdomains otherwise', () => {
    expect(findings.answersInClear).toBe(false);
    expect(findings.hsts).toBe('max-age=31536000; includeSubDomains');
  });
});
