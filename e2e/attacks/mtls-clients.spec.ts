import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { DevCa } from '@sallyport/dev-ca';
import { FakeCa, FakePartnerCa } from '@sallyport/testing';
import type { FakePartnerCertificate } from '@sallyport/testing';
import { sharedCluster } from '../src/cluster-facts';
import { compactJws, partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import { DpopClient } from '../src/dpop-client';
import { eventually } from '../src/eventually';
import { answered, getInternal } from '../src/internal-https';
import { needing, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  basic,
  exchangeOf,
  pairsOf,
  post,
  refreshOf,
  Visitor,
} from '../src/oauth-requests';
import type { Parameters, Tokens } from '../src/oauth-requests';
import { runOperatorCommand } from '../src/operator-command';
import { partnerClient } from '../src/partner-client';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';

needs('certificates', 'databases', 'internal-listeners', 'operator-commands', 'partners');

const HOUR_MS = 3_600_000;
const ORDERS = { path: '/orders' };
const MACHINE = {
  redirect_uris: [],
  post_logout_redirect_uris: [],
  grant_types: ['client_credentials'],
  scope: 'orders:read',
};
const BOUND = { tls_client_certificate_bound_access_tokens: true };

const facts = sharedCluster();
let ca: FakePartnerCa;
/** Authenticates by a certificate with `host` in it. */
let machine: RegisteredClient;
let host: string;
let certificate: FakePartnerCertificate;
/** The same of another client. */
let other: RegisteredClient;
let otherHost: string;
const clients: PublicClient[] = [];

beforeAll(async () => {
  ca = await FakePartnerCa.fromDevCa(facts.certsFolder);
  [host, otherHost] = [`${randomUUID()}.settler.example`, `${randomUUID()}.other.example`];
  [machine, other] = await Promise.all([ofCertificate(host), ofCertificate(otherHost)]);
});
beforeEach(async () => {
  certificate = await ca.issue(host);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

const ofCertificate = (name: string): Promise<RegisteredClient> =>
  registerClient(
    {
      ...{ ...MACHINE, ...BOUND, token_endpoint_auth_method: 'tls_client_auth' },
      tls_client_auth_san_dns: name,
    },
    facts,
  );
const clientWith = (tls: ConnectionOptions): PublicClient => {
  const client = partnerClient(facts, tls);
  clients.push(client);
  return client;
};
const publicClient = () => new PublicClient(facts);
const tokenRequest = (id: string, changes: Parameters = {}): Parameters => ({
  grant_type: 'client_credentials',
  client_id: id,
  scope: 'orders:read',
  ...changes,
});
const ask = (
  client: PublicClient,
  changes: Parameters = {},
  headers: WireHeaders = [],
): Promise<PublicResponse> => post(client, 'token', tokenRequest(machine.id, changes), headers);

function tokensOf({ status, body, json }: PublicResponse): Tokens {
  if (status !== 200) throw new Error(body);
  return json as Tokens;
}
const tokenOf = async (presented: FakePartnerCertificate): Promise<string> =>
  tokensOf(await ask(clientWith(presented))).access_token;

async function operate(...words: readonly string[]): Promise<void> {
  const { exitCode, errors } = await runOperatorCommand(facts, words);
  if (exitCode !== 0) throw new Error(errors);
}

/** That the client is none the worse for it, with a certificate of its own. */
async function expectServed(): Promise<void> {
  const client = clientWith(await ca.issue(host));
  const accessToken = tokensOf(await ask(client)).access_token;
  expect(await client.send({ ...ORDERS, accessToken })).toMatchObject({ status: 200 });
}

const lasting = (from: number, until: number) => ({
  notBefore: new Date(Date.now() + from * HOUR_MS),
  notAfter: new Date(Date.now() + until * HOUR_MS),
});
const asHeader = ({ cert }: FakePartnerCertificate): string =>
  `:${cert.replace(/-----[^-]+-----|\s/g, '')}:`;

describe('a certificate in a header is refused', () => {
  it.each([
    'Client-Cert',
    'client-cert',
    'CLIENT_CERT',
    'Client.Cert',
    'Client-Cert-Bin',
    'Client-Cert-Chain',
    'X-Forwarded-Client-Cert',
    'X-Client-Cert',
    'X-SSL-Client-Cert',
    'SSL-Client-Cert',
  ])('%s, at the token endpoint of either listener', async (name) => {
    const headers = [[name, asHeader(certificate)]] as const;
    const stranger = await ca.issue('stranger.example');
    for (const client of [publicClient(), clientWith(stranger), clientWith(certificate)]) {
      const refused = await ask(client, {}, headers);
      expect([refused.status, refused.problem?.code]).toEqual([400, 'identity_header_spoofed']);
    }
    await expectServed();
  });

  it('named in Connection, so that somebody takes the genuine one away', async () => {
    const refused = await ask(clientWith(certificate), {}, [['Connection', 'client-cert']]);
    expect([refused.status, refused.problem?.code]).toEqual([400, 'identity_header_spoofed']);
    await expectServed();
  });

  it('as a trailer', async () => {
    const refused = await publicClient().send({
      ...{ method: 'POST', path: '/oauth2/token', form: pairsOf(tokenRequest(machine.id)) },
      trailers: [['Client-Cert', asHeader(certificate)]],
    });
    expect([refused.status, refused.problem?.code]).toEqual([400, 'identity_header_spoofed']);
    await expectServed();
  });

  it('of another service than the gateway, and of the gateway where it is not declared', async () => {
    const metadata = { 'client-cert': asHeader(certificate) };
    const workloads = await FakeCa.fromDevCa(facts.certsFolder);
    const orders = await workloads.leaf('orders-service').issue();
    const gateway = await workloads.leaf('gateway').issue();
    const call = async (path: string, svid: typeof orders, sent: Record<string, string>) =>
      answered(await getInternal(path, { svid, metadata: sent }, facts));
    for (const [path, svid] of [
      ['/oauth2/userinfo', orders],
      ['/.well-known/jwks.json', gateway],
      ['/oauth2/authorize', gateway],
    ] as const) {
      expect(await call(path, svid, metadata)).toMatchObject({
        ...{ status: 403, problem: { code: 'identity_headers_untrusted' } },
      });
    }
    expect(await call('/.well-known/jwks.json', gateway, {})).toMatchObject({ status: 200 });
    // Taken there, and no token with it.
    expect(await call('/oauth2/userinfo', gateway, metadata)).toMatchObject({ status: 401 });
  });
});

describe('no connection is opened with', () => {
  it.each<[what: string, presented: () => Promise<FakePartnerCertificate>]>([
    ['the right name of another authority', async () => (await FakePartnerCa.create()).issue(host)],
    ['a certificate that has signed itself', async () => (await FakePartnerCa.create()).itself],
    ['one that has expired', () => ca.issue(host, lasting(-2, -1))],
    ['one of tomorrow', () => ca.issue(host, lasting(1, 2))],
  ])('%s', async (_what, presented) => {
    await expect(ask(clientWith(await presented()))).rejects.toThrow();
    await expectServed();
  });
});

describe('no token is given for a certificate', () => {
  it.each<[what: string, presented: () => Promise<FakePartnerCertificate>]>([
    ['of another client', () => ca.issue(otherHost)],
    ['of a partner', () => ca.issue()],
    ['of nobody', () => ca.issue('stranger.example')],
    ['with the name as its common name', () => ca.issue('a.example', { subject: `CN=${host}` })],
    ['with a wildcard over the name', () => ca.issue('*.settler.example')],
    ['with a longer name', () => ca.issue(`a.${host}`)],
    ['with a shorter name', () => ca.issue(host.slice(1))],
    ['with the name and more in one', () => ca.issue(`${host}, DNS:a.example`)],
    [
      'with the name as another kind of name',
      () => ca.issue(host, { alternativeNames: [{ type: 'url', value: host }] }),
    ],
    ['with no name', () => ca.issue(host, { alternativeNames: [] })],
  ])('%s', async (_what, presented) => {
    const refused = await ask(clientWith(await presented()));
    expect([refused.status, (refused.json as { error: string }).error]).toEqual([
      401,
      'invalid_client',
    ]);
    await expectServed();
  });

  it('on the public listener, where none is presented', async () => {
    const refused = await ask(publicClient());
    expect(refused).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    await expectServed();
  });

  it('that is good, without saying who the client is', async () => {
    const refused = await ask(clientWith(certificate), { client_id: undefined });
    expect(refused).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    await expectServed();
  });

  it('that is good, when a pushed request is another client’s', async () => {
    const refused = await post(clientWith(certificate), 'par', { client_id: other.id });
    expect(refused).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
  });

  it('that was revoked, on its open connection', async () => {
    const client = clientWith(certificate);
    const accessToken = tokensOf(await ask(client)).access_token;
    await operate('partners', 'revoke-certificate', certificate.thumbprint);
    const refused = await eventually(
      () => ask(client),
      ({ status }) => status !== 200,
    );
    expect(refused).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    expect((await client.send({ ...ORDERS, accessToken })).status).toBe(401);
    await expectServed();
  });

  needing('live-certificates').it(
    'that its authority has revoked, on its open connection',
    async () => {
      const client = clientWith(certificate);
      const accessToken = tokensOf(await ask(client)).access_token;
      const devCa = await DevCa.openExisting(facts.certsFolder);
      await devCa.revokePartners([certificate.serialNumber]);
      const refused = await eventually(
        () => ask(client),
        ({ status }) => status !== 200,
      );
      expect(refused).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
      expect((await client.send({ ...ORDERS, accessToken })).status).toBe(401);
      await expectServed();
    },
  );
});

describe('a certificate and something else is no authentication', () => {
  const assertion = () =>
    compactJws({ alg: 'ES256' }, { iss: machine.id, sub: machine.id }, () => Buffer.from('none'));
  const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

  it.each<[what: string, changes: () => Parameters, headers: () => WireHeaders, status: number]>([
    ['a secret', () => ({ client_secret: 'a-secret-of-nobody' }), () => [], 401],
    ['a secret in a header', () => ({}), () => basic(machine.id, 'a-secret-of-nobody'), 401],
    [
      'an assertion',
      () => ({ client_assertion: assertion(), client_assertion_type: ASSERTION_TYPE }),
      () => [],
      401,
    ],
    ['a token', () => ({}), () => [['Authorization', `Bearer ${assertion()}`]], 400],
    ['an API key', () => ({}), () => [['X-API-Key', `sp_${'a'.repeat(32)}`]], 400],
  ])('%s', async (_what, changes, headers, status) => {
    const refused = await ask(clientWith(certificate), changes(), headers());
    expect(refused.status).toBe(status);
    if (status === 401) expect(refused.json).toMatchObject({ error: 'invalid_client' });
    await expectServed();
  });

  it('and a partner’s does not go with a secret', async () => {
    const acme = clientWith(await ca.issue());
    const form = { client_id: undefined, scope: undefined };
    const refused = await ask(acme, form, basic(machine.id, 'a-secret-of-nobody'));
    expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect((await ask(acme, form)).status).toBe(200);
  });
});

describe('a client with a secret, whose tokens are bound', () => {
  let client: RegisteredClient;
  const asked = (by: PublicClient, secret: string | undefined) =>
    post(by, 'token', tokenRequest(client.id), basic(client.id, secret));

  beforeAll(async () => {
    client = await registerClient(
      { ...MACHINE, ...BOUND, token_endpoint_auth_method: 'client_secret_basic' },
      facts,
    );
  });

  it('gets none without its secret, whatever certificate it has', async () => {
    const by = clientWith(certificate);
    expect(await asked(by, 'another-secret-of-it')).toMatchObject({
      ...{ status: 401, json: { error: 'invalid_client' } },
    });
    const withoutSecret = await post(by, 'token', tokenRequest(client.id));
    expect(withoutSecret).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    const { access_token: accessToken } = tokensOf(await asked(by, client.secret));
    expect(partsOf(accessToken).payload).toMatchObject({
      cnf: { 'x5t#S256': certificate.thumbprint },
    });
    expect(await by.send({ ...ORDERS, accessToken })).toMatchObject({ status: 200 });
  });

  it('gets none without a certificate, whatever secret it has', async () => {
    expect(await asked(publicClient(), client.secret)).toMatchObject({
      ...{ status: 400, json: { error: 'invalid_grant' } },
    });
    expect(await asked(clientWith(certificate), client.secret)).toMatchObject({ status: 200 });
  });

  it('gets none for a partner’s certificate', async () => {
    const refused = await asked(clientWith(await ca.issue()), client.secret);
    expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(await asked(clientWith(certificate), client.secret)).toMatchObject({ status: 200 });
  });
});

describe('a token that is bound to a certificate is refused', () => {
  it.each<[what: string, by: () => Promise<PublicClient>]>([
    ['on the public listener', async () => publicClient()],
    ['with another certificate of its client', async () => clientWith(await ca.issue(host))],
    ['with one of another client', async () => clientWith(await ca.issue(otherHost))],
    ['with one of a partner', async () => clientWith(await ca.issue())],
  ])('%s', async (_what, by) => {
    const accessToken = await tokenOf(certificate);
    const refused = await (await by()).send({ ...ORDERS, accessToken });
    expect([refused.status, refused.problem?.code]).toEqual([401, 'invalid_token']);
    expect(refused.headers['www-authenticate']).toContain('error="invalid_token"');
    // Over another connection with the same certificate it is as good.
    expect(await clientWith(certificate).send({ ...ORDERS, accessToken })).toMatchObject({
      status: 200,
    });
  });

  it('for what it does not say', async () => {
    const accessToken = await tokenOf(certificate);
    const client = clientWith(certificate);
    const refused = await client.send({ path: '/invoices', accessToken });
    expect([refused.status, refused.problem?.code]).toEqual([403, 'insufficient_scope']);
    const account = await client.send({ path: '/auth/me', accessToken });
    expect([account.status, account.problem?.code]).toEqual([403, 'session_required']);
    expect(await client.send({ ...ORDERS, accessToken })).toMatchObject({ status: 200 });
  });

  it('once its client is disabled', async () => {
    const name = `${randomUUID()}.example`;
    const mine = await ofCertificate(name);
    const client = clientWith(await ca.issue(name));
    const { access_token: accessToken } = tokensOf(
      await post(client, 'token', tokenRequest(mine.id)),
    );
    expect(await client.send({ ...ORDERS, accessToken })).toMatchObject({ status: 200 });
    await operate('clients', 'disable', mine.id);
    const refused = await eventually(
      () => client.send({ ...ORDERS, accessToken }),
      ({ status }) => status !== 200,
    );
    expect([refused.status, refused.problem?.code]).toEqual([401, 'invalid_token']);
    expect(await post(client, 'token', tokenRequest(mine.id))).toMatchObject({ status: 401 });
    await expectServed();
  });
});

describe('a client that authenticates by its certificate', () => {
  let proven: PublicClient;
  let keyed: RegisteredClient;
  beforeEach(async () => {
    const name = `${randomUUID()}.keyed.example`;
    const metadata = { ...MACHINE, token_endpoint_auth_method: 'tls_client_auth' };
    keyed = await registerClient({ ...metadata, tls_client_auth_san_dns: name }, facts);
    proven = clientWith(await ca.issue(name));
  });
  const dpopAt = (url: string) => new DpopClient(publicClient(), new URL(url).origin);
  const tokenBy = (proof: WireHeaders) => post(proven, 'token', tokenRequest(keyed.id), proof);

  it('has its token bound to a key by a proof for where it asks, and no other (RFC 9449 §4.2)', async () => {
    const elsewhere = dpopAt(facts.gatewayUrl);
    const refused = await tokenBy(elsewhere.proofFor('token'));
    expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_dpop_proof' } });
    const here = dpopAt(facts.partnersUrl);
    const answer = await tokenBy(here.proofFor('token'));
    expect(answer).toMatchObject({ status: 200, json: { token_type: 'DPoP' } });
  });

  it('calls with such a token where its key is proven, and not by a certificate instead', async () => {
    const [here, there] = [dpopAt(facts.partnersUrl), dpopAt(facts.gatewayUrl)];
    const given = await tokenBy(here.proofFor('token'));
    const { access_token: accessToken } = tokensOf(given);
    Object.assign(there, { prover: here.prover });
    const stranger = clientWith(await ca.issue('stranger.example'));
    for (const client of [proven, stranger, clientWith(await ca.issue())]) {
      for (const headers of [
        [['Authorization', `Bearer ${accessToken}`]] as const,
        here.headersFor('/orders', accessToken),
        there.headersFor('/orders', accessToken),
      ]) {
        const refused = await client.send({ ...ORDERS, headers });
        expect([refused.status, refused.problem?.code]).toEqual([401, 'invalid_token']);
      }
    }
    const headers = there.headersFor('/orders', accessToken);
    expect((await publicClient().send({ ...ORDERS, headers })).status).toBe(200);
  });

  it('is refused a proof beside a token that is bound to its certificate', async () => {
    const client = clientWith(certificate);
    const { access_token: accessToken } = tokensOf(await ask(client));
    const [, proof = ['', '']] = dpopAt(facts.partnersUrl).headersFor('/orders', accessToken);
    const refused = await client.send({ ...ORDERS, accessToken, headers: [proof] });
    expect([refused.status, refused.problem?.code]).toEqual([401, 'invalid_dpop_proof']);
    expect((await client.send({ ...ORDERS, accessToken })).status).toBe(200);
  });
});

describe('with the certificate of a client alone', () => {
  it('nobody calls', async () => {
    const refused = await clientWith(certificate).send(ORDERS);
    expect([refused.status, refused.problem?.code]).toEqual([401, 'certificate_refused']);
    await expectServed();
  });

  it('a token that is bound to nothing is refused', async () => {
    const { accessToken } = await signUp(publicClient());
    const refused = await clientWith(certificate).send({ ...ORDERS, accessToken });
    expect([refused.status, refused.problem?.code]).toEqual([401, 'invalid_token']);
    expect(await publicClient().send({ ...ORDERS, accessToken })).toMatchObject({ status: 200 });
  });
});

describe('what a public client is given is bound to its certificate', () => {
  let app: RegisteredClient;
  let visitor: Visitor;

  beforeAll(async () => {
    app = await registerClient(BOUND, facts);
    const client = publicClient();
    visitor = new Visitor(client, await signUp(client));
  });

  const newCode = (scope = 'openid orders:read') =>
    visitor.codeFor(authorizationRequest(app.id, { scope }));
  const exchange = async (by: PublicClient, scope?: string) =>
    post(by, 'token', exchangeOf(app.id, await newCode(scope)));

  it('from the code on', async () => {
    const refused = await exchange(publicClient());
    expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    const { access_token: accessToken } = tokensOf(await exchange(clientWith(certificate)));
    expect(await clientWith(certificate).send({ ...ORDERS, accessToken })).toMatchObject({
      status: 200,
    });
  });

  it('the refresh token too', async () => {
    const another = await ca.issue(host);
    const { refresh_token: token } = tokensOf(await exchange(clientWith(certificate)));
    for (const [thief, error] of [
      [publicClient(), 'invalid_grant'],
      [clientWith(another), 'invalid_grant'],
      // There the request is the partner's, who has no such grant.
      [clientWith(await ca.issue()), 'unsupported_grant_type'],
    ] as const) {
      const refused = await post(thief, 'token', refreshOf(app.id, token));
      expect(refused).toMatchObject({ status: 400, json: { error } });
    }
    const refreshed = await post(clientWith(certificate), 'token', refreshOf(app.id, token));
    expect(refreshed).toMatchObject({ status: 200 });
  });

  it('userinfo too', async () => {
    const { access_token: accessToken } = tokensOf(
      await exchange(clientWith(certificate), 'openid email'),
    );
    const path = '/oauth2/userinfo';
    for (const thief of [publicClient(), clientWith(await ca.issue(host))]) {
      expect(await thief.send({ path, accessToken })).toMatchObject({
        ...{ status: 401, json: { error: 'invalid_token' } },
      });
    }
    expect(await clientWith(certificate).send({ path, accessToken })).toMatchObject({
      status: 200,
    });
  });
});

describe('the gateway’s own identity', () => {
  it('is no certificate of a client', async () => {
    const folder = join(facts.certsFolder, 'workloads', 'gateway');
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const svid = { cert: read('tls.crt'), key: read('tls.key') };
    await expect(ask(clientWith(svid))).rejects.toThrow();
    await expectServed();
  });
});
