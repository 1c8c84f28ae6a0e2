import { clientsV1, RpcError, type RpcStatus } from '@sallyport/contracts';
import { MFA_ACR } from '@sallyport/principal';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const SERVICE = '/sallyport.clients.v1.OauthClientService';
const secret = 'a-secret-that-is-shown-once';

const client: clientsV1.OauthClient = {
  id: 'shop',
  name: 'The shop',
  applicationType: 'web',
  grantTypes: ['authorization_code', 'refresh_token'],
  redirectUris: ['https://shop.example/'],
  postLogoutRedirectUris: [],
  scope: 'openid',
  authMethod: 'client_secret_basic',
  keyIds: [],
  backchannelLogoutUri: '',
  certificateName: '',
  certificateBoundTokens: false,
  dpopBoundAccessTokens: false,
  createdAt: new Date('2026-11-24T10:00:00.000Z'),
  disabledAt: undefined,
  secrets: [{ createdAt: new Date('2026-11-24T10:00:00.000Z'), validUntil: undefined }],
};
const view = {
  ...client,
  backchannelLogoutUri: null,
  certificateName: null,
  dpopBoundAccessTokens: false,
  createdAt: '2026-11-24T10:00:00.000Z',
  disabledAt: null,
  secrets: [{ createdAt: '2026-11-24T10:00:00.000Z', validUntil: null }],
};
const wanted = {
  id: 'shop',
  name: 'The shop',
  type: 'web',
  scope: 'openid',
  redirectUris: ['https://shop.example/'],
};
const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] };

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  const token = gateway.mint.accessToken({ payload: { scope: 'clients:manage', acr: MFA_ACR } });
  credential = ['authorization', `Bearer ${token}`];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  const { auth } = gateway.transports;
  auth.answer('createClient', { client, secret });
  auth.answer('listClients', { clients: [client] });
  auth.answer('rotateClientSecret', { client, secret });
  auth.answer('replaceClientKeys', { client });
  auth.answer('disableClient', { client, endedSessions: 2 });
  auth.answer('enableClient', { client });
});

type Operation = readonly [
  method: string,
  path: string,
  json: unknown,
  status: number,
  rpc: string,
  request: object,
  answer: object,
];

const clientId = 'shop';
const operations: Operation[] = [
  ['GET', '', undefined, 200, 'ListClients', {}, { items: [view] }],
  [
    'POST',
    '',
    wanted,
    201,
    'CreateClient',
    { id: 'shop', kind: clientsV1.ClientKind.CLIENT_KIND_WEB, jwksJson: '', authMethod: '' },
    { client: view, secret },
  ],
  [
    'POST',
    '',
    { ...wanted, authMethod: 'private_key_jwt', jwks },
    201,
    'CreateClient',
    { jwksJson: JSON.stringify(jwks), authMethod: 'private_key_jwt' },
    { client: view, secret },
  ],
  [
    'POST',
    '',
    { ...wanted, authMethod: 'tls_client_auth', certificateName: 'dns:shop.example' },
    201,
    'CreateClient',
    { authMethod: 'tls_client_auth', certificateName: 'dns:shop.example' },
    { client: view, secret },
  ],
  [
    'POST',
    '/shop/rotate-secret',
    undefined,
    200,
    'RotateClientSecret',
    { clientId, overlapSeconds: 0 },
    { client: view, secret },
  ],
  [
    'POST',
    '/shop/rotate-secret',
    { overlapSeconds: 60 },
    200,
    'RotateClientSecret',
    { clientId, overlapSeconds: 60 },
    { client: view, secret },
  ],
  [
    'POST',
    '/shop/replace-keys',
    { jwks },
    200,
    'ReplaceClientKeys',
    { clientId, jwksJson: JSON.stringify(jwks) },
    view,
  ],
  [
    'POST',
    '/shop/disable',
    undefined,
    200,
    'DisableClient',
    { clientId },
    { client: view, endedSessions: 2 },
  ],
  ['POST', '/shop/enable', undefined, 200, 'EnableClient', { clientId }, view],
];

