import {
  ConfigurationError,
  fields,
  identityOriginOf,
  identitySettings,
  readConfiguration,
  requireRedisTls,
  traceFields,
} from '@sallyport/configuration';
import type { Environment } from '@sallyport/configuration';
import { MIGRATION_MODES } from '@sallyport/persistence';
import { z } from 'zod';
import type { MfaPolicy } from '../mfa/mfa-policy';
import { DPOP_NONCE_POLICIES } from '../oauth/dpop-nonces';
import { REGISTRATION_POLICIES } from '../registrations/registration-policy';
import type { RegistrationPolicy } from '../registrations/registration-policy';
import { SESSION_LIFETIME_SECONDS } from '../sessions/session';
import { LONGEST_GRACE_SECONDS } from '../sessions/session-policy';
import type { SessionPolicy } from '../sessions/session-policy';
import { SIGNING_KEY_POLICY_DEFAULTS } from '../signing-keys/signing-key-policy';
import type { SigningKeyPolicy } from '../signing-keys/signing-key-policy';
import { SMS_LIMITS } from '../throttling/sms-throttle';
import { THROTTLING } from '../throttling/throttling-policy';
import type { ThrottlingPolicy } from '../throttling/throttling-policy';
import { countries, smsSender } from './sms.fields';
import { assertSmsSettings } from './sms.settings';

const DAY_SECONDS = 24 * 60 * 60;

const attempts = { min: 1, max: 1_000_000 };

