import { randomBytes, randomUUID } from 'node:crypto';
import type { ServiceError } from '@sallyport/nest-zero-trust';
import { createDatabase, migrateToLatest, type Database } from '@sallyport/persistence';
import type { RecordedRevocation, Revocation } from '@sallyport/revocation';
import { FakeClock, postgresForTests, RecordedSecurityEvents } from '@sallyport/testing';
import { AccessTokenSigner, AccessTokenVerifier, LocalKeySet } from '@sallyport/tokens';
import type { AccessTokenClaims } from '@sallyport/tokens';
import { NEW_ACCOUNT_SCOPES } from './accounts/account';
import type { Account } from './accounts/account';
import { AccountsRepository } from './accounts/accounts.repository';
import { PASSWORD_AUTHENTICATION } from './accounts/credentials';
import { parseEmailAddress } from './accounts/email-address';
import type { AuthTables } from './auth.tables';
import { DevicesRepository } from './devices/devices.repository';
import { TrustedDevices } from './devices/trusted-devices.service';
import { MailOutbox } from './mail/mail-outbox';
import { NotMeLinksRepository } from './account-security/not-me-links.repository';
import { OwnerNotices } from './mail/owner-notices';
import { migrations } from './migrations';
import { RevocationsRepository } from './revocations/revocations.repository';
import { RevocationsService } from './revocations/revocations.service';
import type { RevocationFeed } from './revocations/revocation-feed';
import { OwnSessionsService } from './sessions/own-sessions.service';
import { SessionEndsRepository } from './sessions/session-ends.repository';
import { STRICT_SESSION_POLICY } from './sessions/session-policy';
import type { SessionPolicy } from './sessions/session-policy';
import { SessionsRepository } from './sessions/sessions.repository';
import { SessionsService } from './sessions/sessions.service';
import { TokenRevocationService } from './sessions/token-revocation.service';
import { FileKeyEncryption } from './signing-keys/file.key-encryption';
import { SIGNING_KEY_POLICY_DEFAULTS } from './signing-keys/signing-key-policy';
import { SigningKeysRepository } from './signing-keys/signing-keys.repository';
import { SigningKeysService } from './signing-keys/signing-keys.service';
import type { RefreshThrottle } from './throttling/refresh-throttle';
import type { IssuedTokens } from './tokens/issued-tokens';
import { ownAccessTokens } from './tokens/own-access-tokens';
import { TokenIssuer } from './tokens/token-issuer';

export const CLIENT_ADDRESS = '192.0.2.7';

/** Where the tests' requests come from. */
export const ORIGIN = { clientAddress: CLIENT_ADDRESS, userAgent: 'a browser' } as const;

export const PROFILE = {
  issuer: 'https://localhost:8443',
  audience: 'https://api.sallyport.internal',
  lifetimeSeconds: 900,
} as const;

/** One for all replicas of a test run. */
export const KEY_ENCRYPTION_KEY = randomBytes(32);

/** The domain of one replica of auth-service. */
export interface Replica {
  readonly clock: FakeClock;
  readonly events: RecordedSecurityEvents;
  readonly accounts: AccountsRepository;
  readonly devices: TrustedDevices;
  readonly sessionRows: SessionsRepository;
  readonly sessions: SessionsService;
  readonly ends: SessionEndsRepository;
  readonly ownSessions: OwnSessionsService;
  readonly tokenRevocation: TokenRevocationService;
  readonly revocations: RevocationsService;
  readonly revocationRows: RevocationsRepository;
  readonly feed: FakeFeed;
  readonly keys: SigningKeysService;
  readonly signer: AccessTokenSigner;
  readonly issuer: TokenIssuer;
  readonly refreshes: CountedRefreshes;
  /** Verifies an access token by the published keys, as a gateway does. */
  verify(accessToken: string): Promise<AccessTokenClaims>;
  /** An account nobody has had before. */
  newAccount(overrides?: Partial<Account>): Promise<Account>;
}

/** Publishes to nobody, and keeps what it was given. */
export class FakeFeed implements RevocationFeed {
  isPublishing = true;
  readonly published: Revocation[] = [];

  async publish(records: readonly RecordedRevocation[]): Promise<void> {
    this.published.push(...records.map(({ revocation }) => revocation));
  }
}

/** Lets every refresh through until it is told otherwise, and keeps of which sessions they were. */
export class CountedRefreshes implements RefreshThrottle {
  readonly sessions: string[] = [];
  refusal: ServiceError | undefined;

  async admit(sessionId: string): Promise<void> {
    this.sessions.push(sessionId);
    if (this.refusal) throw this.refusal;
  }
}

/** A replica on a real database. */
export async function replicaOf(
  database: Database<AuthTables>,
  clock = new FakeClock(),
  policy: SessionPolicy = STRICT_SESSION_POLICY,
): Promise<Replica> {
  const events = new RecordedSecurityEvents();
  const accounts = new AccountsRepository(database);
  const sessionRows = new SessionsRepository(database, policy);
  const ends = new SessionEndsRepository(database, policy);
  const encryption = new FileKeyEncryption(KEY_ENCRYPTION_KEY);
  const keys = new SigningKeysService(
    new SigningKeysRepository(database),
    encryption,
    clock.now,
    SIGNING_KEY_POLICY_DEFAULTS,
    events,
  );
  await keys.ensureActive();
  const signer = new AccessTokenSigner({ ...PROFILE, clock: clock.now });
  const issuer = new TokenIssuer(signer);
  const feed = new FakeFeed();
  const revocations = new RevocationsService(feed);
  const refreshes = new CountedRefreshes();
  const devices = new TrustedDevices(
    new DevicesRepository(database),
    new OwnerNotices(new MailOutbox(database, encryption), new NotMeLinksRepository(database)),
    clock.now,
  );
  const sessions = new SessionsService(
    sessionRows,
    ends,
    revocations,
    keys,
    issuer,
    devices,
    database,
    clock.now,
    events,
    refreshes,
  );
  return {
    refreshes,
    devices,
    clock,
    events,
    accounts,
    sessionRows,
    sessions,
    ends,
    ownSessions: new OwnSessionsService(sessionRows, ends, revocations, clock.now, events),
    tokenRevocation: new TokenRevocationService(
      sessions,
      revocations,
      ownAccessTokens(PROFILE, keys, clock.now),
      database,
      clock.now,
      events,
    ),
    revocations,
    revocationRows: new RevocationsRepository(database, clock.now),
    feed,
    keys,
    signer,
    issuer,
    async verify(accessToken) {
      const keySet = new LocalKeySet({ keys: await keys.published() });
      // As a gateway has it: an epoch lies up to a second ahead.
      const options = { ...PROFILE, keys: keySet, clock: clock.now, clockToleranceSeconds: 5 };
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

/** Opens a session by password, of which nobody is told. */
export async function openSession(
  { sessions }: Pick<Replica, 'sessions'>,
  account: Account,
): Promise<IssuedTokens> {
  const origin = { ...ORIGIN, isExpected: true };
  const tokens = await sessions.open(account, PASSWORD_AUTHENTICATION, origin);
  if (!tokens) throw new Error('the account does not allow it');
  return tokens;
}

/** An empty database with today's tables. */
export async function openAuthDatabase(): Promise<Database<AuthTables>> {
  const url = await postgresForTests();
  const database = createDatabase<AuthTables>({ url, applicationName: 'auth-service' });
  await migrateToLatest(database.db, migrations);
  return database;
}
