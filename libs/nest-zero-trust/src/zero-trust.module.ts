import {
  Inject,
  Module,
  type DynamicModule,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  HttpAdapterHost,
  ModulesContainer,
} from '@nestjs/core';
import {
  KNOWN_AUTHENTICATION_CLASSES,
  HTTP_FACE,
  validateDeclarations,
  type HttpFace,
} from './declarations/assert-declarations';
import { GrpcExceptionFilter } from './errors/grpc-exception.filter';
import { ProblemExceptionFilter } from './errors/problem-exception.filter';
import { ZeroTrustExceptionFilter } from './errors/zero-trust-exception.filter';
import { CallerGuard } from './guards/caller.guard';
import { GuardProbeController } from './guards/guard-probe';
import { HANDLED_CALLS, HandledCallInterceptor } from './guards/handled-call.interceptor';
import { IdentityGuard } from './guards/identity.guard';
import { ScopesGuard } from './guards/scopes.guard';
import { SERVICE_TRUST } from './guards/service-trust.token';
import { UserAuthenticationGuard } from './guards/user-authentication.guard';
import { HttpAccessGuard } from './http/http-access.guard';
import { PUBLIC_FACE, type PublicFace } from './http/public-face';
import type { ServiceTrust } from './inbound/service-trust';

/**
 * Puts every handler of an application under access control, and keeps an application from starting
 * in which a handler declares nothing. Import it once, in the root module. A hybrid application
 * connects its microservice with `inheritAppConfig: true`, or its gRPC handlers stay without guards.
 *
 * Built by hand instead of by ConfigurableModuleBuilder: the order of the guards is the content here.
 */
@Module({})
export class ZeroTrustModule implements OnModuleInit {
  constructor(
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(HTTP_FACE) private readonly face: HttpFace,
    @Inject(KNOWN_AUTHENTICATION_CLASSES) private readonly classes: readonly string[],
  ) {}

  /** For handlers behind mutual TLS: gRPC, and HTTP on an internal listener. */
  static forGrpc(trust: ServiceTrust): DynamicModule {
    const module = moduleOf('mutual-tls', trust, [
      { provide: SERVICE_TRUST, useValue: trust },
      { provide: APP_GUARD, useClass: CallerGuard },
      { provide: APP_GUARD, useClass: IdentityGuard },
      { provide: APP_GUARD, useClass: ScopesGuard },
      { provide: APP_GUARD, useClass: UserAuthenticationGuard },
      exceptionFilter(trust, trust.workload.trustDomain.toString()),
    ]);
    return { ...module, controllers: [GuardProbeController] };
  }

  /** For a public HTTP face whose own authentication calls `setPrincipal`. */
  static forHttp(face: PublicFace): DynamicModule {
    return moduleOf('public', face, [
      { provide: PUBLIC_FACE, useValue: face },
      { provide: APP_GUARD, useClass: HttpAccessGuard },
      exceptionFilter(face, face.realm),
    ]);
  }

  /** @throws {UndeclaredHandlerError} */
  onModuleInit(): void {
    validateDeclarations(this.modules, this.face, this.classes);
  }
}

function moduleOf(
  face: HttpFace,
  { calls, authenticationClasses = [] }: Pick<PublicFace, 'calls' | 'authenticationClasses'>,
  decisions: readonly Provider[],
): DynamicModule {
  return {
    module: ZeroTrustModule,
    providers: [
      { provide: HTTP_FACE, useValue: face },
      { provide: KNOWN_AUTHENTICATION_CLASSES, useValue: authenticationClasses },
      { provide: HANDLED_CALLS, useValue: calls },
      { provide: APP_INTERCEPTOR, useClass: HandledCallInterceptor },
      ...decisions,
    ],
  };
}

function exceptionFilter(
  { logger, events }: Pick<ServiceTrust, 'logger' | 'events'>,
  realm: string,
): Provider {
  return {
    provide: APP_FILTER,
    inject: [HttpAdapterHost],
    useFactory: (adapterHost: HttpAdapterHost) =>
      new ZeroTrustExceptionFilter(
        new GrpcExceptionFilter(logger, events),
        new ProblemExceptionFilter({ adapterHost, logger, realm }),
      ),
  };
}
