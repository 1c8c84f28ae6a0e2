import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openAudit, type AuditTables } from '@sallyport/audit';
import { TrustedHops } from '@sallyport/client-address';
import { identityOriginOf, type Environment } from '@sallyport/configuration';
import { apiKeysV1, authV1, createRpcClient } from '@sallyport/contracts';
import {
  GrpcTransport,
  MeasuredTransport,
  mutualTlsAgent,
  openSvidSource,
  openTracing,
  spiffeIdOfService,
  startWhole,
  type Opened,
  type RunningService,
} from '@sallyport/nest-zero-trust';
import {
  createLogger,
  createRegistry,
  LoggedHandledCalls,
  OperationsServer,
  packageVersion,
  registerPoolMetrics,
  RpcClientMetrics,
} from '@sallyport/observability';
import { assertSchema, createDatabase, migrateToLatest } from '@sallyport/persistence';
import { TransactionTokenMinter } from '@sallyport/principal';
import { redisTls, RevocationReplica } from '@sallyport/revocation';
import { systemClock } from '@sallyport/tokens';
import { TrustDomain } from '@sallyport/workload-identity';
import { ApiKeyAuthenticator } from './api-keys/api-key.authenticator';
import { accessTokenVerification } from './authentication/access-token.verification';
import type { Authenticator } from './authentication/authenticator';
import { readGatewayConfig } from './config/gateway.config';
import { createGateway } from './create-gateway';
import { openProofMemory } from './dpop/open-proof-memory';
import { readinessChecks } from './health/readiness-checks';
import { SchemaLookout } from './health/schema-lookout';
import { Drain } from './listener/drain';
import { readPublicCertificate, watchPublicCertificate } from './listener/public-certificate';
import { showCertificateEnds } from './listener/certificate-ends';
import { publicTlsOptions } from './listener/public-tls';
import { RequestMetrics } from './listener/request-metrics';
import { listenForPartners } from './partners/listen-for-partners';
import { openPartners } from './partners/open-partners';
import { migrations } from './migrations';
import { authorizationServerAt } from './oauth/internal-authorization-server';
import { startPlainListener } from './plain/start-plain-listener';
import { KnownCredentials } from './rate-limits/known-credentials';
import { openRateLimits } from './rate-limits/open-rate-limits';
import { followRevocations } from './revocation/follow-revocations';
import { registerRevocationLag, registerRevocationMetrics } from './revocation/revocation.metrics';
import { fetchIssuerKeys } from './well-known/fetch-issuer-keys';
import { IssuerKeys } from './well-known/issuer-keys';

const SERVICE = 'gateway';

/** Between the clocks of auth-service and this process. */
const CLOCK_TOLERANCE_SECONDS = 5;

const MOST_CACHED_TOKENS = 10_000;

/** One appends security events, the others are for operators who read them. */
const DATABASE_CONNECTIONS = 3;

/** Starts the gateway described by the environment; resolves once it answers. */
export function start(environment: Environment): Promise<RunningService> {
  return startWhole((opened) => open(environment, opened));
}

