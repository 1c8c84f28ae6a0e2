import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../../auth.fixture';
import type { AuthTables } from '../../auth.tables';
import { clientsOf, newClient, publicJwk } from './clients.fixture';
import type { ClientsReplica } from './clients.fixture';
import { LONGEST_OVERLAP_SECONDS } from './clients.service';
import type { NewClient } from './new-client';

const OPERATOR = randomUUID();

let database: Database<AuthTables>;
let replica: ClientsReplica;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  replica = await clientsOf(database);
});

afterAll(() => database.close());

const create = (changes: Partial<NewClient> = {}, secret?: string) =>
  replica.clientsService.create(newClient(changes), OPERATOR, secret);

describe('ClientsService.create', () => {
  it.each<[what: string, changes: Partial<NewClient>, reason: string]>([
    ['an id in capitals', { id: 'Client' }, 'oauth_client_id_invalid'],
    ['an id that could be an account', { id: randomUUID() }, 'oauth_client_id_invalid'],
    ['the id of the first-party client', { id: 'sallyport-web' }, 'oauth_client_id_invalid'],
    ['an id with a slash', { id: 'a/b' }, 'oauth_client_id_invalid'],
    ['no name', { name: '' }, 'oauth_client_name_invalid'],
    ['a name of two lines', { name: 'A\nb' }, 'oauth_client_name_invalid'],
    ['a name that is turned around', { name: 'A\u202eb' }, 'oauth_client_name_invalid'],
    ['http', { redirectUris: ['http://app.example/'] }, 'oauth_redirect_uri_invalid'],
    ['a fragment', { redirectUris: ['https://app.example/#a'] }, 'oauth_redirect_uri_invalid'],
    ['a wildcard', { redirectUris: ['https://*.example/'] }, 'oauth_redirect_uri_invalid'],
    ['no redirect URI', { redirectUris: [] }, 'oauth_redirect_uri_invalid'],
    [
      'http after signing out',
      { postLogoutRedirectUris: ['http://app.example/'] },
      'oauth_redirect_uri_invalid',
    ],
    [
      'a redirect URI of a machine',
      { kind: 'machine', redirectUris: ['https://app.example/'] },
      'oauth_redirect_uri_invalid',
    ],
    [
      'a redirect URI that oidc-provider alone refuses',
      { kind: 'native', redirectUris: ['https://127.0.0.1/'] },
      'oauth_client_metadata_invalid',
    ],
    ['an unknown scope', { scope: 'orders:everything' }, 'oauth_client_metadata_invalid'],
    ['a scope of operators', { scope: 'clients:manage' }, 'oauth_client_metadata_invalid'],
    ['no scope', { scope: '' }, 'oauth_client_metadata_invalid'],
    ['an unknown method', { authMethod: 'client_secret_jwt' }, 'oauth_client_metadata_invalid'],
    [
      'a machine that does not authenticate',
      { kind: 'machine', authMethod: 'none' },
      'oauth_client_metadata_invalid',
    ],
    [
      'a native client with a secret',
      { kind: 'native', authMethod: 'client_secret_basic' },
      'oauth_client_metadata_invalid',
    ],
    ['no key', { authMethod: 'private_key_jwt' }, 'oauth_client_metadata_invalid'],
    ['an empty key set', { jwks: { keys: [] } }, 'oauth_client_metadata_invalid'],
    ['a key that is none', { jwks: { keys: [{ kty: 'EC' }] } }, 'oauth_client_metadata_invalid'],
    [
      'a private key',
      { jwks: { keys: [{ ...publicJwk(), d: 'AA' }] } },
      'oauth_client_metadata_invalid',
    ],
    [
      'a shared key',
      { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } },
      'oauth_client_metadata_invalid',
    ],
    [
      'keys of a client with a secret',
      { authMethod: 'client_secret_basic', jwks: { keys: [publicJwk()] } },
      'oauth_client_metadata_invalid',
    ],
    [
      'a certificate’s name of no kind',
      { certificateName: 'api.acme.example' },
      'oauth_client_metadata_invalid',
    ],
    [
      'a wildcard in a certificate',
      { certificateName: 'dns:*.acme.example' },
      'oauth_client_metadata_invalid',
    ],
    ['half a name', { certificateName: 'dns:acme' }, 'oauth_client_metadata_invalid'],
    ['a URI that names nothing', { certificateName: 'uri:acme' }, 'oauth_client_metadata_invalid'],
    ['a subject that is none', { certificateName: 'dn:settler' }, 'oauth_client_metadata_invalid'],
    [
      'a subject in another order of writing',
      { certificateName: 'dn:/O=Acme/CN=settler' },
      'oauth_client_metadata_invalid',
    ],
    [
      'an address in a certificate',
      { certificateName: 'ip:192.0.2.1' },
      'oauth_client_metadata_invalid',
    ],
    [
      'an email address in a certificate',
      { certificateName: 'email:a@acme.example' },
      'oauth_client_metadata_invalid',
    ],
    [
      'a certificate without its name',
      { authMethod: 'tls_client_auth' },
      'oauth_client_metadata_invalid',
    ],
    [
      'the name of a certificate beside a secret',
      { authMethod: 'client_secret_basic', certificateName: 'dns:api.acme.example' },
      'oauth_client_metadata_invalid',
    ],
    [
      'keys beside the name of a certificate',
      { jwks: { keys: [publicJwk()] }, certificateName: 'dns:api.acme.example' },
      'oauth_client_metadata_invalid',
    ],
    [
      'a certificate that signs itself',
      { authMethod: 'self_signed_tls_client_auth' },
      'oauth_client_metadata_invalid',
    ],
    [
      'a certificate of a native client',
      { kind: 'native', authMethod: 'tls_client_auth', certificateName: 'dns:api.acme.example' },
      'oauth_client_metadata_invalid',
    ],
    [
      'a certificate, and tokens that are bound to nothing',
      { certificateName: 'dns:api.acme.example', certificateBoundTokens: false },
      'oauth_client_metadata_invalid',
    ],
  ])('refuses %s, and stores nothing', async (_, changes, reason) => {
    const before = await replica.clientsService.list();
    await expect(create(changes)).rejects.toMatchObject({ status: 'INVALID_ARGUMENT', reason });
    expect(await replica.clientsService.list()).toEqual(before);
    expect(replica.events.all).toEqual([]);
  });

  it('refuses an id that is taken, and leaves who has it as it is', async () => {
    const { client, secret = '' } = await create();
    await expect(create({ id: client.id, name: 'Another' })).rejects.toMatchObject({
      status: 'ALREADY_EXISTS',
      reason: 'oauth_client_exists',
    });
    expect(await replica.clientsService.find(client.id)).toEqual(client);
    expect(await replica.clients.isSecretOf(client.id, secret)).toBe(true);
  });

  it.each<[NewClient['kind'], string, boolean, object]>([
    ['spa', 'none', false, { application_type: 'web' }],
    ['native', 'none', false, { application_type: 'native' }],
    ['web', 'client_secret_basic', true, { application_type: 'web' }],
    ['machine', 'client_secret_basic', true, { grant_types: ['client_credentials'] }],
  ])('registers a %s client, which authenticates by %s', async (kind, method, isSecret, more) => {
    const { client, secret } = await create({ kind });
    expect(client.metadata).toMatchObject({ token_endpoint_auth_method: method, ...more });
    expect(secret === undefined).toBe(!isSecret);
    if (isSecret) expect(secret).toMatch(/^[\w-]{43}$/);
    const provider = await replica.server.provider();
    expect(await provider.Client.find(client.id)).toMatchObject({
      clientId: client.id,
      requirePushedAuthorizationRequests: isSecret,
    });
    expect(replica.events.all).toMatchObject([
      {
        type: 'client',
        reason: 'oauth_client_created',
        principal: OPERATOR,
        target: client.id,
      },
    ]);
  });

  it.each([
    ['dns:API.acme.example', { tls_client_auth_san_dns: 'api.acme.example' }],
    ['uri:urn:acme:settler', { tls_client_auth_san_uri: 'urn:acme:settler' }],
    ['dn:CN=settler,O=Acme', { tls_client_auth_subject_dn: 'CN=settler,O=Acme' }],
  ])('registers a client that is known by %s in its certificate', async (name, metadata) => {
    const { client, secret } = await create({ kind: 'machine', certificateName: name });
    expect(client.metadata).toMatchObject({
      ...{ ...metadata, token_endpoint_auth_method: 'tls_client_auth' },
      tls_client_certificate_bound_access_tokens: true,
    });
    expect(secret).toBeUndefined();
    const provider = await replica.server.provider();
    expect(await provider.Client.find(client.id)).toMatchObject({
      clientAuthMethod: 'tls_client_auth',
      tlsClientCertificateBoundAccessTokens: true,
    });
  });

  it.each(['spa', 'native', 'web', 'machine'] as const)(
    'binds the tokens of a %s client when that is wanted',
    async (kind) => {
      const { client } = await create({ kind, certificateBoundTokens: true });
      const provider = await replica.server.provider();
      expect(await provider.Client.find(client.id)).toMatchObject({
        tlsClientCertificateBoundAccessTokens: true,
      });
    },
  );

  it('takes no client with a certificate where none can be presented, nor lets one work', async () => {
    const { client } = await create({ certificateBoundTokens: true });
    const without = await clientsOf(database, null);
    for (const changes of [
      { certificateBoundTokens: true },
      { certificateName: 'dns:a.example' },
    ]) {
      await expect(
        without.clientsService.create(newClient(changes), OPERATOR),
      ).rejects.toMatchObject({ reason: 'oauth_client_metadata_invalid' });
    }
    const provider = await without.server.provider();
    expect(await provider.Client.find(client.id)).toBeUndefined();
    const { client: unbound } = await without.clientsService.create(newClient(), OPERATOR);
    expect(await provider.Client.find(unbound.id)).toMatchObject({ clientId: unbound.id });
  });

  it('keeps no secret but as a hash', async () => {
    const { client, secret = '' } = await create();
    const rows = await database.db
      .selectFrom('oauth_client_secrets')
      .innerJoin('oauth_clients', 'oauth_clients.id', 'client_id')
      .selectAll()
      .where('client_id', '=', client.id)
      .execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(replica.events.all)).not.toContain(secret);
  });
});

