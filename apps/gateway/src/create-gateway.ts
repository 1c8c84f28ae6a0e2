import type { RequestListener } from 'node:http';
import type { Server } from 'node:https';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TrustedHops } from '@sallyport/client-address';
import { collectAccessDeclarations, nestOptions } from '@sallyport/nest-zero-trust';
import { newCorrelationId } from '@sallyport/observability';
import { AppModule } from './app.module';
import { buildOpenApi } from './docs/openapi';
import { OpenApiDocument } from './docs/openapi.document';
import type { GatewayPorts } from './gateway.ports';
import { addBodyParsers } from './listener/body-parsers';
import { addCors } from './listener/cors';
import { closeBeside, Drain, drainOnClose } from './listener/drain';
import { LISTENER_CONSTRAINT } from './listener/listener.constraint';
import type { ListenerLimits } from './listener/listener-limits';
import type { PublicCertificate } from './listener/public-certificate';
import { createPublicServer } from './listener/public-server';
import { addRequestHooks } from './listener/request-hooks';
import { computeSecurityHeaders } from './listener/security-headers';
import type { PartnerAuthorities } from './partners/partner-authorities';

const BODY_LIMIT_BYTES = 64 * 1024;

/** The longest path parameter; the request target is limited before. */
const MAX_PARAM_LENGTH = 4096;

export interface GatewayOptions {
  /** The usual ones where left out. */
  readonly limits?: Partial<ListenerLimits>;
  /** Tells when the gateway is to be left. */
  readonly drain?: Drain;
  /** Proxies in front; none when left out. */
  readonly trustedHops?: TrustedHops;
  /** Who signs for partners; without it there is no listener for them. */
  readonly partnerAuthorities?: PartnerAuthorities | undefined;
}

/** One application, behind one listener or two. */
export interface Gateway {
  readonly app: NestFastifyApplication<Server>;
  /** Closed with the application; whoever starts the gateway lets it listen. */
  readonly partnerServer: Server | undefined;
}

/** Builds the gateway over its ports, ready to listen. */
export async function createGateway(
  ports: GatewayPorts,
  certificate: PublicCertificate,
  {
    limits = {},
    drain = new Drain(),
    trustedHops = TrustedHops.NONE,
    partnerAuthorities,
  }: GatewayOptions = {},
): Promise<Gateway> {
  const { events, logger, publicUrl, requests } = ports;
  const headers = await computeSecurityHeaders();
  const serverOptions = { certificate, headers, events, requests, limits, drain, trustedHops };
  let partnerServer: Server | undefined;
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    genReqId: newCorrelationId,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    skipMiddie: true,
    serverFactory: (handler: RequestListener) => {
      // Asked for again for each further address of a host name.
      partnerServer ??=
        partnerAuthorities && createPublicServer({ ...serverOptions, partnerAuthorities }, handler);
      return createPublicServer(serverOptions, handler);
    },
  });
  const instance = adapter.getInstance();
  instance.addConstraintStrategy(LISTENER_CONSTRAINT);
  addBodyParsers(instance, events);
  addCors(instance, ports.allowedOrigins ?? new Set(), ports.clientOrigins);
  requests.observe(instance);
  addRequestHooks(instance, events);
  drainOnClose(instance, drain);
  if (partnerServer !== undefined) closeBeside(instance, partnerServer);

  const app = await NestFactory.create<NestFastifyApplication<Server>>(
    AppModule.over(ports),
    adapter,
    {
      ...nestOptions(logger),
      bodyParser: false,
    },
  );
  await app.init();
  const declarations = collectAccessDeclarations(app);
  app
    .get(OpenApiDocument, { strict: false })
    .publish(() => buildOpenApi(app, declarations, publicUrl));
  return { app, partnerServer };
}