const schema = z.object({
  ...identitySettings,
  TRUST_DOMAIN: fields.trustDomain().default('sallyport.internal'),
  WORKLOAD_NAMESPACE: fields.namespaceName().default('sallyport'),
  GRPC_LISTEN: fields.listenAddress(),
  /** The internal HTTPS face: the key set. */
  HTTPS_LISTEN: fields.listenAddress(),
  OPS_LISTEN: fields.listenAddress(),
  LOG_LEVEL: fields.logLevel().default('info'),
  ...traceFields,
  DATABASE_URL: fields.databaseUrl(),
  /** Whether the service brings its schema up to date itself, or waits until somebody has. */
  MIGRATIONS: z.enum(MIGRATION_MODES).default('apply'),
  REDIS_URL: fields.redisUrl(),
  /** Who may sign for the Redis of a `rediss://` URL, in place of the system's authorities. */
  REDIS_CA_FILE: fields.file().optional(),
  /** The `iss` of every token: the gateway's public URL. */
  ISSUER: fields.issuerUrl(),
  /** What clients call the gateway's partner listener, where OAuth clients may present certificates; none unless given. */
  PARTNER_URL: fields.issuerUrl().optional(),
  ACCESS_TOKEN_AUDIENCE: fields.text().default('https://api.sallyport.internal'),
  ACCESS_TOKEN_LIFETIME_SECONDS: fields.durationSeconds({ min: 300, max: 900 }).default(900),
  /** After how long without a refresh a session ends; only at its absolute end when left out. */
  SESSION_IDLE_LIMIT_SECONDS: fields
    .durationSeconds({ min: 900, max: SESSION_LIFETIME_SECONDS })
    .optional(),
  /** For how long after a rotation the token before it gets the same successor again; 0: never. */
  REFRESH_GRACE_SECONDS: fields.durationSeconds({ min: 0, max: LONGEST_GRACE_SECONDS }).default(0),
  /** How long a key signs before the schedule replaces it. */
  SIGNING_KEY_LIFETIME_SECONDS: fields
    .durationSeconds({ min: 60, max: 366 * DAY_SECONDS })
    .default(SIGNING_KEY_POLICY_DEFAULTS.lifetimeSeconds),
  /** How long a key has been published before it signs: longer than any verifier keeps a key set. */
  SIGNING_KEY_PUBLISH_AHEAD_SECONDS: fields
    .durationSeconds({ min: 0, max: DAY_SECONDS })
    .default(SIGNING_KEY_POLICY_DEFAULTS.publishAheadSeconds),
  /** One or more lines of 32 random bytes in base64: the first seals, all open. */
  KEY_ENCRYPTION_KEY_FILE: fields.file(),
  /** In the same form: applied to passwords before they are hashed, the first to new ones. Left out: no pepper. */
  PASSWORD_PEPPER_FILE: fields.file().optional(),
  /** Base URL of a service that speaks the range protocol of Pwned Passwords. Left out: nobody is asked. */
  BREACHED_PASSWORDS_URL: fields.httpsUrl().optional(),
  /** The server that mail is sent through, user and password included: smtps://, or smtp:// for STARTTLS. */
  SMTP_URL: fields.smtpUrl().optional(),
  /** Authorities that the server's certificate is checked against, in PEM; the machine's own when left out. */
  SMTP_CA_FILE: fields.file().optional(),
  /** The address that mail comes from. */
  MAIL_FROM: fields.mailbox().optional(),
  /** Where mail is kept in clear instead of being sent, on somebody's own machine. */
  MAIL_OUTBOX_DIR: fields.text().optional(),
  /** Where text messages are posted to; without it and {@link SMS_OUTBOX_DIR} nobody is sent any. */
  SMS_API_URL: fields.httpsUrl().optional(),
  /** `user:password` for it, on one line. */
  SMS_API_CREDENTIALS_FILE: fields.file().optional(),
  /** Authorities that its certificate is checked against, in PEM; the machine's own when left out. */
  SMS_API_CA_FILE: fields.file().optional(),
  /** What text messages come from: a number as E.164 has it, or a name of up to eleven letters and digits. */
  SMS_FROM: smsSender().optional(),
  /** Where text messages are kept in clear instead of being sent, on somebody's own machine. */
  SMS_OUTBOX_DIR: fields.text().optional(),
  /** Of the numbers that are sent any: ISO 3166-1 codes, separated by commas. */
  SMS_COUNTRIES: countries().optional(),
  SMS_PER_ADDRESS: fields.integer(attempts).default(SMS_LIMITS.address.attempts),
  /** In an hour, whoever they are for. */
  SMS_PER_HOUR: fields.integer(attempts).default(SMS_LIMITS.everything.attempts),
  /** Accounts to create when they do not exist: a JSON array of `{email, password, scopes}`. */
  SEED_ACCOUNTS_FILE: fields.file().optional(),
  /** Partners to register when they do not exist: a JSON array of `{id, name, scopes, names}`. */
  SEED_PARTNERS_FILE: fields.file().optional(),
  /** OAuth clients to register when they do not exist: a JSON array, see `readSeedClients`. */
  SEED_CLIENTS_FILE: fields.file().optional(),
  /** Whether OAuth clients may be told of logouts where no public address is: 0 or 1. */
  PRIVATE_CLIENT_ADDRESSES: fields.integer({ min: 0, max: 1 }).default(0),
  /** Whether DPoP proofs at the authorization server have to carry a nonce it gave: optional or required. */
  DPOP_NONCES: z.enum(DPOP_NONCE_POLICIES).default('optional'),
  /** When an account comes into being, see {@link registrationPolicyOf}. */
  REGISTRATION: z.enum(REGISTRATION_POLICIES).optional(),
  LOGIN_ATTEMPTS_PER_ADDRESS: fields.integer(attempts).default(THROTTLING.login.address.attempts),
  /** Failures in an hour, from wherever, after which nobody signs in by password except on a trusted device. */
  LOGIN_ATTEMPTS_PER_ACCOUNT: fields
    .integer({ min: 1, max: THROTTLING.login.account.attempts })
    .default(THROTTLING.login.account.attempts),
  /** For how long. */
  SIGN_IN_LOCK_SECONDS: fields
    .durationSeconds({ min: 1, max: DAY_SECONDS })
    .default(THROTTLING.login.account.lockSeconds),
  REGISTRATIONS_PER_ADDRESS: fields
    .integer(attempts)
    .default(THROTTLING.registration.address.attempts),
  SECOND_FACTOR_ATTEMPTS_PER_ADDRESS: fields
    .integer(attempts)
    .default(THROTTLING.second_factor.address.attempts),
  /** Wrong codes in a day, from wherever, after which no more is looked at except on a trusted device. */
  SECOND_FACTOR_ATTEMPTS_PER_ACCOUNT: fields
    .integer({ min: 1, max: THROTTLING.second_factor.account.attempts })
    .default(THROTTLING.second_factor.account.attempts),
  /** Separated by commas. Whose account holds one of these scopes may not remove the second factor it has. */
  MFA_REQUIRED_SCOPES: fields.text().optional(),
  /** The domain passkeys are scoped to, for good: with another one none works any more. The host of ISSUER when left out. */
  WEBAUTHN_RP_ID: fields.text().optional(),
  /** What authenticators show. */
  WEBAUTHN_RP_NAME: fields.text().default('Sallyport'),
  /** Separated by commas: the origins whose pages may use passkeys. That of ISSUER when left out. */
  WEBAUTHN_ORIGINS: fields.text().optional(),
  PASSWORD_RESETS_PER_ADDRESS: fields
    .integer(attempts)
    .default(THROTTLING.password_reset.address.attempts),
  /** In a minute. A client refreshes when its access token ends, which lives five minutes at least. */
  REFRESHES_PER_SESSION: fields.integer(attempts).default(30),
  /** Transaction Token requests in a minute. A pass of a job makes one for fifty of what it has to do. */
  EXCHANGES_PER_WORKLOAD: fields.integer(attempts).default(6_000),
  NODE_ENV: fields.text().optional(),
});