describe('ClientsService.rotateSecret', () => {
  it.each([-1, 0.5, NaN, LONGEST_OVERLAP_SECONDS + 1])(
    'refuses an overlap of %d s',
    async (overlap) => {
      const { client, secret = '' } = await create();
      await expect(
        replica.clientsService.rotateSecret(client.id, overlap, OPERATOR),
      ).rejects.toMatchObject({ status: 'INVALID_ARGUMENT', reason: 'oauth_overlap_invalid' });
      expect(await replica.clients.isSecretOf(client.id, secret)).toBe(true);
    },
  );

  it('finds no client that is none, and no secret of one that has none', async () => {
    const rotate = (id: string) => replica.clientsService.rotateSecret(id, 0, OPERATOR);
    await expect(rotate('nobody')).rejects.toMatchObject({ reason: 'oauth_client_not_found' });
    const { client } = await create({ kind: 'spa' });
    await expect(rotate(client.id)).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'oauth_client_has_no_secret',
    });
  });

  const accepted = async (id: string, secrets: readonly (string | undefined)[]) =>
    Promise.all(secrets.map((secret) => replica.clients.isSecretOf(id, secret ?? '')));

  it('without an overlap ends the secret before at once', async () => {
    const { client, secret: first } = await create();
    const { secret: second } = await replica.clientsService.rotateSecret(client.id, 0, OPERATOR);
    expect(await accepted(client.id, [first, second])).toEqual([false, true]);
  });

  it('with an overlap ends the secret before when that is over', async () => {
    const { client, secret: first } = await create();
    const { client: rotated, secret: second } = await replica.clientsService.rotateSecret(
      client.id,
      60,
      OPERATOR,
    );
    expect(rotated.secrets).toHaveLength(2);
    replica.clock.advance({ seconds: 59 });
    expect(await accepted(client.id, [first, second])).toEqual([true, true]);
    replica.clock.advance({ seconds: 1 });
    expect(await accepted(client.id, [first, second])).toEqual([false, true]);
  });

  it('leaves two secrets at most, also when several rotate at once', async () => {
    const { client, secret: first } = await create();
    const rotations = await Promise.all(
      [1, 2, 3, 4].map(() => replica.clientsService.rotateSecret(client.id, 60, OPERATOR)),
    );
    const secrets = [first, ...rotations.map(({ secret }) => secret)];
    const working = (await accepted(client.id, secrets)).filter(Boolean);
    expect(working).toHaveLength(2);
    const [another = { secret: '' }] = rotations;
    expect(await accepted('another', [another.secret])).toEqual([false]);
  });
});

describe('ClientsService.replaceKeys', () => {
  it.each([
    ['a client with a secret', { kind: 'web' }, { keys: [publicJwk()] }],
    ['no key', { jwks: { keys: [publicJwk()] } }, { keys: [] }],
    ['something else', { jwks: { keys: [publicJwk()] } }, 'keys'],
  ] as const)('refuses %s', async (_, changes, jwks) => {
    const { client } = await create(changes);
    await expect(
      replica.clientsService.replaceKeys(client.id, jwks, OPERATOR),
    ).rejects.toMatchObject({ reason: 'oauth_client_metadata_invalid' });
    expect(await replica.clientsService.find(client.id)).toEqual(client);
  });

  it('lists two keys for an overlap, then the new one', async () => {
    const { client } = await create({ jwks: { keys: [publicJwk()] } });
    const keys = [...(client.metadata.jwks?.keys ?? []), publicJwk('P-384')];
    for (const listed of [keys, keys.slice(1)]) {
      await replica.clientsService.replaceKeys(client.id, { keys: listed }, OPERATOR);
      const provider = await replica.server.provider();
      expect((await provider.Client.find(client.id))?.jwks).toEqual({ keys: listed });
    }
  });
});
