import { compactJws, partsOf, rs256 } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { issuerKey } from '../src/issuer-key';
import { EVIDENCE, needs } from '../src/needs';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicRequest } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE, 'databases', 'key-encryption-key');

const OPERATORS = 'sallyport.auth.v1.OperatorService';

interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly scope: 'keys:manage' | 'accounts:manage' | 'clients:manage';
  readonly json?: unknown;
}

const client = new PublicClient();
const evidence = new Evidence();
let customer: Customer;
let operator: Customer;
let operatorWithout: Readonly<Record<Endpoint['scope'], string>>;
beforeAll(async () => {
  [customer, operator] = await Promise.all([signUp(client), newOperator(client)]);
  const { header, payload } = partsOf(operator.accessToken);
  const { privateKey } = await issuerKey();
  /** As the issuer would sign it for an operator who is not one of everything. */
  const withScope = (scope: string): string =>
    compactJws(header, { ...payload, scope }, rs256(privateKey));
  operatorWithout = {
    'keys:manage': withScope('accounts:manage audit:read'),
    'accounts:manage': withScope('keys:manage audit:read'),
    'clients:manage': withScope('keys:manage accounts:manage audit:read'),
  };
});

// Would lock the operator out, if it were served.
const account = 'operator@example.com';
const kid = 'unknown';
const newClient = { id: 'evil', name: 'Evil', type: 'machine', scope: 'orders:read' };
const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/admin/keys', scope: 'keys:manage' },
  { method: 'POST', path: '/admin/keys/prepare', scope: 'keys:manage' },
  { method: 'POST', path: '/admin/keys/activate', scope: 'keys:manage', json: {} },
  { method: 'POST', path: '/admin/keys/retire', scope: 'keys:manage', json: { kid } },
  { method: 'POST', path: '/admin/keys/taint', scope: 'keys:manage', json: { kid } },
  ...['lock', 'unlock', 'end-sessions', 'delete'].map((action): Endpoint => ({
    method: 'POST',
    path: `/admin/accounts/${action}`,
    scope: 'accounts:manage',
    json: { account },
  })),
  { method: 'GET', path: '/admin/oauth-clients', scope: 'clients:manage' },
  { method: 'POST', path: '/admin/oauth-clients', scope: 'clients:manage', json: newClient },
  ...['rotate-secret', 'replace-keys', 'disable', 'enable'].map((action): Endpoint => ({
    method: 'POST',
    path: `/admin/oauth-clients/sample-web/${action}`,
    scope: 'clients:manage',
    ...(action === 'replace-keys' && { json: { jwks: { keys: [{}] } } }),
  })),
];

const as = (accessToken: string | undefined, request: PublicRequest): Promise<PublicResponse> =>
  client.send({ ...request, accessToken });

describe.each(ENDPOINTS)('$method $path', ({ scope, ...request }) => {
  it('is not for customers', async () => {
    const answer = await as(customer.accessToken, request);

    await expectRefused(answer, { evidence, status: 403, code: 'insufficient_scope' });
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="sallyport", error="insufficient_scope", scope="${scope}"`,
    );
  });

  it('is not for operators of something else', async () => {
    const answer = await as(operatorWithout[scope], request);

    await expectRefused(answer, { evidence, status: 403, code: 'insufficient_scope' });
  });

  it('is for nobody without a token', async () => {
    const answer = await as(undefined, request);

    await expectRefused(answer, { evidence, status: 401, code: 'credential_missing' });
  });
});

describe('an operator', () => {
  it.each<readonly [path: string, json: unknown, code: string, rpc: string]>([
    ['/admin/keys/retire', { kid }, 'signing_key_not_found', 'RetireSigningKey'],
    ['/admin/keys/taint', { kid }, 'signing_key_not_found', 'TaintSigningKey'],
    ['/admin/accounts/lock', { account: 'nobody@example.com' }, 'account_not_found', 'LockAccount'],
    [
      '/admin/accounts/unlock',
      { account: '00000000-0000-4000-8000-000000000000' },
      'account_not_found',
      'UnlockAccount',
    ],
    [
      '/admin/accounts/end-sessions',
      { account: 'nobody@example.com' },
      'account_not_found',
      'EndAccountSessions',
    ],
    [
      '/admin/accounts/delete',
      { account: 'nobody@example.com' },
      'account_not_found',
      'DeleteAccount',
    ],
  ])('gets nothing at %s of what does not exist', async (path, json, code, rpc) => {
    const answer = await as(operator.accessToken, { method: 'POST', path, json });

    const handled = [`POST ${path}`, `${OPERATORS}/${rpc}`];
    await expectRefused(answer, { evidence, status: 404, code, handled });
  });

  it('who is one of both is served at either', async () => {
    const keys = await as(operator.accessToken, { path: '/admin/keys' });
    const unlocked = await as(operator.accessToken, {
      method: 'POST',
      path: '/admin/accounts/unlock',
      json: { account: customer.userId },
    });

    await expectPassed(keys, {
      evidence,
      handled: ['GET /admin/keys', `${OPERATORS}/ListSigningKeys`],
    });
    await expectPassed(unlocked, {
      evidence,
      handled: ['POST /admin/accounts/unlock', `${OPERATORS}/UnlockAccount`],
    });
    // No key leaves the service in another form than its public half, and that elsewhere.
    expect(keys.body).not.toMatch(/private|sealed|"[nde]":/);
  });
});
