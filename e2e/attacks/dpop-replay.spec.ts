import * as openid from 'openid-client';
import * as oauth from 'oauth4webapi';
import { signUp } from '../src/customers';
import { DpopClient } from '../src/dpop-client';
import { eventually } from '../src/eventually';
import { Evidence } from '../src/evidence';
import { startGatewayReplica } from '../src/gateway-replica';
import type { GatewayReplica } from '../src/gateway-replica';
import { needs } from '../src/needs';
import { basic, post } from '../src/oauth-requests';
import { runOperatorCommand } from '../src/operator-command';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { PublicClient } from '../src/public-client';
import { publicFetch } from '../src/public-fetch';
import { expectRefused, expectUnavailable } from '../src/refusal.expectations';
import { rememberSecret } from '../src/secrets-in-use';

needs('own-cluster');

jest.setTimeout(60_000);

const MACHINE = 'the-machine';
const FORM = { grant_type: 'client_credentials', scope: 'orders:read' };

let own: OwnCluster;
let replica: GatewayReplica;
/** At either gateway. */
let clients: readonly PublicClient[];
let client: PublicClient;
let holder: DpopClient;
let secret: string;
let issuer: URL;

beforeAll(async () => {
  own = await startOwnCluster({ 'auth-service': { DPOP_NONCES: 'required' } });
  replica = await startGatewayReplica(own.facts);
  client = new PublicClient(own.facts);
  clients = [client, new PublicClient(own.facts, { port: replica.port })];
  issuer = new URL(own.facts.gatewayUrl);
  holder = new DpopClient(client, issuer.origin);
  const words = ['--type', 'machine', '--scope', 'orders:read', '--dpop-bound'];
  const created = await runOperatorCommand(own.facts, [
    ...['clients', 'create', MACHINE, 'A machine', ...words],
  ]);
  secret = /[\w-]{43}/.exec(created.output)?.[0] ?? '';
  rememberSecret(secret);
});
afterAll(async () => {
  await replica.stop();
  await own.stop();
});

const askWith = (payload: Readonly<Record<string, unknown>> = {}) =>
  post(client, 'token', FORM, [
    ...basic(MACHINE, secret),
    ...holder.proofFor('token', { payload }),
  ]);

/** With the nonce that the first answer tells. */
async function newToken(): Promise<string> {
  const { headers } = await askWith();
  const answer = await askWith({ nonce: headers['dpop-nonce'] });
  expect(answer).toMatchObject({ status: 200, json: { token_type: 'DPoP' } });
  return (answer.json as { readonly access_token: string }).access_token;
}

describe('one proof at two gateways', () => {
  it('is taken by one of them, once', async () => {
    const headers = holder.headersFor('/orders', await newToken());
    const answers = await Promise.all(
      [...clients, ...clients, ...clients].map((each) => each.send({ path: '/orders', headers })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
    const evidence = new Evidence(own.facts);
    const again = await client.send({ path: '/orders', headers });
    const reason = 'dpop_proof_replayed';
    await expectRefused(again, { evidence, status: 401, code: 'invalid_dpop_proof', reason });
  });
});

describe('a server that requires nonces', () => {
  it('takes no proof without one, and tells the one to use', async () => {
    const answer = await askWith();
    expect(answer).toMatchObject({ status: 400, json: { error: 'use_dpop_nonce' } });
    const right = await askWith({ nonce: answer.headers['dpop-nonce'] });
    expect(right.status).toBe(200);
  });

  it('is understood by openid-client, which tries again by itself', async () => {
    const config = await openid.discovery(
      issuer,
      MACHINE,
      secret,
      openid.ClientSecretBasic(secret),
      { [openid.customFetch]: publicFetch({}, own.facts) as openid.CustomFetch },
    );
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    const scope = { scope: 'orders:read' };
    const tokens = await openid.clientCredentialsGrant(config, scope, { DPoP });
    rememberSecret(tokens.access_token);
    const orders = new URL('/orders', issuer);
    const answer = await openid.fetchProtectedResource(
      ...([config, tokens.access_token, orders, 'GET', null, undefined, { DPoP }] as const),
    );
    expect(answer.status).toBe(200);
  });

  it('is understood by oauth4webapi, which tells its caller to try again', async () => {
    const options = { [oauth.customFetch]: publicFetch({}, own.facts) } as object;
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, options),
    );
    const itself: oauth.Client = { client_id: MACHINE };
    const DPoP = oauth.DPoP(itself, await oauth.generateKeyPair('ES256'));
    const ask = async () =>
      oauth.processClientCredentialsResponse(
        server,
        itself,
        await oauth.clientCredentialsGrantRequest(
          server,
          itself,
          oauth.ClientSecretBasic(secret),
          { scope: 'orders:read' },
          { ...options, DPoP },
        ),
      );
    const refused: unknown = await ask().catch((error: unknown) => error);
    expect(oauth.isDPoPNonceError(refused)).toBe(true);
    const { access_token: accessToken } = await ask();
    rememberSecret(accessToken);
  });
});

describe('while the shared state is away', () => {
  it('no key-bound token is taken, and others are, until it is back', async () => {
    const [accessToken, customer] = await Promise.all([newToken(), signUp(client)]);
    const asCustomer = () => client.send({ path: '/orders', accessToken: customer.accessToken });
    expect((await asCustomer()).status).toBe(200);
    await own.sharedState.interrupt();
    const [refused, accepted] = await Promise.all([
      holder.call('/orders', accessToken),
      asCustomer(),
    ]);
    expectUnavailable(refused, 'authentication_unavailable');
    expect(accepted.status).toBe(200);
    await own.sharedState.restore();
    const answer = await eventually(
      () => holder.call('/orders', accessToken),
      ({ status }) => status === 200,
    );
    expect(answer.status).toBe(200);
  });
});
