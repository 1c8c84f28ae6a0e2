import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import {
  validFor,
  webRootProfile,
  webServerProfile,
  workloadProfile,
  type CertificateProfile,
} from './certificate-profile';
import { spiffeIdOfCertificate, SpiffeId } from '@sallyport/workload-identity';
import { issueCertificate, privateKeyPem, type IssuedCertificate } from './issue-certificate';

const validity = validFor(3_600_000, new Date());

describe('the public certificate', () => {
  let root: IssuedCertificate;

  beforeAll(async () => {
    root = await issueCertificate(webRootProfile(validity));
  });

  const visit = async (profile: CertificateProfile, hostname: string): Promise<void> => {
    const issued = await issueCertificate(profile, root);
    const server = createServer({ cert: issued.certificatePem, key: privateKeyPem(issued) });
    server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const socket = connect({
      ...{ host: '127.0.0.1', port, servername: /[a-z]/.test(hostname) ? hostname : '' },
      ca: root.certificatePem,
      checkServerIdentity: (_host, certificate) =>
        certificate.subjectaltname?.includes(hostname)
          ? undefined
          : new Error(`not for ${hostname}: ${certificate.subjectaltname}`),
    });
    await once(socket, 'secureConnect').finally(() => {
      socket.destroy();
      server.close();
    });
  };

  it.each([
    ['another DNS name', { type: 'dns', value: 'bank.example' } as const],
    ['another address', { type: 'ip', value: '10.0.0.1' } as const],
  ])('is refused for %s, because its root may not vouch for that', async (_case, name) => {
    const profile = { ...webServerProfile(validity), alternativeNames: [name] };
    await expect(visit(profile, name.value)).rejects.toThrow('permitted subtree violation');
  });

  it('is accepted for localhost and both loopback addresses', async () => {
    await visit(webServerProfile(validity), 'localhost');
    await visit(webServerProfile(validity), '127.0.0.1');
    await visit(webServerProfile(validity), '0:0:0:0:0:0:0:1');
  });
});

describe('issueCertificate', () => {
  it('issues a leaf without a subject, whose names are critical then', async () => {
    const id = SpiffeId.parse('spiffe://sallyport.internal/ns/sallyport/sa/gateway');
    const profile = { ...workloadProfile(id, validity), subject: '' };
    const { certificate } = await issueCertificate(profile);
    expect(spiffeIdOfCertificate(certificate).equals(id)).toBe(true);
  });
});
