import { randomBytes, randomUUID } from 'node:crypto';
import { createDatabase, migrateToLatest, type Database } from '@sallyport/persistence';
import { FakeClock, postgresForTests, RecordedSecurityEvents } from '@sallyport/testing';
import { AccessTokenSigner, AccessTokenVerifier, LocalKeySet } from '@sallyport/tokens';
import type { AccessTokenClaims } from '@sallyport/tokens';
import { NEW_ACCOUNT_SCOPES } from './accounts/account';
import type { Account } from './accounts/account';
import { AccountsRepository } from './accounts/accounts.repository';
import { parseEmailAddress } from './accounts/email-address';
import type { AuthTables } from './auth.tables';
import { migrations } from './migrations';
import { SessionsRepository } from './sessions/sessions.repository';
import { SessionsService } from './sessions/sessions.service';
import { FileKeyEncryption } from './signing-keys/file.key-encryption';
import { SigningKeysRepository } from './signing-keys/signing-keys.repository';
import { SigningKeysService } from './signing-keys/signing-keys.service';
import { TokenIssuer } from './tokens/token-issuer';

export const CLIENT_ADDRESS = '192.0.2.7';

const ISSUER = 'https://localhost:8443';
const AUDIENCE = 'https://api.sallyport.internal';
const PROFILE = { issuer: ISSUER, audience: AUDIENCE } as const;

/** One for all replicas of a test run. */
export const KEY_ENCRYPTION_KEY = randomBytes(32);

/** The domain of one replica of auth-service, on a real database. */
export async function replicaOf(database: Database<AuthTables>, { clock = new FakeClock() } = {}) {
  const events = new RecordedSecurityEvents();
  const accounts = new AccountsRepository(database);
  const sessionRows = new SessionsRepository(database);
  const keys = new SigningKeysService(
    new SigningKeysRepository(database),
    new FileKeyEncryption(KEY_ENCRYPTION_KEY),
    clock.now,
  );
  await keys.ensureActive();
  const signer = new AccessTokenSigner({ ...PROFILE, lifetimeSeconds: 900, clock: clock.now });
  const issuer = new TokenIssuer(signer);
  const sessions = new SessionsService(sessionRows, keys, issuer, clock.now, events);
  return {
    clock,
    events,
    accounts,
    sessionRows,
    keys,
    sessions,
    /** Verifies an access token by the published keys, as a gateway does. */
    async verify(accessToken: string): Promise<AccessTokenClaims> {
      const keySet = new LocalKeySet({ keys: await keys.published() });
      const options = { ...PROFILE, keys: keySet, clock: clock.now, clockToleranceSeconds: 0 };
      return new AccessTokenVerifier(options).verify(accessToken);
    },
    /** An account nobody has had before. */
    async newAccount({ passwordHash = '$argon2id$' } = {}): Promise<Account> {
      const account = await accounts.create({
        email: parseEmailAddress(`${randomUUID()}@example.com`),
        passwordHash,
        scopes: NEW_ACCOUNT_SCOPES,
        createdAt: clock.now(),
      });
      if (!account) throw new Error('a random address was taken');
      return account;
    },
  };
}

/** An empty database with today's tables. */
export async function openAuthDatabase(): Promise<Database<AuthTables>> {
  const url = await postgresForTests();
  const database = createDatabase<AuthTables>({ url, applicationName: 'auth-service' });
  await migrateToLatest(database.db, migrations);
  return database;
}