describe.each(operations)(
  '%s /admin/oauth-clients%s with %j',
  (method, path, json, status, rpc, request, expected) => {
    const ask = (headers: readonly (readonly [string, string])[]) =>
      gateway.send({ method, path: `/admin/oauth-clients${path}`, json, headers });

    it('is refused to nobody', async () => {
      expectRefusal(gateway, await ask([]), { status: 401, code: 'credential_missing' });
    });

    it.each([['orders:read orders:write'], ['keys:manage accounts:manage audit:read'], ['']])(
      'is refused with the scope "%s"',
      async (scope) => {
        const token = gateway.mint.accessToken({ payload: { scope } });
        const answer = await ask([['authorization', `Bearer ${token}`]]);
        expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
      },
    );

    it('is for operators', async () => {
      const answer = await ask([credential]);
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body)).toEqual(expected);
      expect(gateway.upstreamCalls()).toMatchObject([{ path: `${SERVICE}/${rpc}`, request }]);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(gateway.log.join('')).not.toContain(secret);
    });
  },
);

describe('an operation on OAuth clients is refused', () => {
  it.each<[string, unknown, string]>([
    ['', undefined, ''],
    ['', { ...wanted, id: 'x' }, 'id'],
    ['', { ...wanted, type: 'other' }, 'type'],
    ['', { ...wanted, authMethod: 'client_secret_jwt' }, 'authMethod'],
    ['', { ...wanted, redirectUris: [1] }, 'redirectUris.0'],
    ['', { ...wanted, secret: 'mine' }, 'secret'],
    ['/shop/rotate-secret', { overlapSeconds: -1 }, 'overlapSeconds'],
    ['/shop/rotate-secret', { overlapSeconds: 2_592_001 }, 'overlapSeconds'],
    ['/shop/rotate-secret', { overlapSeconds: '60' }, 'overlapSeconds'],
    ['/shop/replace-keys', {}, 'jwks'],
    ['/shop/replace-keys', { jwks: { keys: [] } }, 'jwks.keys'],
  ])('%s with %j', async (path, json, violation) => {
    const answer = await gateway.send({
      method: 'POST',
      path: `/admin/oauth-clients${path}`,
      json,
      headers: [credential],
    });
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 400,
      code: 'validation_failed',
      violations: [{ path: violation }],
    });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each<
    [string, 'createClient' | 'rotateClientSecret' | 'disableClient', RpcStatus, string, number]
  >([
    ['', 'createClient', 'INVALID_ARGUMENT', 'oauth_client_id_invalid', 400],
    ['', 'createClient', 'INVALID_ARGUMENT', 'oauth_client_name_invalid', 400],
    ['', 'createClient', 'INVALID_ARGUMENT', 'oauth_redirect_uri_invalid', 400],
    ['', 'createClient', 'INVALID_ARGUMENT', 'oauth_client_metadata_invalid', 400],
    ['', 'createClient', 'ALREADY_EXISTS', 'oauth_client_exists', 409],
    ['/shop/rotate-secret', 'rotateClientSecret', 'NOT_FOUND', 'oauth_client_not_found', 404],
    [
      '/shop/rotate-secret',
      'rotateClientSecret',
      'FAILED_PRECONDITION',
      'oauth_client_has_no_secret',
      409,
    ],
    ['/shop/disable', 'disableClient', 'NOT_FOUND', 'oauth_client_not_found', 404],
  ])('%s, when auth-service says so: %s %s %s', async (path, rpc, rpcStatus, reason, status) => {
    gateway.transports.auth.fail(rpc, new RpcError(rpcStatus, reason));
    const answer = await gateway.send({
      method: 'POST',
      path: `/admin/oauth-clients${path}`,
      ...(path === '' && { json: wanted }),
      headers: [credential],
    });
    expect(statusAndCode(answer)).toEqual([status, reason]);
  });
});
