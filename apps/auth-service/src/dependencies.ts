import type { Environment } from '@sallyport/configuration';
import { createLogger } from '@sallyport/observability';
import type { Logger, SecurityEvents } from '@sallyport/observability';
import { createDatabase } from '@sallyport/persistence';
import type { Database } from '@sallyport/persistence';
import { redisTls } from '@sallyport/revocation';
import { AccessTokenSigner, systemClock } from '@sallyport/tokens';
import type { Redis } from 'ioredis';
import type { AuthPorts } from './app.ports';
import type { AuthTables } from './auth.tables';
import {
  mfaPolicyOf,
  readAuthServiceConfig,
  registrationPolicyOf,
  sessionPolicyOf,
  signingKeyPolicyOf,
  throttlingPolicyOf,
} from './config/auth-service.config';
import type { AuthServiceConfig } from './config/auth-service.config';
import { readKeyEncryption } from './config/key-encryption-key.file';
import { CorrelatedSecurityEvents } from './correlated.security-events';
import { relyingPartyOf } from './config/relying-party.settings';
import { mailSenderOf } from './config/mail-sender.settings';
import { smsLimitsOf, smsOfferOf } from './config/sms.settings';
import { breachedPasswordsOf, passwordHashingOf } from './config/password.settings';
import type { RevocationFeed } from './revocations/revocation-feed';
import { connectRedis } from './throttling/connect-redis';
import { RedisAttemptThrottle } from './throttling/redis.attempt-throttle';
import { RedisExchangeThrottle } from './throttling/redis.exchange-throttle';
import { RedisSmsThrottle } from './throttling/redis.sms-throttle';
import { RedisRefreshThrottle } from './throttling/redis.refresh-throttle';

export const SERVICE = 'auth-service';

/** What auth-service stands on, whether it serves or carries out one command of an operator. */
export interface Dependencies {
  readonly database: Database<AuthTables>;
  readonly redis: Redis;
  readonly ports: AuthPorts;
  /** All but the database, which whoever opened it closes after these. */
  close(): void;
}

interface Surroundings {
  readonly config: AuthServiceConfig;
  readonly logger: Logger;
  /** Opened with {@link openDatabase}. */
  readonly database: Database<AuthTables>;
  readonly events: SecurityEvents;
  /** Told the database before it is used by anybody. */
  readonly feedOver: (database: Database<AuthTables>) => RevocationFeed;
}

/** The configuration and a logger, before anything is opened. @throws ConfigurationError */
export function readSurroundings(
  environment: Environment,
  destination?: { write(line: string): void },
): { readonly config: AuthServiceConfig; readonly logger: Logger } {
  const config = readAuthServiceConfig(environment);
  const level = config.LOG_LEVEL;
  return {
    config,
    logger: createLogger({ service: SERVICE, level, ...(destination && { destination }) }),
  };
}

/** The service's own database. */
export function openDatabase(config: AuthServiceConfig): Database<AuthTables> {
  return createDatabase<AuthTables>({ url: config.DATABASE_URL, applicationName: SERVICE });
}

/** Opens the stores and binds the ports. */
export function openDependencies(surroundings: Surroundings): Dependencies {
  const { config, logger, database } = surroundings;
  const keyEncryption = readKeyEncryption(config.KEY_ENCRYPTION_KEY_FILE);
  const clock = systemClock;
  const redis = connectRedis(config.REDIS_URL, logger, { tls: redisTls(config.REDIS_CA_FILE) });
  const events = new CorrelatedSecurityEvents(surroundings.events);
  const policy = throttlingPolicyOf(config);
  const tokenProfile = {
    issuer: config.ISSUER,
    audience: config.ACCESS_TOKEN_AUDIENCE,
    lifetimeSeconds: config.ACCESS_TOKEN_LIFETIME_SECONDS,
  };
  const ports: AuthPorts = {
    database,
    events,
    tokenProfile,
    throttle: new RedisAttemptThrottle({ redis, policy, events }),
    refreshThrottle: new RedisRefreshThrottle({
      redis,
      refreshesPerMinute: config.REFRESHES_PER_SESSION,
      events,
    }),
    exchangeThrottle: new RedisExchangeThrottle({
      redis,
      exchangesPerMinute: config.EXCHANGES_PER_WORKLOAD,
      events,
    }),
    passwords: passwordHashingOf(config, logger),
    breachedPasswords: breachedPasswordsOf(config, logger),
    mailSender: mailSenderOf(config, clock),
    smsOffer: smsOfferOf(config, clock),
    smsThrottle: new RedisSmsThrottle({
      redis,
      limits: smsLimitsOf(config),
      encryption: keyEncryption,
      events,
    }),
    keyEncryption,
    signer: new AccessTokenSigner({ ...tokenProfile, clock }),
    revocationFeed: surroundings.feedOver(database),
    sessionPolicy: sessionPolicyOf(config),
    clientAddresses: config.PRIVATE_CLIENT_ADDRESSES === 1 ? 'any' : 'public',
    mfaPolicy: mfaPolicyOf(config),
    relyingParty: relyingPartyOf(config),
    registrationPolicy: registrationPolicyOf(config),
    partnerUrl: config.PARTNER_URL,
    dpopNonces: config.DPOP_NONCES,
    signingKeyPolicy: signingKeyPolicyOf(config),
  };
  return {
    database,
    redis,
    ports,
    close() {
      redis.disconnect();
    },
  };
}
