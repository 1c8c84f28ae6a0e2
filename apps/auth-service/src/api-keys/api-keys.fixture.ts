import { parseApiKey, type PresentedApiKey } from '@sallyport/api-keys';
import { createLogger, type Logger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { createPrincipal, type Principal } from '@sallyport/principal';
import type { FakeClock } from '@sallyport/testing';
import type { Account } from '../accounts/account';
import { accountsOf, type AccountsReplica } from '../accounts/accounts.fixture';
import { CLIENT_ADDRESS, openSession } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { STRICT_SESSION_POLICY } from '../sessions/session-policy';
import type { IssuedApiKey } from './api-key';
import { ApiKeyControlService } from './api-key-control.service';
import { ApiKeyIssuanceService } from './api-key-issuance.service';
import { ApiKeyPruning } from './api-key-pruning';
import { ApiKeyResolutionService } from './api-key-resolution.service';
import { ApiKeysRepository } from './api-keys.repository';
import { EndedApiKeysRepository } from './ended-api-keys.repository';
import { ExposedApiKeysService } from './exposed-api-keys.service';
import { OwnApiKeysService } from './own-api-keys.service';
import { PresentedApiKeysRepository } from './presented-api-keys.repository';
import type { WantedApiKey } from './wanted-api-key';

/** Acceptable to everybody. */
export const WANTED: WantedApiKey = {
  name: 'nightly export',
  scopes: ['orders:read', 'billing:read'],
  expiresAt: undefined,
};

/** A replica with its API key services. */
export interface ApiKeysReplica extends AccountsReplica {
  readonly issuance: ApiKeyIssuanceService;
  readonly own: OwnApiKeysService;
  readonly presentedKeys: PresentedApiKeysRepository;
  readonly resolution: ApiKeyResolutionService;
  readonly exposed: ExposedApiKeysService;
  readonly keyControl: ApiKeyControlService;
  readonly pruning: ApiKeyPruning;
  readonly logger: Logger;
  /** What was logged. */
  readonly lines: readonly string[];
  /** Somebody who has just signed in, to an account of their own or this one. */
  signIn(account?: Account): Promise<Principal>;
  /** A key of a user in a session. */
  newKey(owner: Principal, wanted?: Partial<WantedApiKey>): Promise<IssuedApiKey>;
}

/** A replica with its API key services, on a real database. */
export async function apiKeysOf(
  database: Database<AuthTables>,
  clock?: FakeClock,
): Promise<ApiKeysReplica> {
  const replica = await accountsOf(database, clock);
  const { accounts, revocations, events, newAccount, verify } = replica;
  const { now } = replica.clock;
  const lines: string[] = [];
  const logger = createLogger({
    service: 'auth-service',
    level: 'info',
    destination: { write: (line) => lines.push(line) },
  });
  const keys = new ApiKeysRepository(database);
  const presentedKeys = new PresentedApiKeysRepository(database);
  const policy = STRICT_SESSION_POLICY;
  const issuance = new ApiKeyIssuanceService(keys, revocations, database, policy, now, events);
  return {
    ...replica,
    logger,
    lines,
    issuance,
    own: new OwnApiKeysService(keys, revocations, database, now, events),
    presentedKeys,
    resolution: new ApiKeyResolutionService(presentedKeys, now, logger, events),
    exposed: new ExposedApiKeysService(presentedKeys, revocations, database, now, events),
    keyControl: new ApiKeyControlService(accounts, keys, revocations, database, now, events),
    pruning: new ApiKeyPruning(new EndedApiKeysRepository(database), now),
    async signIn(given) {
      const account = given ?? (await newAccount());
      const { sid } = await verify((await openSession(replica, account)).accessToken);
      const { id, scopes } = account;
      return createPrincipal({ id, type: 'user', scopes: new Set(scopes), sessionId: sid });
    },
    newKey: (owner, wanted) => issuance.create(owner, { ...WANTED, ...wanted }, CLIENT_ADDRESS),
  };
}

/** What the gateway makes of a whole key. */
export function presented({ presentedKey }: Pick<IssuedApiKey, 'presentedKey'>): PresentedApiKey {
  const key = parseApiKey(presentedKey);
  if (!key) throw new Error('an issued key has not the form of one');
  return key;
}
