import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { openAudit } from '@sallyport/audit';
import { identityOriginOf, type Environment } from '@sallyport/configuration';
import {
  accountSecurityV1,
  apiKeysV1,
  auditV1,
  authV1,
  clientsV1,
  mfaV1,
  partnersV1,
  passkeysV1,
  smsV1,
} from '@sallyport/contracts';
import {
  correlateRequests,
  grpcServerOptions,
  identityCertificateEnds,
  internalHttpsOptions,
  internalRequestTracing,
  keepReloaded,
  nestOptions,
  openSvidSource,
  openTracing,
  spiffeIdOfService,
  startWhole,
  type Opened,
  type RunningService,
} from '@sallyport/nest-zero-trust';
import {
  createRegistry,
  LoggedHandledCalls,
  OperationsServer,
  packageVersion,
  registerCertificateMetrics,
  registerOutboxMetrics,
  registerPoolMetrics,
} from '@sallyport/observability';
import { prepareSchema } from '@sallyport/persistence';
import { redisTls, type RevocationPublisher } from '@sallyport/revocation';
import { systemClock } from '@sallyport/tokens';
import { TrustDomain } from '@sallyport/workload-identity';
import { AccountSeeding } from './accounts/account-seeding';
import { AppModule } from './app.module';
import { signingKeyPolicyOf } from './config/auth-service.config';
import { readSeedAccounts } from './config/seed-accounts.file';
import { readSeedPartners } from './config/seed-partners.file';
import { openDatabase, openDependencies, readSurroundings, SERVICE } from './dependencies';
import { readinessChecks } from './health/readiness-checks';
import { migrations } from './migrations';
import { PartnerSeeding } from './partners/partner-seeding';
import { readSeedClients } from './config/seed-clients.file';
import { ClientSeeding } from './oauth/clients/client-seeding';
import { countPending } from './pending-work';
import { publisherOver } from './revocations/publisher-over';
import { registerSigningKeyMetrics } from './signing-keys/signing-key.metrics';
import { listKeys } from './signing-keys/signing-key-rows';
import { SigningKeysService } from './signing-keys/signing-keys.service';
import { leaveBodiesUnread } from './unread-bodies';

/** Milliseconds within which a caller of the internal face has sent its request. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Starts the service described by the environment; resolves once it answers. */
export function start(environment: Environment): Promise<RunningService> {
  return startWhole((opened) => open(environment, opened));
}

async function open(environment: Environment, opened: Opened): Promise<object> {
  const { config, logger } = readSurroundings(environment);
  const seedAccounts = readSeedAccounts(config.SEED_ACCOUNTS_FILE);
  const seedPartners = readSeedPartners(config.SEED_PARTNERS_FILE);
  const seedClients = readSeedClients(config.SEED_CLIENTS_FILE);
  const registry = createRegistry({ service: SERVICE, version: packageVersion(__dirname) });
  const calls = new LoggedHandledCalls({ logger, registry });
  const clock = systemClock;

  const database = opened.keep(openDatabase(config));
  registerPoolMetrics(registry, database.pool);
  await prepareSchema({
    ...{ mode: config.MIGRATIONS, database, migrations, logger },
    standIn: (check) =>
      OperationsServer.start({ listen: config.OPS_LISTEN, checks: [check], registry, logger }),
  });
  registerOutboxMetrics(registry, () => countPending(database.db));
  registerSigningKeyMetrics(registry, {
    list: () => listKeys(database.db),
    lifetimeSeconds: signingKeyPolicyOf(config).lifetimeSeconds,
    clock,
  });
  const audit = opened.keep(openAudit({ database, logger, registry, clock }));
  const { events } = audit;

  const workload = {
    trustDomain: TrustDomain.parse(config.TRUST_DOMAIN),
    namespace: config.WORKLOAD_NAMESPACE,
    gateway: 'gateway',
  };
  const source = await openSvidSource({
    origin: identityOriginOf(config),
    expectedId: spiffeIdOfService(workload, SERVICE),
    onError: (error) => {
      logger.error({ event: 'identity_source', error });
    },
  });
  opened.keep(source);
  registerCertificateMetrics(registry, identityCertificateEnds(source));
  opened.keep(openTracing({ service: SERVICE, config, workload, source, logger }));
  const trust = { source, workload, events, calls, logger, clock };

  let feed: RevocationPublisher | undefined;
  const dependencies = openDependencies({
    config,
    logger,
    database,
    events,
    feedOver: () => {
      // Closed after the last call that could revoke something.
      feed = opened.keep(
        publisherOver(
          database,
          { url: config.REDIS_URL, tls: redisTls(config.REDIS_CA_FILE) },
          { clock, logger },
        ),
      );
      return feed;
    },
  });
  opened.keep(dependencies);
  const { redis, ports } = dependencies;

  const app = await NestFactory.create<NestFastifyApplication<Server>>(
    AppModule.over(trust, ports, audit.log),
    new FastifyAdapter<Server>({
      // One server, whatever HTTPS_LISTEN resolves to: Fastify's own would open a second one for `localhost`,
      // which a renewed certificate never reaches.
      serverFactory: (handler: RequestListener) =>
        createServer(
          { ...internalHttpsOptions(source), requestTimeout: REQUEST_TIMEOUT_MS },
          handler,
        ),
    }),
    { ...nestOptions(logger), bodyParser: false },
  );
  opened.keep(app);
  leaveBodiesUnread(app.getHttpAdapter().getInstance());
  keepReloaded(app.getHttpServer(), trust);
  const requestTracing = internalRequestTracing(trust);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', requestTracing.onRequest)
    .addHook('onRequest', correlateRequests)
    .addHook('onResponse', requestTracing.onResponse);
  app.connectMicroservice(
    grpcServerOptions({
      ...trust,
      listen: config.GRPC_LISTEN,
      definitions: [
        authV1.AuthServiceDefinition,
        authV1.OperatorServiceDefinition,
        mfaV1.MfaServiceDefinition,
        passkeysV1.PasskeyServiceDefinition,
        smsV1.SmsServiceDefinition,
        accountSecurityV1.AccountSecurityServiceDefinition,
        apiKeysV1.ApiKeyServiceDefinition,
        partnersV1.PartnerServiceDefinition,
        auditV1.AuditServiceDefinition,
        clientsV1.OauthClientServiceDefinition,
      ],
    }),
    { inheritAppConfig: true },
  );

  // Before anything listens: a handler that declares nothing stops the boot here.
  await app.init();
  await app.get(SigningKeysService, { strict: false }).ensureActive();
  await app.get(AccountSeeding, { strict: false }).seed(seedAccounts);
  await app.get(PartnerSeeding, { strict: false }).seed(seedPartners);
  await app.get(ClientSeeding, { strict: false }).seed(seedClients);
  feed?.start();
  await app.startAllMicroservices();
  await app.listen(config.HTTPS_LISTEN.port, config.HTTPS_LISTEN.host);
  const operations = await OperationsServer.start({
    listen: config.OPS_LISTEN,
    checks: readinessChecks({ database, redis, source, clock, feed: ports.revocationFeed }),
    registry,
    logger,
  });
  opened.keep(operations);
  logger.info({
    event: 'started',
    grpcPort: config.GRPC_LISTEN.port,
    httpsPort: config.HTTPS_LISTEN.port,
    operationsPort: operations.address.port,
  });

  return {};
}
