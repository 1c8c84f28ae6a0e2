import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@sallyport/persistence';
import { RevocationReplica } from '@sallyport/revocation';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { newThumbprint, partnersOf, presented } from './partners.fixture';
import type { PartnersReplica } from './partners.fixture';

let database: Database<AuthTables>;
let replica: PartnersReplica;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  replica = await partnersOf(database);
});

async function setUp(scopes = 'orders:read orders:write') {
  const { id, certificate } = await replica.newPinnedPartner(scopes);
  const { thumbprint } = certificate;
  const issue = (scope = '') => replica.tokens.issue(presented(thumbprint), scope);
  return { id, thumbprint, issue };
}

/** Whether a gateway that has heard of everything published still takes the token. */
async function isRevoked(accessToken: string): Promise<boolean> {
  const gateway = new RevocationReplica();
  for (const revocation of replica.feed.published) gateway.apply(revocation);
  const claims = await replica.verify(accessToken);
  return (
    gateway.revocationOf(claims) !== undefined ||
    gateway.isRevoked('certificate', claims.certificateThumbprint ?? '')
  );
}

describe('PartnerTokensService refuses', () => {
  it.each([
    ['one more scope', 'orders:read billing:read', 'PERMISSION_DENIED'],
    ['another scope', 'keys:manage', 'PERMISSION_DENIED'],
    ['a scope in another case', 'Orders:read', 'PERMISSION_DENIED'],
    ['what is no scope', 'orders:read  orders:write', 'INVALID_ARGUMENT'],
    ['scopes with a comma', 'orders:read,orders:write', 'INVALID_ARGUMENT'],
  ])('%s', async (_name, scope, status) => {
    const { id, thumbprint, issue } = await setUp();
    await expect(issue(scope)).rejects.toMatchObject({ status, reason: 'invalid_scope' });
    expect(replica.events.all).toMatchObject([
      {
        ...{ type: 'partner', outcome: 'refused', reason: 'partner_scope_refused' },
        ...{ principal: id, certificate: thumbprint },
      },
    ]);
    expect(await issue('orders:read')).toMatchObject({ scope: 'orders:read' });
  });

  it('a certificate of nobody', async () => {
    const nobody = presented(newThumbprint(), `dns:${randomUUID()}.example`);
    await expect(replica.tokens.issue(nobody, '')).rejects.toMatchObject({
      status: 'UNAUTHENTICATED',
      reason: 'partner_unknown',
    });
    expect(replica.events.refusals).toEqual(['partner_unknown']);
  });

  it('a partner that is disabled', async () => {
    const { id, issue } = await setUp();
    await replica.registry.disable(id);
    await expect(issue()).rejects.toMatchObject({ reason: 'partner_disabled' });
    await replica.registry.enable(id);
    expect(await isRevoked((await issue()).accessToken)).toBe(false);
  });
});

describe('PartnerTokensService issues a token', () => {
  it('for the partner, bound to the certificate that was presented', async () => {
    const { id, thumbprint, issue } = await setUp();
    const { accessToken, ...described } = await issue();
    const { epochSeconds } = replica.clock;
    expect(described).toEqual({
      expiresIn: 900,
      expiresAt: new Date((epochSeconds + 900) * 1000),
      scope: 'orders:read orders:write',
    });
    expect(await replica.verify(accessToken)).toEqual({
      iss: 'https://localhost:8443',
      aud: 'https://api.sallyport.internal',
      sub: id,
      client_id: id,
      principal_type: 'partner',
      certificateThumbprint: thumbprint,
      scopes: new Set(['orders:read', 'orders:write']),
      iat: epochSeconds,
      exp: epochSeconds + 900,
      jti: expect.any(String) as string,
    });
    expect(replica.events.all).toMatchObject([
      { reason: 'partner_token_issued', principal: id, certificate: thumbprint },
    ]);
  });

  it('to a partner known by a name, bound to the certificate all the same', async () => {
    const [id, thumbprint] = [await replica.newPartner(), newThumbprint()];
    const name = `dns:${randomUUID()}.example`;
    await replica.registry.addName(id, name);
    const { accessToken } = await replica.tokens.issue(presented(thumbprint, name), '');
    expect(await replica.verify(accessToken)).toMatchObject({
      ...{ sub: id, certificateThumbprint: thumbprint },
    });
  });
});

describe('a token of a partner ends', () => {
  it.each<[string, (id: string, thumbprint: string) => Promise<unknown>]>([
    ['when the partner is disabled', (id) => replica.registry.disable(id)],
    ['with a scope of the partner', (id) => replica.registry.setScopes(id, 'orders:read')],
    ['when its limit changes', (id) => replica.registry.setLimit(id, '10')],
    ['with its certificate', (_id, thumbprint) => replica.certificates.revoke(thumbprint)],
    ['when its certificate is retired', (id, x5t) => replica.certificates.retire(id, x5t)],
  ])('%s', async (_name, end) => {
    const { id, thumbprint, issue } = await setUp();
    const { accessToken } = await issue();
    const bystander = await setUp();
    const other = await bystander.issue();
    expect(await isRevoked(accessToken)).toBe(false);
    await end(id, thumbprint);
    expect(await isRevoked(accessToken)).toBe(true);
    expect(await isRevoked(other.accessToken)).toBe(false);
  });

  it('with the name it stands on', async () => {
    const [id, name] = [await replica.newPartner(), `dns:${randomUUID()}.example`];
    await replica.registry.addName(id, name);
    const { accessToken } = await replica.tokens.issue(presented(newThumbprint(), name), '');
    await replica.registry.removeName(id, name);
    expect(await isRevoked(accessToken)).toBe(true);
  });

  it('with the second of two changes within one second, issued between them', async () => {
    const { id, issue } = await setUp('a b c');
    await replica.registry.setScopes(id, 'a b');
    const { accessToken } = await issue();
    expect(await isRevoked(accessToken)).toBe(false);
    await replica.registry.setScopes(id, 'a');
    expect(await isRevoked(accessToken)).toBe(true);
    const last = await issue();
    expect(last.scope).toBe('a');
    expect(await isRevoked(last.accessToken)).toBe(false);
  });

  it('not when the partner may do more', async () => {
    const { id, issue } = await setUp('a');
    const { accessToken } = await issue();
    await replica.registry.setScopes(id, 'b a');
    expect(await isRevoked(accessToken)).toBe(false);
    expect((await issue()).scope).toBe('b a');
  });

  it('that was decided on before a change and signed long after it', async () => {
    const { id, issue } = await setUp('a b');
    const active = await replica.keys.active();
    jest.spyOn(replica.keys, 'active').mockImplementationOnce(async () => {
      await replica.registry.setScopes(id, 'a');
      replica.clock.advance({ seconds: 3 });
      return active;
    });
    const { accessToken, scope } = await issue();
    expect(scope).toBe('a b');
    expect(await isRevoked(accessToken)).toBe(true);
  });

  it('not, but has what is left, when a change is under way as it is asked for', async () => {
    const { id, issue } = await setUp('a b');
    const trace = { reason: 'partner_scopes_changed' };
    const change = await replica.changes.carryOut(
      id,
      trace,
      async ({ transaction, startEpoch }) => {
        await transaction
          .updateTable('partners')
          .set({ scopes: ['a'] })
          .where('id', '=', id)
          .execute();
        await startEpoch();
        replica.clock.advance({ seconds: 3 });
        const issued = issue();
        await delay(200);
        return { issued };
      },
    );
    const { accessToken, scope } = await change.issued;
    expect(scope).toBe('a');
    expect(await isRevoked(accessToken)).toBe(false);
  });
});
