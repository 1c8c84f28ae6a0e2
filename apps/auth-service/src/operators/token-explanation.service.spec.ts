import type { Database } from '@sallyport/persistence';
import { TokenMint } from '@sallyport/testing';
import { certificateThumbprint } from '@sallyport/tokens';
import { accountsOf } from '../accounts/accounts.fixture';
import { openAuthDatabase, openSession, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { linesOf } from '../commands/explain-token.command';
import { recordRevocation } from '../revocations/record-revocation';
import { ownAccessTokens } from '../tokens/own-access-tokens';
import { KeyTaintingService } from './key-tainting.service';
import { TokenExplanationService } from './token-explanation.service';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await accountsOf(database);
  const { keys, accounts, revocationRows, clock, ends, revocations } = replica;
  const profile = {
    issuer: 'https://localhost:8443',
    audience: 'https://api.sallyport.internal',
    lifetimeSeconds: 900,
  };
  const service = new TokenExplanationService(
    keys,
    accounts,
    revocationRows,
    ownAccessTokens(profile, keys, clock.now),
    database,
  );
  const account = await replica.newAccount();
  const tokens = await openSession(replica, account);
  const explain = async (token = tokens.accessToken) => {
    const explanation = await service.explain(token);
    return explanation && linesOf(explanation).join('\n');
  };
  return {
    ...replica,
    account,
    tokens,
    explain,
    tainting: new KeyTaintingService(keys, ends, revocations, clock.now),
  };
}

type World = Awaited<ReturnType<typeof setUp>>;

describe('TokenExplanationService', () => {
  it.each(['', 'no token', 'a.b.c'])('has nothing to say of %j', async (text) => {
    const { explain } = await setUp();
    expect(await explain(text)).toBeUndefined();
  });

  it.each<[string, (world: World) => unknown, string[]]>([
    [
      'works',
      () => undefined,
      ['ACCEPTED', 'active since', 'live: opened', 'may sign in', 'Nothing'],
    ],
    [
      'has expired',
      ({ clock }) => {
        clock.advance({ seconds: 906 });
      },
      ['REFUSED: token_expired', 'active since'],
    ],
    [
      'was revoked itself',
      ({ tokenRevocation, tokens }) => tokenRevocation.revoke(tokens.accessToken, ORIGIN),
      ['REFUSED: revoked by token, because of token_revoked', 'live: opened', 'NOT PUBLISHED YET'],
    ],
    [
      'belongs to a session that was logged out',
      ({ sessions, tokens }) => sessions.logOut(tokens.refreshToken, ORIGIN),
      ['REFUSED: revoked by session, because of logout', 'ENDED at'],
    ],
    [
      'belongs to a locked account',
      ({ control, account }) => control.lock(account.id, undefined),
      ['REFUSED: revoked by subject, because of account_locked', 'LOCKED since'],
    ],
    [
      'was signed by a key that was tainted',
      async ({ tainting, keys }) => tainting.taint((await keys.active()).kid),
      ['REFUSED: token_key_unknown', 'TAINTED since', 'by signing_key', 'signing_key_tainted'],
    ],
    [
      'was signed by a key that is retired',
      async ({ keys }) => {
        await keys.prepare();
        await keys.activate({ immediately: true });
      },
      ['ACCEPTED', 'retired, verifies until'],
    ],
  ])('says of a token that it %s', async (_, happen, phrases) => {
    const world = await setUp();
    await happen(world);
    const text = (await world.explain()) ?? '';
    for (const phrase of phrases) expect(text).toContain(phrase);
    expect(text).not.toContain(world.tokens.accessToken.split('.')[2]);
  });

  it('knows when the certificate it is bound to was revoked', async () => {
    const { explain, clock } = await setUp();
    const mint = new TokenMint({ clock: clock.now });
    const revokedId = certificateThumbprint(Buffer.from(mint.accessToken()));
    const bound = mint.accessToken({ payload: { cnf: { 'x5t#S256': revokedId } } });
    expect(await explain(bound)).toContain('Nothing revokes it');
    const [kind, reason, recordedAt] = ['certificate', 'leaked', clock.now()] as const;
    await recordRevocation(database.db, { kind, revokedId, reason, recordedAt });
    expect(await explain(bound)).toContain('by certificate  leaked');
    expect(await explain(mint.accessToken({ payload: { cnf: null } }))).toMatch(/^REFUSED/);
  });

  it('believes nothing of a foreign token, and shows what it claims', async () => {
    const { explain, account, clock } = await setUp();
    const mint = new TokenMint({ clock: clock.now });
    const text = await explain(mint.accessToken({ payload: { sub: account.id } }));
    expect(text).toContain('REFUSED: token_key_unknown');
    expect(text).toContain('signing key   unknown here');
    expect(text).toContain(account.id);
  });

  it('lets nothing through to the terminal that a forger wrote to mislead, and fails at nothing', async () => {
    const { explain, clock } = await setUp();
    const mint = new TokenMint({ clock: clock.now });
    const payload = {
      sub: '\u001b[2JACCEPTED',
      jti: 'a\u0000b',
      sid: '\u202e',
      exp: 1e15,
      iat: -1e300,
    };
    const text = (await explain(mint.accessToken({ payload }))) ?? '';
    expect(text).toMatch(/^REFUSED/);
    expect(text).toContain('\\u001b[2JACCEPTED');
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it('does not blame an epoch on a token that was issued after it', async () => {
    const world = await setUp();
    await world.control.endSessions(world.account.id, undefined);
    const again = await openSession(world, world.account);
    expect(await world.explain(again.accessToken)).toContain('ACCEPTED');
    expect(await world.explain()).toContain('REFUSED: revoked by');
  });
});
