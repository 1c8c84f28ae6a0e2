import { EventEmitter, once } from 'node:events';
import type { RequestOptions, Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import {
  FakeCa,
  FakePartnerCa,
  RecordedSecurityEvents,
  SERVER_AUTH,
  type FakePartnerCertificate,
} from '@sallyport/testing';
import { send, type Sent } from '../gateway.fixture';
import { createPublicServer } from '../listener/public-server';
import { computeSecurityHeaders } from '../listener/security-headers';
import { admitPartners } from './admit-partners';
import { PartnerAuthorities } from './partner-authorities';

const HOUR_MS = 3_600_000;
const PRODUCTS = { path: '/products' };

let ca: FakePartnerCa;
let stranger: FakePartnerCa;
let workloads: FakeCa;
let acme: FakePartnerCertificate;
let server: Server;
let port: number;
let handled = 0;
const events = new RecordedSecurityEvents();

beforeAll(async () => {
  [ca, stranger] = await Promise.all([FakePartnerCa.create(), FakePartnerCa.create()]);
  workloads = await FakeCa.create();
  acme = await ca.issue();
});
// Each its own: events are thinned out by address block and reason.
beforeEach(async () => {
  const { certificateChainPem: cert, privateKeyPem: key } = await workloads.issueSvid('gateway');
  const headers = await computeSecurityHeaders();
  const partnerAuthorities = PartnerAuthorities.parse(ca.pem);
  server = createPublicServer(
    { certificate: { cert, key }, headers, events, partnerAuthorities },
    (_request, response) => {
      handled += 1;
      response.end('handled');
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo);
  events.clear();
  handled = 0;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const from = (hours: number, until: number) => ({
  notBefore: new Date(Date.now() + hours * HOUR_MS),
  notAfter: new Date(Date.now() + until * HOUR_MS),
});

type Presented = () => ConnectionOptions | Promise<ConnectionOptions>;

const REFUSED: readonly (readonly [what: string, presented: Presented, reason: string])[] = [
  ['no certificate', () => ({}), 'tls_certificate_missing'],
  ['one of another authority', () => stranger.issue(), 'tls_certificate_untrusted'],
  [
    'an internal SVID',
    async () => {
      const { certificateChainPem: cert, privateKeyPem: key } =
        await workloads.issueSvid('gateway');
      return { cert, key };
    },
    'tls_certificate_untrusted',
  ],
  ['an expired one', () => ca.issue(undefined, from(-2, -1)), 'tls_certificate_expired'],
  [
    'one that is not valid yet',
    () => ca.issue(undefined, from(1, 2)),
    'tls_certificate_not_yet_valid',
  ],
  [
    'an authority that may authenticate',
    () =>
      ca.issue(undefined, {
        basicConstraints: { ca: true },
        keyUsage: ['digitalSignature', 'keyCertSign'],
      }),
    'tls_certificate_is_authority',
  ],
  ['that of the authority itself', () => ca.itself, 'tls_certificate_purpose'],
  [
    'one for servers',
    () => ca.issue(undefined, { extendedKeyUsage: [SERVER_AUTH] }),
    'tls_certificate_purpose',
  ],
  [
    'one that says nothing of its purpose',
    () => ca.issue(undefined, { extendedKeyUsage: [] }),
    'tls_certificate_purpose',
  ],
];

describe('a connection is refused with', () => {
  it.each(REFUSED.filter(([, , reason]) => reason !== ''))(
    '%s',
    async (_what, presented, reason) => {
      const tls = await presented();
      await expect(sendAs(tls, PRODUCTS)).rejects.toThrow();
      await expect(sendAs({ ...tls, maxVersion: 'TLSv1.2' }, PRODUCTS)).rejects.toThrow();
      expect(events.all).toEqual([
        expect.objectContaining({
          type: 'transport',
          outcome: 'refused',
          reason,
          clientAddress: '127.0.0.1',
        }),
      ]);
      expect(handled).toBe(0);

      expect(await sendAs(acme, PRODUCTS)).toMatchObject({ status: 200 });
    },
  );

  it('a version before TLS 1.2', async () => {
    const tls = { ...acme, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    await expect(sendAs({ ...tls, ciphers: 'DEFAULT:@SECLEVEL=0' }, PRODUCTS)).rejects.toThrow();
    expect(await sendAs(acme, PRODUCTS)).toMatchObject({ status: 200 });
  });
});

describe('no session is resumed', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('in %s', async (version) => {
    const session = await sessionOf(version);
    const again = await handshake(version, { session });
    const reused = again.isSessionReused();
    const certificate = again.getPeerX509Certificate();
    again.destroy();
    expect(reused).toBe(false);
    expect(certificate).toBeDefined();
  });

  it('and without a certificate a session is worth nothing', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const session = await sessionOf(version);
      const tls = { session, minVersion: version, maxVersion: version };
      await expect(sendAs(tls, PRODUCTS)).rejects.toThrow();
    }
  });
});

it('has what every listener here has', async () => {
  const answer = await sendAs(acme, PRODUCTS);
  expect(answer.headers).toMatchObject({
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  expect(await sendAs(acme, { path: '//products' })).toMatchObject({ status: 400 });
});

const sendAs = (tls: RequestOptions, sent: Sent) => send(port, sent, tls);

async function handshake(
  version: 'TLSv1.2' | 'TLSv1.3',
  options: ConnectionOptions,
): Promise<TLSSocket> {
  const socket = connect({
    ...{ host: '127.0.0.1', port: port, rejectUnauthorized: false },
    ...{ cert: acme.cert, key: acme.key, minVersion: version, maxVersion: version },
    ...options,
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** What the server has given a client to resume by, after an answer, behind which TLS 1.3 sends its tickets. */
async function sessionOf(version: 'TLSv1.2' | 'TLSv1.3'): Promise<Buffer> {
  const socket = await handshake(version, {});
  let session: Buffer | undefined = socket.getSession();
  socket.on('session', (given: Buffer) => {
    session = given;
  });
  socket.write('GET /products HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  return session ?? Buffer.alloc(0);
}

it('records one refusal a minute of an address block, whichever address of it comes', () => {
  const connections = new EventEmitter();
  admitPartners(connections as Server, PartnerAuthorities.parse(ca.pem), events);
  const refuse = (remoteAddress: string) =>
    connections.emit('secureConnection', {
      authorized: false,
      remoteAddress,
      destroy: () => undefined,
    });
  for (const address of ['2001:db8::1', '2001:db8::2', '198.51.100.7']) refuse(address);
  const addresses = events.all.map(({ clientAddress }) => clientAddress);
  expect(addresses).toEqual(['2001:db8::1', '198.51.100.7']);
});
