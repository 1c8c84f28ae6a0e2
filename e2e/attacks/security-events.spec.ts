import { auditV1 } from '@sallyport/contracts';
import { SERVICES, sharedCluster } from '../src/cluster-facts';
import type { GrpcServiceName } from '../src/cluster-facts';
import { compactJws, partsOf, rs256 } from '../src/compact-jws';
import { signInAs, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { Evidence } from '../src/evidence';
import { gatewayMetadataFor } from '../src/identity-metadata';
import { InternalClient } from '../src/internal-client';
import { issuerKey } from '../src/issuer-key';
import { EVIDENCE, needs } from '../src/needs';
import { askDatabase } from '../src/own-database';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectCallRefused, expectPassed, expectRefused } from '../src/refusal.expectations';
import { unknownRpc } from '../src/rpc';

needs(...EVIDENCE, 'databases', 'key-encryption-key', 'seeded-accounts');

const PATH = '/admin/security-events';
const RPC = 'sallyport.audit.v1.AuditService/ListSecurityEvents';

interface Item {
  readonly seq: number;
  readonly reason: string;
  readonly correlationId: string | null;
  readonly hash: string;
}

const EVERYTHING = auditV1.ListSecurityEventsRequest.encode({
  ...{ pageSize: 0, pageToken: '', type: '', outcome: '', reason: '', principal: '' },
  ...{ correlationId: '', from: undefined, to: undefined },
}).finish();

const { databaseUrls, grpcAddresses } = sharedCluster();
const behind = ['auth-service', 'orders-service', 'billing-service'] as const;
const client = new PublicClient();
const inside = new InternalClient();
const evidence = new Evidence();
let customer: Customer;
let operator: Customer;
beforeAll(async () => {
  [customer, operator] = await Promise.all([
    signUp(client),
    signInAs(client, 'operator@example.com'),
  ]);
  // So that there are some in every service.
  await Promise.all([client.send({ path: PATH }), ...behind.map(callAsCustomer)]);
  for (const service of SERVICES) {
    await eventually(
      () => list(`?service=${service}&outcome=refused`),
      (found) => itemsOf(found).length > 0,
    );
  }
});

const list = (query = '', accessToken: string | undefined = operator.accessToken) =>
  client.send({ path: `${PATH}${query}`, accessToken });

/** What the gateway would send, if it did not look at scopes itself. */
const callAsCustomer = (service: GrpcServiceName) =>
  inside.callAs({
    svid: inside.svidOf('gateway'),
    address: grpcAddresses[service],
    method: unknownRpc(RPC),
    request: EVERYTHING,
    metadata: gatewayMetadataFor(customer),
  });

const itemsOf = ({ json }: PublicResponse): readonly Item[] =>
  (json as { readonly items: readonly Item[] }).items;

describe(`GET ${PATH}`, () => {
  it('is for nobody without a token', async () => {
    const answer = await client.send({ path: PATH });

    await expectRefused(answer, { evidence, status: 401, code: 'credential_missing' });
  });

  it('is not for customers', async () => {
    const answer = await list('', customer.accessToken);

    await expectRefused(answer, { evidence, status: 403, code: 'insufficient_scope' });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="sallyport", error="insufficient_scope", scope="audit:read"',
    );
  });

  it('is not for operators of something else', async () => {
    const { header, payload } = partsOf(operator.accessToken);
    const { privateKey } = await issuerKey();
    const scope = 'keys:manage accounts:manage';
    const token = compactJws(header, { ...payload, scope }, rs256(privateKey));
    const answer = await list('', token);

    await expectRefused(answer, { evidence, status: 403, code: 'insufficient_scope' });
  });

  it.each([
    ['?service=postgres', 'service'],
    ['?limit=201', 'limit'],
    [`?reason=${encodeURIComponent("x' OR '1'='1")}`, 'reason'],
    ['?from=now', 'from'],
  ])('refuses %s', async (query, path) => {
    const answer = await list(query);

    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'validation_failed', violations: [{ path }] });
  });

  it.each(SERVICES)('refuses a cursor that was not given: %s', async (service) => {
    for (const cursor of ['abc', '0', '-5', '9'.repeat(40)]) {
      const answer = await list(`?service=${service}&cursor=${cursor}`);
      expect(answer.problem).toMatchObject({ status: 400, code: 'page_token_invalid' });
    }
  });

  it.each(SERVICES)('serves an operator the events of %s, in pages', async (service) => {
    const first = await list(`?service=${service}&limit=1`);

    const beyond = service === 'gateway' ? [] : [RPC];
    await expectPassed(first, { evidence, handled: [`GET ${PATH}`, ...beyond] });
    const [newest] = itemsOf(first);
    expect(newest?.hash).toMatch(/^[0-9a-f]{64}$/);
    const second = itemsOf(await list(`?service=${service}&limit=1&cursor=${newest?.seq ?? 0}`));
    expect(second.map(({ seq }) => seq)).toEqual(newest?.seq === 1 ? [] : [(newest?.seq ?? 0) - 1]);
  });

  it('has a refusal of a moment ago, in the table as in the log', async () => {
    const refused = await client.send({ path: '/orders' });
    const { correlationId } = refused;
    const answer = await eventually(
      () => list(`?correlationId=${correlationId}`),
      (found) => itemsOf(found).length > 0,
    );

    expect(itemsOf(answer)).toMatchObject([{ reason: 'credential_missing', correlationId }]);
    const { securityEvents } = await evidence.of({ correlationId });
    expect(securityEvents).toMatchObject([{ reason: 'credential_missing', service: 'gateway' }]);
  });
});

describe('AuditService', () => {
  it.each(behind)('of %s is not for a customer', async (service) => {
    const outcome = await callAsCustomer(service);

    const status = 'PERMISSION_DENIED';
    await expectCallRefused(outcome, { evidence, status, reason: 'insufficient_scope' });
  });
});

describe.each(SERVICES)('the stored events of %s', (service) => {
  const ask = (statement: string) => askDatabase(databaseUrls[service], statement);

  it.each([
    `UPDATE security_events SET reason = 'harmless'`,
    'DELETE FROM security_events WHERE seq = 1',
    'TRUNCATE security_events',
  ])('are not changed by the service itself: %s', async (statement) => {
    await expect(ask(statement)).rejects.toMatchObject({ code: '42501' });
    expect(await ask('SELECT reason FROM security_events WHERE seq = 1')).toEqual([
      { reason: 'chain_started' },
    ]);
  });

  it('are out of reach for the role of every other service', async () => {
    const other = SERVICES.find((name) => name !== service) ?? service;
    const url = new URL(databaseUrls[other]);
    url.pathname = new URL(databaseUrls[service]).pathname;
    // No privilege to connect; or a server that lets nobody in whom it does not name, and looks no further.
    const code = expect.stringMatching(/^(?:42501|28000)$/) as string;
    await expect(askDatabase(url.href, 'SELECT 1')).rejects.toMatchObject({ code });
  });
});