/** What hands out passwords or keeps secrets in clear, for people to try the system. */
const LOCAL_ONLY = [
  'SEED_ACCOUNTS_FILE',
  'SEED_CLIENTS_FILE',
  'SEED_PARTNERS_FILE',
  'MAIL_OUTBOX_DIR',
  'SMS_OUTBOX_DIR',
] as const;

export type AuthServiceConfig = z.output<typeof schema>;

/** @throws ConfigurationError naming the first variable that is not as expected. */
export function readAuthServiceConfig(environment: Environment): AuthServiceConfig {
  const config = readConfiguration(schema, environment);
  identityOriginOf(config);
  requireRedisTls(config);
  for (const name of LOCAL_ONLY) {
    if (config.NODE_ENV !== 'production' || config[name] === undefined) continue;
    throw new ConfigurationError(name, 'not accepted when NODE_ENV is production');
  }
  if (config.MAIL_OUTBOX_DIR !== undefined && config.SMTP_URL !== undefined) {
    throw new ConfigurationError('MAIL_OUTBOX_DIR', 'not accepted beside SMTP_URL');
  }
  if (config.SMTP_URL !== undefined && config.MAIL_FROM === undefined) {
    throw new ConfigurationError('MAIL_FROM', 'expected an e-mail address, but it is not set');
  }
  assertSmsSettings(config);
  const hasMail = config.SMTP_URL !== undefined || config.MAIL_OUTBOX_DIR !== undefined;
  if (registrationPolicyOf(config) === 'confirmed' && !hasMail) {
    throw new ConfigurationError(
      'REGISTRATION',
      'confirmed, as in production unless it is set, takes SMTP_URL; expected immediate without',
    );
  }
  return config;
}

/** The limits of {@link THROTTLING} with those that the operator has set. */
export function throttlingPolicyOf(config: AuthServiceConfig): ThrottlingPolicy {
  const { login, registration, second_factor, passkey, password_reset } = THROTTLING;
  return {
    login: {
      ...login,
      address: { ...login.address, attempts: config.LOGIN_ATTEMPTS_PER_ADDRESS },
      account: {
        ...login.account,
        attempts: config.LOGIN_ATTEMPTS_PER_ACCOUNT,
        lockSeconds: config.SIGN_IN_LOCK_SECONDS,
      },
    },
    registration: {
      ...registration,
      address: { ...registration.address, attempts: config.REGISTRATIONS_PER_ADDRESS },
    },
    second_factor: {
      ...second_factor,
      address: { ...second_factor.address, attempts: config.SECOND_FACTOR_ATTEMPTS_PER_ADDRESS },
      account: { ...second_factor.account, attempts: config.SECOND_FACTOR_ATTEMPTS_PER_ACCOUNT },
    },
    passkey: {
      ...passkey,
      address: { ...passkey.address, attempts: config.LOGIN_ATTEMPTS_PER_ADDRESS },
    },
    password_reset: {
      ...password_reset,
      address: { ...password_reset.address, attempts: config.PASSWORD_RESETS_PER_ADDRESS },
    },
  };
}

/** Confirmed in production, and immediate elsewhere, unless the operator has decided. */
export function registrationPolicyOf({
  REGISTRATION: decided,
  NODE_ENV: environment,
}: Pick<AuthServiceConfig, 'REGISTRATION' | 'NODE_ENV'>): RegistrationPolicy {
  return decided ?? (environment === 'production' ? 'confirmed' : 'immediate');
}

export function mfaPolicyOf({ MFA_REQUIRED_SCOPES: scopes }: AuthServiceConfig): MfaPolicy {
  return { requiredForScopes: new Set(scopes?.split(',')) };
}

export function sessionPolicyOf(config: AuthServiceConfig): SessionPolicy {
  return {
    idleLimitSeconds: config.SESSION_IDLE_LIMIT_SECONDS,
    refreshGraceSeconds: config.REFRESH_GRACE_SECONDS,
  };
}

export function signingKeyPolicyOf(config: AuthServiceConfig): SigningKeyPolicy {
  return {
    ...SIGNING_KEY_POLICY_DEFAULTS,
    lifetimeSeconds: config.SIGNING_KEY_LIFETIME_SECONDS,
    publishAheadSeconds: config.SIGNING_KEY_PUBLISH_AHEAD_SECONDS,
  };
}
