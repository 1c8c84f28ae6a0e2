import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { DevCa } from '@sallyport/dev-ca';
import { FakeCa, FakePartnerCa, SERVER_AUTH } from '@sallyport/testing';
import type { FakePartnerCertificate } from '@sallyport/testing';
import { sharedCluster } from '../src/cluster-facts';
import { compactJws, partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import { eventually } from '../src/eventually';
import { startGatewayReplica } from '../src/gateway-replica';
import { getInternal } from '../src/internal-https';
import { internalTargets } from '../src/internal-targets';
import { needs } from '../src/needs';
import { runOperatorCommand } from '../src/operator-command';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { partnerClient, partnerToken, requestToken } from '../src/partner-client';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { readinessOf } from '../src/readiness';
import { ServiceLog } from '../src/service-log';

needs('certificates', 'internal-listeners', 'own-cluster');

const HOUR_MS = 3_600_000;
const START_MS = 120_000;
const ORDERS = { path: '/orders' };

let own: OwnCluster;
let ca: FakePartnerCa;
let acme: FakePartnerCertificate;
let beta: FakePartnerCertificate;
const clients: PublicClient[] = [];

beforeAll(async () => {
  own = await startOwnCluster({});
  ca = await FakePartnerCa.fromDevCa(own.facts.certsFolder);
  await operate('add', 'beta', 'Beta', 'orders:read');
  await operate('add-name', 'beta', 'dns:api.beta.example');
}, START_MS);
afterAll(() => own.stop(), START_MS);
beforeEach(async () => {
  [acme, beta] = await Promise.all([ca.issue(), ca.issue('api.beta.example')]);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

const clientWith = (tls: ConnectionOptions): PublicClient => {
  const client = partnerClient(own.facts, tls);
  clients.push(client);
  return client;
};
const publicClient = () => new PublicClient(own.facts);

async function operate(...words: readonly string[]): Promise<void> {
  const { exitCode, errors } = await runOperatorCommand(own.facts, ['partners', ...words]);
  if (exitCode !== 0) throw new Error(errors);
}

/** The reasons of all refusals in the gateway's log. */
function refusals(): readonly unknown[] {
  return new ServiceLog(own.facts.logFiles.gateway)
    .lines()
    .filter(({ event, outcome }) => event === 'security' && outcome === 'refused')
    .map(({ reason }) => reason);
}

/** The log is written after the answer. */
async function expectRecorded(reason: string): Promise<void> {
  const found = await eventually(
    async () => refusals(),
    (reasons) => reasons.includes(reason),
  );
  expect(found).toContain(reason);
}

function expectProblem(response: PublicResponse, status: number, code: string): void {
  expect([response.status, response.problem?.code]).toEqual([status, code]);
}

const lasting = (from: number, until: number) => ({
  notBefore: new Date(Date.now() + from * HOUR_MS),
  notAfter: new Date(Date.now() + until * HOUR_MS),
});

type Presented = () => ConnectionOptions | Promise<ConnectionOptions>;

describe('a handshake is refused with', () => {
  it.each<readonly [what: string, presented: Presented, reason: string]>([
    ['no certificate', () => ({}), 'tls_certificate_missing'],
    [
      'a certificate of another authority',
      async () => (await FakePartnerCa.create()).issue(),
      'tls_certificate_untrusted',
    ],
    [
      'an SVID of the cluster',
      async () => {
        const workloads = await FakeCa.fromDevCa(own.facts.certsFolder);
        const leaf = await workloads.leaf('orders-service').issue();
        return { cert: leaf.certificateChainPem, key: leaf.privateKeyPem };
      },
      'tls_certificate_untrusted',
    ],
    ['an expired one', () => ca.issue(undefined, lasting(-2, -1)), 'tls_certificate_expired'],
    ['one of tomorrow', () => ca.issue(undefined, lasting(1, 2)), 'tls_certificate_not_yet_valid'],
    [
      'an authority',
      () =>
        ca.issue(undefined, {
          basicConstraints: { ca: true },
          keyUsage: ['digitalSignature', 'keyCertSign'],
        }),
      'tls_certificate_is_authority',
    ],
    [
      'one for servers',
      () => ca.issue(undefined, { extendedKeyUsage: [SERVER_AUTH] }),
      'tls_certificate_purpose',
    ],
  ])('%s', async (_what, presented, reason) => {
    await expect(clientWith(await presented()).send(ORDERS)).rejects.toThrow();
    await expectRecorded(reason);
    expect(await clientWith(acme).send(ORDERS)).toMatchObject({ status: 200 });
  });
});

describe('a certificate of the right authority is refused', () => {
  it('of a partner nobody knows', async () => {
    const unknown = await ca.issue('api.gamma.example');
    expectProblem(await clientWith(unknown).send(ORDERS), 401, 'certificate_refused');
    await expectRecorded('partner_refused');
    expect(await clientWith(acme).send(ORDERS)).toMatchObject({ status: 200 });
  });

  it('of a partner that was disabled, on its open connection as well', async () => {
    const client = clientWith(beta);
    const bound = await partnerToken(client);
    expect(await client.send(ORDERS)).toMatchObject({ status: 200 });
    await operate('disable', 'beta');
    const later = await eventually(
      () => client.send(ORDERS),
      ({ status }) => status !== 200,
    );
    expectProblem(later, 401, 'certificate_refused');
    expect((await client.send({ ...ORDERS, accessToken: bound })).status).toBe(401);
    const form = [['grant_type', 'client_credentials']] as const;
    expectProblem(await requestToken(client, form), 401, 'invalid_client');
    await operate('enable', 'beta');
    const renewed = clientWith(await ca.issue('api.beta.example'));
    expect(await renewed.send(ORDERS)).toMatchObject({ status: 200 });
  });

  it('that was revoked, on its open connection and on resumption', async () => {
    const client = clientWith(acme);
    expect(await client.send(ORDERS)).toMatchObject({ status: 200 });
    const sessions = await Promise.all([sessionOf('TLSv1.2'), sessionOf('TLSv1.3')]);
    await operate('revoke-certificate', acme.thumbprint);
    const later = await eventually(
      () => client.send(ORDERS),
      ({ status }) => status !== 200,
    );
    expectProblem(later, 401, 'certificate_refused');
    for (const { session, version } of sessions) {
      const tls = { ...(session && { session }), minVersion: version, maxVersion: version };
      await expect(clientWith(tls).send(ORDERS)).rejects.toThrow();
      expectProblem(await clientWith({ ...acme, ...tls }).send(ORDERS), 401, 'certificate_refused');
    }
    expect(await clientWith(await ca.issue()).send(ORDERS)).toMatchObject({ status: 200 });
  });

  it('that its authority has revoked, on its open connection', async () => {
    const client = clientWith(acme);
    const token = await partnerToken(client);
    expect(await client.send(ORDERS)).toMatchObject({ status: 200 });
    const devCa = await DevCa.openExisting(own.facts.certsFolder);
    await devCa.revokePartners([acme.serialNumber]);
    const later = await eventually(
      () => client.send(ORDERS),
      ({ status }) => status !== 200,
    );
    expectProblem(later, 401, 'certificate_refused');
    const withToken = await client.send({ ...ORDERS, accessToken: token });
    expectProblem(withToken, 401, 'certificate_refused');
    expect(await clientWith(await ca.issue()).send(ORDERS)).toMatchObject({ status: 200 });
  });
});

describe('a token is refused', () => {
  it.each<readonly [what: string, send: (token: string) => Promise<PublicResponse>]>([
    ['on the public listener', (accessToken) => publicClient().send({ ...ORDERS, accessToken })],
    [
      'with the certificate of another partner',
      (accessToken) => clientWith(beta).send({ ...ORDERS, accessToken }),
    ],
    [
      'with another certificate of the same partner',
      async (accessToken) => clientWith(await ca.issue()).send({ ...ORDERS, accessToken }),
    ],
  ])('that is bound to a certificate, %s', async (_what, replay) => {
    const client = clientWith(acme);
    const accessToken = await partnerToken(client, 'orders:read');
    expect(await client.send({ ...ORDERS, accessToken })).toMatchObject({ status: 200 });
    const replayed = await replay(accessToken);
    expectProblem(replayed, 401, 'invalid_token');
    expect(replayed.headers['www-authenticate']).toContain('error="invalid_token"');
    await expectRecorded('token_certificate_mismatch');
    expect(await client.send({ ...ORDERS, accessToken })).toMatchObject({ status: 200 });
  });

  it('of a user, who has signed in', async () => {
    const { accessToken } = await signUp(publicClient());
    expectProblem(await clientWith(acme).send({ ...ORDERS, accessToken }), 401, 'invalid_token');
    expect(await publicClient().send({ ...ORDERS, accessToken })).toMatchObject({ status: 200 });
  });

  it('whose confirmation was changed', async () => {
    const client = clientWith(beta);
    const accessToken = await partnerToken(clientWith(acme));
    const { header, payload, signature } = partsOf(accessToken);
    const cnf = { 'x5t#S256': beta.thumbprint };
    for (const changed of [{ cnf }, { cnf: { ...cnf, jkt: 'a' } }, { cnf: undefined }]) {
      const forged = compactJws(header, { ...payload, ...changed }, () => signature);
      expectProblem(await client.send({ ...ORDERS, accessToken: forged }), 401, 'invalid_token');
    }
    const genuine = await partnerToken(client);
    expect(await client.send({ ...ORDERS, accessToken: genuine })).toMatchObject({ status: 200 });
  });

  it('for more than it says', async () => {
    const client = clientWith(acme);
    const accessToken = await partnerToken(client, 'billing:read');
    expectProblem(await client.send({ ...ORDERS, accessToken }), 403, 'insufficient_scope');
    expect(await client.send(ORDERS)).toMatchObject({ status: 200 });
  });
});

describe('no token is issued', () => {
  it.each<readonly [what: string, form: readonly (readonly [string, string])[], error: string]>([
    ['for a scope the partner does not hold', [['scope', 'keys:manage']], 'invalid_scope'],
    ['for the name of another client', [['client_id', 'beta']], 'invalid_client'],
    ['with a secret beside the certificate', [['client_secret', 'a']], 'invalid_request'],
  ])('%s', async (_what, form, error) => {
    const grant = [['grant_type', 'client_credentials']] as const;
    const response = await requestToken(clientWith(acme), [...grant, ...form]);
    expect(response.json).toMatchObject({ error });
    expect((await requestToken(clientWith(acme), grant)).status).toBe(200);
  });

  it('on the public listener', async () => {
    const form = [['grant_type', 'client_credentials']] as const;
    // There the path is the authorization server's, which knows no client by a certificate of this connection.
    expect(await requestToken(publicClient(), form)).toMatchObject({
      status: 400,
      json: { error: 'invalid_request' },
    });
  });
});

describe('a second credential is refused', () => {
  it('an API key', async () => {
    const headers = [['X-API-Key', `sp_${'a'.repeat(32)}`]] as const;
    const response = await clientWith(acme).send({ ...ORDERS, headers });
    expectProblem(response, 400, 'multiple_credentials');
    expect(await clientWith(acme).send(ORDERS)).toMatchObject({ status: 200 });
  });
});

describe('what is for signed-in people', () => {
  it.each([
    ['GET', '/auth/me', 403, 'session_required'],
    ['GET', '/auth/sessions', 403, 'session_required'],
    ['POST', '/auth/logout-all', 403, 'session_required'],
    ['GET', '/admin/keys', 403, 'session_required'],
    ['POST', '/admin/accounts/lock', 403, 'session_required'],
    ['POST', '/auth/logout', 404, 'not_found'],
    ['POST', '/auth/register/confirm', 404, 'not_found'],
    ['POST', '/invoices/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d/refund', 403, 'session_required'],
    ['GET', '/docs', 404, 'not_found'],
  ] as const)('%s %s is no partner’s, whatever its scopes', async (method, path, status, code) => {
    expectProblem(await clientWith(acme).send({ method, path }), status, code);
    expect(await clientWith(acme).send(ORDERS)).toMatchObject({ status: 200 });
  });
});

describe('a header that speaks of a certificate is refused', () => {
  it.each([
    'Client-Cert',
    'Client-Cert-Chain',
    'X-Client-Cert',
    'X-SSL-Client-Cert',
    'X-SSL-Client-Verify',
    'X-SSL-CERT',
    'x-forwarded-client-cert',
    'X_Forwarded_Client_Cert',
  ])('%s, on either listener', async (name) => {
    const value = encodeURIComponent(beta.cert);
    const headers = [[name, value.slice(0, 2_000)]] as const;
    for (const client of [clientWith(acme), publicClient()]) {
      const response = await client.send({ path: '/products', headers });
      expectProblem(response, 400, 'identity_header_spoofed');
      expect(await client.send({ path: '/products' })).toMatchObject({ status: 200 });
    }
  });
});

describe('a partner certificate opens nothing inside', () => {
  it.each(['auth-service', 'orders-service', 'billing-service'] as const)('%s', async (service) => {
    const shared = await FakePartnerCa.fromDevCa(sharedCluster().certsFolder);
    const { cert, key } = await shared.issue();
    const target = internalTargets()[service];
    const svid = { certificateChainPem: cert, privateKeyPem: key };
    expect(await target.call({ svid })).toMatchObject({ connection: 'refused' });
  });

  it('the HTTPS listener of auth-service', async () => {
    const svid = { certificateChainPem: acme.cert, privateKeyPem: acme.key };
    const path = '/.well-known/jwks.json';
    expect(await getInternal(path, { svid }, own.facts)).toMatchObject({ connection: 'refused' });
    const gateway = join(own.facts.certsFolder, 'workloads', 'gateway');
    const read = (file: string) => readFileSync(join(gateway, file), 'utf8');
    const genuine = { certificateChainPem: read('tls.crt'), privateKeyPem: read('tls.key') };
    expect(await getInternal(path, { svid: genuine }, own.facts)).toMatchObject({
      connection: 'accepted',
    });
  });
});

describe('once the revocation list has run out', () => {
  it(
    'no partner is served until there is a new one',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sallyport-lists-'));
      const file = join(folder, 'crl.pem');
      writeFileSync(file, await ca.revocationList([]));
      const replica = await startGatewayReplica(own.facts, { PARTNER_CRL_FILE: file });
      try {
        const client = partnerClient(own.facts, acme, { port: replica.partnerPort });
        clients.push(client);
        expect(await client.send(ORDERS)).toMatchObject({ status: 200 });
        const ending = { nextUpdate: new Date(Date.now() + 5_000) };
        writeFileSync(file, await ca.revocationList([], ending));
        const later = await eventually(
          () => client.send(ORDERS),
          ({ status }) => status !== 200,
        );
        expectProblem(later, 503, 'authentication_unavailable');
        const down = { status: 503, checks: { 'partner-revocations': 'down' } };
        expect(await readinessOf(replica)).toMatchObject(down);
        const anybody = new PublicClient(own.facts, { port: replica.port });
        expect(await anybody.send({ path: '/products' })).toMatchObject({ status: 200 });

        writeFileSync(file, await ca.revocationList([]));
        const again = await eventually(
          () => client.send(ORDERS),
          ({ status }) => status === 200,
        );
        expect(again).toMatchObject({ status: 200 });
        expect(await readinessOf(replica)).toMatchObject({ status: 200 });
      } finally {
        await replica.stop();
        rmSync(folder, { recursive: true });
      }
    },
    START_MS,
  );
});

type Version = 'TLSv1.2' | 'TLSv1.3';

/** What the gateway has given the partner to resume a connection by. */
async function sessionOf(
  version: Version,
): Promise<{ session: Buffer | undefined; version: Version }> {
  const { port } = new URL(own.facts.partnersUrl);
  const socket = connect({
    ...{ host: '127.0.0.1', port: Number(port), cert: acme.cert, key: acme.key },
    ...{ ca: readFileSync(own.cluster.caFile), servername: 'localhost' },
    ...{ minVersion: version, maxVersion: version },
  });
  let session: Buffer | undefined;
  socket.once('secureConnect', () => (session = socket.getSession()));
  socket.on('session', (given: Buffer) => (session = given));
  socket.write('GET /products HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.resume().once('close', resolve));
  await delay(50);
  return { session, version };
}
