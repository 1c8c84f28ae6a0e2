import { NestFactory } from '@nestjs/core';
import { auditTablesOf, SecurityEventLog } from '@sallyport/audit';
import { collectAccessDeclarations, type AccessDeclaration } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import { createDatabase } from '@sallyport/persistence';
import { FakeCa, FakeClock, RecordedSecurityEvents } from '@sallyport/testing';
import { AccessTokenSigner } from '@sallyport/tokens';
import {
  CountingPasswordHashing,
  ListedBreaches,
  ScriptedThrottle,
} from './accounts/accounts.fixture';
import { AppModule } from './app.module';
import { CountedRefreshes, FakeFeed, KEY_ENCRYPTION_KEY } from './auth.fixture';
import type { AuthTables } from './auth.tables';
import { NO_MAIL_SENDER } from './mail/mail-sender';
import { STRICT_SESSION_POLICY } from './sessions/session-policy';
import { FileKeyEncryption } from './signing-keys/file.key-encryption';
import { SIGNING_KEY_POLICY_DEFAULTS } from './signing-keys/signing-key-policy';

/** Who may call each handler of auth-service, and for whom it works. */
export async function accessDeclarations(): Promise<readonly AccessDeclaration[]> {
  const ca = await FakeCa.create();
  const events = new RecordedSecurityEvents();
  const clock = new FakeClock().now;
  const trust = {
    source: await ca.source('auth-service'),
    workload: { trustDomain: ca.trustDomain, namespace: 'sallyport', gateway: 'gateway' },
    events,
    calls: { record: () => undefined },
    logger: createLogger({ service: 'auth-service', level: 'silent' }),
    clock,
  };
  // Nothing is listened on and nothing is connected to.
  const database = createDatabase<AuthTables>({
    url: 'postgres://127.0.0.1/none',
    applicationName: 'auth-service',
  });
  const tokenProfile = {
    issuer: 'https://localhost:8443',
    audience: 'https://api.sallyport.internal',
    lifetimeSeconds: 900,
  };
  const ports = {
    database,
    events,
    throttle: new ScriptedThrottle(),
    refreshThrottle: new CountedRefreshes(),
    exchangeThrottle: { admit: () => Promise.resolve() },
    passwords: new CountingPasswordHashing(),
    breachedPasswords: new ListedBreaches(),
    mailSender: NO_MAIL_SENDER,
    keyEncryption: new FileKeyEncryption(KEY_ENCRYPTION_KEY),
    signer: new AccessTokenSigner({ ...tokenProfile, clock }),
    tokenProfile,
    revocationFeed: new FakeFeed(),
    sessionPolicy: STRICT_SESSION_POLICY,
    clientAddresses: 'public' as const,
    mfaPolicy: { requiredForScopes: new Set<string>() },
    registrationPolicy: 'immediate' as const,
    partnerUrl: undefined,
    dpopNonces: 'optional' as const,
    signingKeyPolicy: SIGNING_KEY_POLICY_DEFAULTS,
  };
  const securityEvents = new SecurityEventLog(auditTablesOf(database));
  const app = await NestFactory.createApplicationContext(
    AppModule.over(trust, ports, securityEvents),
    { logger: false },
  );
  const declarations = collectAccessDeclarations(app);
  await app.close();
  await database.close();
  return declarations;
}
