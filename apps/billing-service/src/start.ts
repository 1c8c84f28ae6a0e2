import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { openAudit } from '@sallyport/audit';
import { identityOriginOf, type Environment } from '@sallyport/configuration';
import { auditV1, billingV1 } from '@sallyport/contracts';
import {
  grpcServerOptions,
  identityCertificateEnds,
  nestOptions,
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
  registerCertificateMetrics,
  registerPoolMetrics,
} from '@sallyport/observability';
import { createDatabase, prepareSchema } from '@sallyport/persistence';
import { TrustDomain } from '@sallyport/workload-identity';
import { AppModule } from './app.module';
import { readBillingServiceConfig } from './config/billing-service.config';
import { readinessChecks } from './health/readiness-checks';
import { migrations } from './migrations';
import type { BillingTables } from './invoices/invoices.tables';

const SERVICE = 'billing-service';

/** A service that answers, and where. */
export interface StartedService extends RunningService {
  readonly grpcPort: number;
  readonly operationsPort: number;
}

/** Starts the service described by the environment; resolves once it answers. */
export function start(environment: Environment): Promise<StartedService> {
  return startWhole((opened) => open(environment, opened));
}

async function open(
  environment: Environment,
  opened: Opened,
): Promise<Omit<StartedService, 'close'>> {
  const config = readBillingServiceConfig(environment);
  const logger = createLogger({ service: SERVICE, level: config.LOG_LEVEL });
  const registry = createRegistry({ service: SERVICE, version: packageVersion(__dirname) });
  const calls = new LoggedHandledCalls({ logger, registry });
  const clock = () => new Date();

  const database = createDatabase<BillingTables>({
    url: config.DATABASE_URL,
    applicationName: SERVICE,
  });
  opened.keep(database);
  registerPoolMetrics(registry, database.pool);
  await prepareSchema({
    ...{ mode: config.MIGRATIONS, database, migrations, logger },
    standIn: (check) =>
      OperationsServer.start({ listen: config.OPS_LISTEN, checks: [check], registry, logger }),
  });
  const audit = opened.keep(openAudit({ database, logger, registry, clock }));
  const { events } = audit;

  const workload = {
    trustDomain: TrustDomain.parse(config.TRUST_DOMAIN),
    namespace: config.WORKLOAD_NAMESPACE,
    gateway: 'gateway',
    transactionTokenService: 'auth-service',
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

  const { strategy } = grpcServerOptions({
    ...trust,
    listen: config.GRPC_LISTEN,
    definitions: [billingV1.BillingServiceDefinition, auditV1.AuditServiceDefinition],
  });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    AppModule.over(trust, { database, events }, audit.log),
    { ...nestOptions(logger), strategy },
  );
  opened.keep(app);
  await app.listen();
  const operations = await OperationsServer.start({
    listen: config.OPS_LISTEN,
    checks: readinessChecks(database, source, clock),
    registry,
    logger,
  });
  opened.keep(operations);
  const grpcPort = strategy.address.port;
  const operationsPort = operations.address.port;
  logger.info({ event: 'started', grpcPort, operationsPort });

  return { grpcPort, operationsPort };
}