async function open(environment: Environment, opened: Opened): Promise<object> {
  const config = readGatewayConfig(environment);
  const certificate = readPublicCertificate(config.PUBLIC_TLS_DIR);
  const logger = createLogger({ service: SERVICE, level: config.LOG_LEVEL });
  const trustDomain = TrustDomain.parse(config.TRUST_DOMAIN);
  const workload = { trustDomain, namespace: config.WORKLOAD_NAMESPACE };
  const source = await openSvidSource({
    origin: identityOriginOf(config),
    expectedId: spiffeIdOfService(workload, SERVICE),
    onError: (error) => {
      logger.error({ event: 'identity_source', error });
    },
  });
  opened.keep(source);
  opened.keep(openTracing({ service: SERVICE, config, workload, source, logger }));
  const registry = createRegistry({ service: SERVICE, version: packageVersion(__dirname) });
  const database = createDatabase<AuditTables>({
    url: config.DATABASE_URL,
    applicationName: SERVICE,
    poolSize: DATABASE_CONNECTIONS,
  });
  opened.keep(database);
  registerPoolMetrics(registry, database.pool);
  const audit = openAudit({
    ...{ database, logger, registry, clock: systemClock },
    // A gateway serves without its database, so it does not wait for it either.
    prepare: async () => {
      if (config.MIGRATIONS === 'require') await assertSchema(database, migrations);
      else await migrateToLatest(database.db, migrations);
    },
  });
  opened.keep(audit);
  const { events } = audit;
  const calls = new LoggedHandledCalls({ logger, registry });

  const rpcs = new RpcClientMetrics(registry);
  const transportTo = (service: string, address: string) => {
    const peer = spiffeIdOfService(workload, service);
    const transport = opened.keep(new GrpcTransport({ address, source, peer, events }));
    return new MeasuredTransport(transport, service, rpcs);
  };
  const transports = {
    auth: transportTo('auth-service', config.AUTH_GRPC_ADDRESS),
    orders: transportTo('orders-service', config.ORDERS_GRPC_ADDRESS),
    billing: transportTo('billing-service', config.BILLING_GRPC_ADDRESS),
  };

  const authAgent = mutualTlsAgent({
    source,
    peer: spiffeIdOfService(workload, 'auth-service'),
    events,
  });
  opened.keep(authAgent);
  const authorizationServer = authorizationServerAt(authAgent, config.AUTH_HTTPS_URL);
  const replica = new RevocationReplica();
  const authenticators: Authenticator[] = [];
  const knownCredentials = new KnownCredentials();
  const issuerKeys = new IssuerKeys({
    fetchKeys: (signal) =>
      rpcs.measure('auth-service', 'https:jwks', () =>
        fetchIssuerKeys(authAgent, config.AUTH_HTTPS_URL, signal),
      ),
    replica,
    clock: systemClock,
    logger,
  });
  const keySet = opened.keep(issuerKeys.keySet);
  await keySet.start();
  const redis = {
    url: config.REDIS_URL,
    tls: redisTls(config.REDIS_CA_FILE),
  };
  const noteLag = registerRevocationLag(registry);
  const follower = followRevocations({
    redisUrl: redis.url,
    redisTls: redis.tls,
    name: SERVICE,
    replica,
    boundMs: config.REVOCATION_BOUND_MS,
    // The key that signs from now on may be one that was never fetched.
    onSigningKeyRevoked: () => void keySet.refresh(),
    onApplied: (revocation, lagMs) => {
      noteLag(lagMs);
      knownCredentials.forget(revocation);
      for (const authenticator of authenticators) authenticator.forget?.(revocation);
    },
    logger,
  });
  opened.keep(follower);
  registerRevocationMetrics(registry, {
    follower,
    replica,
    boundMs: config.REVOCATION_BOUND_MS,
  });
  const accessTokens = accessTokenVerification({
    issuer: config.PUBLIC_URL,
    audience: config.ACCESS_TOKEN_AUDIENCE,
    issuerKeys: keySet,
    replica,
    follower,
    clock: systemClock,
    clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
    mostCachedTokens: MOST_CACHED_TOKENS,
  });

  const partners = await openPartners({
    config,
    transport: transports.auth,
    accessTokens,
    replica,
    follower,
    clock: systemClock,
    logger,
  });
  if (partners !== undefined) authenticators.push(opened.keep(partners).authenticator);
  const apiKeys = createRpcClient(apiKeysV1.ApiKeyServiceDefinition, transports.auth);
  authenticators.push(new ApiKeyAuthenticator({ apiKeys, replica, follower, clock: systemClock }));

  const limits = openRateLimits({
    server: redis,
    scale: config.RATE_LIMIT_SCALE,
    gateways: config.RATE_LIMIT_GATEWAYS,
    timeoutMs: config.RATE_LIMIT_TIMEOUT_MS,
    registry,
    logger,
  });
  opened.keep(limits);
  const proofs = opened.keep(openProofMemory(redis));
  const drain = new Drain();
  const { app, partnerServer } = await createGateway(
    {
      publicUrl: config.PUBLIC_URL,
      allowedOrigins: config.CORS_ORIGINS,
      clientOrigins: config.CORS_CLIENT_ORIGINS,
      accessTokens,
      proofMemory: proofs.proofMemory,
      authenticators,
      issuerKeys,
      authorizationServer: {
        forward: (request) =>
          rpcs.measure('auth-service', 'https:oauth2', () => authorizationServer.forward(request)),
      },
      transactionTokens: new TransactionTokenMinter({ source, trustDomain, clock: systemClock }),
      transports,
      rateLimits: limits.rateLimits,
      knownCredentials,
      events,
      securityEvents: audit.log,
      ownEvents: audit.ownEvents,
      calls,
      requests: new RequestMetrics(registry),
      logger,
      clock: systemClock,
    },
    certificate,
    {
      drain,
      partnerAuthorities: partners?.authorities,
      trustedHops: TrustedHops.of(config.TRUSTED_PROXIES, config.FORWARDING_HEADER),
      limits: {
        connections: config.MAX_CONNECTIONS,
        connectionsPerAddress: config.MAX_CONNECTIONS_PER_ADDRESS,
        requestsInFlight: config.MAX_REQUESTS_IN_FLIGHT,
        requestsInFlightPerAddress: config.MAX_REQUESTS_IN_FLIGHT_PER_ADDRESS,
      },
    },
  );
  const operations: { server?: OperationsServer } = {};
  // Closed after the application: until the last answer it tells that this gateway is to be left.
  opened.keep({ close: () => operations.server?.close() });
  opened.keep(app);
  await app.listen(config.PUBLIC_LISTEN.port, config.PUBLIC_LISTEN.host);
  const server = app.getHttpServer();
  const shown = showCertificateEnds(registry, { source, certificate, partners });
  const partnerListener =
    partners && partnerServer && (await listenForPartners(partnerServer, partners));
  const stopWatching = watchPublicCertificate({
    directory: config.PUBLIC_TLS_DIR,
    onReplaced: (replacement) => {
      shown.replaceCertificate(replacement);
      server.setSecureContext(publicTlsOptions(replacement));
      partnerListener?.replaceCertificate(replacement);
    },
    onUnusable: (error) => {
      logger.error({ event: 'public_certificate', error });
    },
  });
  opened.keep({ close: stopWatching });
  if (config.PLAIN_LISTEN !== undefined) {
    const plain = await startPlainListener({
      listen: config.PLAIN_LISTEN,
      auth: createRpcClient(authV1.AuthServiceDefinition, transports.auth),
      apiKeys,
      accessTokens,
      events,
      logger,
    });
    opened.keep(plain);
  }
  operations.server = await OperationsServer.start({
    listen: config.OPS_LISTEN,
    checks: readinessChecks({
      source,
      keySet,
      follower,
      drain,
      partnerRevocations: partners?.revocations,
      ...(config.MIGRATIONS === 'require' && {
        schema: new SchemaLookout(() => assertSchema(database, migrations)),
      }),
      clock: systemClock,
    }),
    registry,
    logger,
  });
  logger.info({
    event: 'started',
    publicPort: (server.address() as AddressInfo).port,
    ...(partnerListener && { partnerPort: partnerListener.port }),
    operationsPort: operations.server.address.port,
  });

  opened.keep({
    async close() {
      drain.begin();
      await delay(config.DRAIN_DELAY_SECONDS * 1_000);
    },
  });
  return {};
}
