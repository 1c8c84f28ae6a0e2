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

const PROFILE = {
  issuer: 'https://localhost:8443',
  audience: 'https://api.sallyport.internal',
} as const;

/** One for all replicas of a test run. */
export const KEY_ENCRYPTION_KEY = randomBytes(32);

/** The domain of one replica of auth-service. */
export interface Replica {
  readonly clock: FakeClock;
  readonly events: RecordedSecurityEvents;
  readonly accounts: AccountsRepository;
  readonly sessionRows: SessionsRepository;
  readonly sessions: SessionsService;
  /** Verifies an access token by the published keys, as a gateway does. */
  verify(accessToken: string): Promise<AccessTokenClaims>;
  /** An account nobody has had before. */
  newAccount(overrides?: Partial<Account>): Promise<Account>;
}

/** A replica on a real database. */
export async function replicaOf(
  database: Database<AuthTables>,
  clock = new FakeClock(),
): Promise<Replica> {
  const events = new RecordedSecurityEvents();
  const accounts = new AccountsRepository(database);
  const sessionRows = new SessionsRepository(database);
  const encryption = new FileKeyEncryption(KEY_ENCRYPTION_KEY);
  const keys = new SigningKeysService(new SigningKeysRepository(database), encryption, clock.now);
  await keys.ensureActive();
  const signer = new AccessTokenSigner({ ...PROFILE, lifetimeSeconds: 900, clock: clock.now });
  const issuer = new TokenIssuer(signer);
  return {
    clock,
    events,
    accounts,
    sessionRows,
    sessions: new SessionsService(sessionRows, keys, issuer, clock.now, events),
    async verify(accessToken) {
      const keySet = new LocalKeySet({ keys: await keys.published() });
      const options = { ...PROFILE, keys: keySet, clock: clock.now, clockToleranceSeconds: 0 };
      return new AccessTokenVerifier(options).verify(accessToken);
    },
    async newAccount(overrides) {
      const account = await accounts.create({
        email: parseEmailAddress(`${randomUUID()}@example.com`),
        passwordHash: '$argon2id$',
        scopes: NEW_ACCOUNT_SCOPES,
        createdAt: clock.now(),
        ...overrides,
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
