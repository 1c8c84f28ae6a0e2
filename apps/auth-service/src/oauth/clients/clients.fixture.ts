import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { PROFILE, replicaOf } from '../../auth.fixture';
import type { Replica } from '../../auth.fixture';
import type { AuthTables } from '../../auth.tables';
import { STRICT_SESSION_POLICY } from '../../sessions/session-policy';
import { PartnerCredentialsRepository } from '../../partners/partner-credentials.repository';
import { PartnersRepository } from '../../partners/partners.repository';
import { FileKeyEncryption } from '../../signing-keys/file.key-encryption';
import { ownAccessTokens } from '../../tokens/own-access-tokens';
import { ArtifactsRepository } from '../artifacts.repository';
import { ClientCertificates } from '../client-certificates';
import type { AuthorizationServer } from '../authorization-server';
import { buildAuthorizationServer } from '../build-authorization-server';
import { ConsentsRepository } from '../consents/consents.repository';
import { ConsentsService } from '../consents/consents.service';
import { DpopNonces } from '../dpop-nonces';
import { GrantsService } from '../grants.service';
import { IntrospectionService } from '../introspection/introspection.service';
import { TokenStandingRepository } from '../introspection/token-standing.repository';
import { ClientSignInsRepository } from '../logout-notices/client-sign-ins.repository';
import { OauthSessionsRepository } from '../oauth-sessions.repository';
import { ClientDisablingService } from './client-disabling.service';
import { ClientRecordsRepository } from './client-records.repository';
import { ClientValidation } from './client-validation';
import { ClientsRepository } from './clients.repository';
import { ClientsService } from './clients.service';
import type { NewClient } from './new-client';

/** A replica with what operators do to clients. */
export interface ClientsReplica extends Replica {
  readonly server: AuthorizationServer;
  readonly clients: ClientsRepository;
  readonly certificates: ClientCertificates;
  readonly clientsService: ClientsService;
  readonly disabling: ClientDisablingService;
  readonly oauthSessions: OauthSessionsRepository;
  readonly artifacts: ArtifactsRepository;
  readonly grants: GrantsService;
  readonly introspection: IntrospectionService;
  readonly signIns: ClientSignInsRepository;
  readonly consentRows: ConsentsRepository;
  readonly consents: ConsentsService;
}

/** A replica with what operators do to clients, on a real database. */
export async function clientsOf(
  database: Database<AuthTables>,
  partnerUrl: string | null = 'https://localhost:8444',
): Promise<ClientsReplica> {
  const replica = await replicaOf(database);
  const { clock, events, revocations, keys, accounts } = replica;
  const policy = STRICT_SESSION_POLICY;
  const oauthSessions = new OauthSessionsRepository(database, policy);
  const consentRows = new ConsentsRepository(database, oauthSessions);
  const consents = new ConsentsService(consentRows, revocations, clock.now, events);
  const clients = new ClientsRepository(database, clock.now);
  const records = new ClientRecordsRepository(database);
  const artifacts = new ArtifactsRepository(database, policy, clock.now);
  const grants = new GrantsService(oauthSessions, revocations, clock.now, events);
  const certificates = new ClientCertificates(
    new PartnersRepository(database),
    new PartnerCredentialsRepository(database),
    clock.now,
    events,
  );
  const introspection = new IntrospectionService(
    ownAccessTokens(PROFILE, keys, clock.now),
    new TokenStandingRepository(database, policy, clock.now),
    clients,
    clock.now,
  );
  const signIns = new ClientSignInsRepository(database, policy, clock.now);
  const server = buildAuthorizationServer({
    accessTokens: PROFILE,
    clientAddresses: 'public',
    partnerUrl: partnerUrl ?? undefined,
    clock: clock.now,
    logger: createLogger({ service: 'auth-service', level: 'silent' }),
    keys,
    accounts,
    artifacts,
    clients,
    certificates,
    sessions: oauthSessions,
    grants,
    consents: consentRows,
    signIns,
    introspection,
    dpopNonces: new DpopNonces(new FileKeyEncryption(randomBytes(32)), 'optional'),
  });
  const validation = new ClientValidation(server);
  const clientsService = new ClientsService(records, validation, clock.now, events);
  const disabling = new ClientDisablingService(
    clientsService,
    records,
    oauthSessions,
    consentRows,
    revocations,
    database,
    clock.now,
    events,
  );
  return {
    ...replica,
    ...{
      server,
      clients,
      certificates,
      clientsService,
      disabling,
      oauthSessions,
      artifacts,
      grants,
      consentRows,
      consents,
    },
    ...{ introspection, signIns },
  };
}

let count = 0;

/** A client of a kind that nobody has registered before. */
export function newClient(changes: Partial<NewClient> = {}): NewClient {
  count += 1;
  const { kind = 'web' } = changes;
  return {
    id: `client-${count}`,
    name: 'A client',
    kind,
    scope: 'orders:read',
    ...(kind !== 'machine' && { redirectUris: [REDIRECT_URIS[kind]] }),
    ...changes,
  };
}

const REDIRECT_URIS = {
  spa: 'https://app.example/callback',
  web: 'https://app.example/callback',
  native: 'http://127.0.0.1/callback',
} as const;

/** A public key as a JWK set lists it. */
export function publicJwk(namedCurve = 'P-256'): Readonly<Record<string, unknown>> {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve });
  return { ...publicKey.export({ format: 'jwk' }), kid: namedCurve };
}
