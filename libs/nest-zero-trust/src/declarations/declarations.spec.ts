import { Controller, Get, Module, Post, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GrpcMethod } from '@nestjs/microservices';
import type { ordersV1 } from '@sallyport/contracts';
import { FakeCa, FakeClock } from '@sallyport/testing';
import {
  AllowCallers,
  assertEveryHandlerDeclares,
  collectAccessDeclarations,
  nestOptions,
  Public,
  RequireAuthentication,
  RequirePrincipal,
  RequireScopes,
  RequireSession,
  RequireWorkloadTransaction,
  RpcMethod,
  RunAsWorkload,
  ZeroTrustModule,
} from '../index';
import {
  moduleWith,
  ProbeController,
  ProbeDefinition,
  Traces,
  trustOf,
} from '../probe-service.fixture';

const answer = (): ordersV1.ListOrdersResponse => ({ orders: [], nextPageToken: '' });

@Controller('things')
class UndeclaredHttp {
  @Get(':id')
  read(): void {}
}

@Controller()
class UndeclaredRpc {
  @RpcMethod(ProbeDefinition, 'open')
  open() {
    return answer();
  }
}

@Controller()
class WithoutCallers {
  @RpcMethod(ProbeDefinition, 'open')
  @Public()
  open() {
    return answer();
  }
}

@Controller()
class WithoutIdentity {
  @RpcMethod(ProbeDefinition, 'open')
  @AllowCallers('gateway')
  open() {
    return answer();
  }
}

@Controller()
class Contradictory {
  @RpcMethod(ProbeDefinition, 'open')
  @AllowCallers('gateway')
  @Public()
  @RequireScopes('orders:read')
  open() {
    return answer();
  }
}

@Controller()
class CallersTwice {
  @RpcMethod(ProbeDefinition, 'open')
  @AllowCallers('gateway')
  @AllowCallers('orders-service')
  @Public()
  open() {
    return answer();
  }
}

@Controller()
class WorkloadOverHttp {
  @Post('run')
  @AllowCallers('gateway')
  @RunAsWorkload()
  run(): void {}
}

@Controller()
class TransactionInPublic {
  @Post('run')
  @RequireWorkloadTransaction('charges:void')
  run(): void {}
}

@Controller()
class SessionInside {
  @RpcMethod(ProbeDefinition, 'open')
  @AllowCallers('gateway')
  @RequireSession()
  open() {
    return answer();
  }
}

@Controller()
class Untyped {
  @GrpcMethod('ProbeService', 'Open')
  @AllowCallers('gateway')
  @Public()
  open() {
    return answer();
  }
}

@Controller()
class PublicHttp {
  @Get()
  @Public()
  index(): void {}

  @Post('orders/:id/cancel')
  @RequireScopes('orders:write')
  cancel(): void {}

  @Get(['me', 'myself'])
  @RequirePrincipal()
  me(): void {}

  @Get('keys')
  @RequireSession('keys:read')
  @RequireAuthentication({ acr: 'acr:mfa', maxAge: 300 })
  keys(): void {}
}

@Controller()
class AuthenticatedByNobody {
  @Get()
  @Public()
  @RequireAuthentication({ acr: 'acr:mfa', maxAge: 300 })
  index(): void {}
}

@Controller()
class AuthenticatedOddly {
  @Get()
  @RequirePrincipal()
  @RequireAuthentication({ acr: 'acr:retina', maxAge: 300 })
  index(): void {}
}

@Controller()
class AuthenticatedTwice {
  @Get()
  @RequirePrincipal()
  @RequireAuthentication({ acr: 'acr:mfa', maxAge: 300 })
  @RequireAuthentication({ acr: 'acr:mfa', maxAge: 60 })
  index(): void {}
}

@Controller()
class CallersInPublic {
  @Get()
  @AllowCallers('gateway')
  @Public()
  index(): void {}
}

describe('access declarations', () => {
  let ca: FakeCa;
  const traces = new Traces();

  beforeAll(async () => {
    ca = await FakeCa.create();
  });

  const contextOf = async (face: 'internal' | 'public', controller: Type) => {
    const { events, calls, logger } = traces;
    const authenticationClasses = ['acr:password', 'acr:mfa'];
    const common = { realm: 'test', ownClientId: 'own', authenticationClasses };
    const trust = trustOf(ca, await ca.source('billing-service'), traces, new FakeClock());
    @Module({
      imports: [ZeroTrustModule.forHttp({ events, calls, logger, ...common })],
    })
    class PublicModule {}
    const module =
      face === 'internal'
        ? moduleWith(trust, controller)
        : { module: PublicModule, controllers: [controller] };
    return NestFactory.createApplicationContext(module, nestOptions(logger));
  };

  const refused: readonly (readonly [Type, 'internal' | 'public', string])[] = [
    [UndeclaredHttp, 'public', 'UndeclaredHttp.read declares neither @Public,'],
    [UndeclaredRpc, 'internal', 'UndeclaredRpc.open declares neither @Public,'],
    [WithoutCallers, 'internal', 'WithoutCallers.open declares no @AllowCallers'],
    [WithoutIdentity, 'internal', 'WithoutIdentity.open declares neither @Public,'],
    [Contradictory, 'internal', 'Contradictory.open contradicts itself: @RequireScopes, @Public'],
    [CallersTwice, 'internal', 'CallersTwice.open declares @AllowCallers more than once'],
    [WorkloadOverHttp, 'internal', 'WorkloadOverHttp.run declares @RunAsWorkload'],
    [
      TransactionInPublic,
      'public',
      'TransactionInPublic.run declares @RequireWorkloadTransaction on a public HTTP face',
    ],
    [
      SessionInside,
      'internal',
      'SessionInside.open declares @RequireSession, which is for a public',
    ],
    [Untyped, 'internal', 'Untyped.open is bound to a message pattern instead of @RpcMethod'],
    [PublicHttp, 'internal', 'PublicHttp.index declares no @AllowCallers'],
    [
      AuthenticatedByNobody,
      'public',
      'AuthenticatedByNobody.index declares @RequireAuthentication where nobody has to authenticate',
    ],
    [
      AuthenticatedOddly,
      'public',
      'AuthenticatedOddly.index requires an authentication class nobody knows: acr:retina',
    ],
    [
      AuthenticatedTwice,
      'public',
      'AuthenticatedTwice.index declares @RequireAuthentication more than once',
    ],
    [CallersInPublic, 'public', 'CallersInPublic.index declares @AllowCallers on a public HTTP'],
  ];

  it.each(refused)('keep %p from starting on a %s face', async (controller, face, problem) => {
    await expect(contextOf(face, controller)).rejects.toMatchObject({
      code: 'handler_undeclared',
      message: expect.stringContaining(problem) as unknown,
    });
  });

  it('name every handler at fault in one line', async () => {
    await expect(contextOf('internal', UndeclaredRpc)).rejects.toThrow(
      /^UndeclaredRpc\.open declares neither .*; UndeclaredRpc\.open declares no @AllowCallers$/,
    );
  });

  it('are collected from rpc handlers, sorted by target', async () => {
    const app = await contextOf('internal', ProbeController);
    expect(() => assertEveryHandlerDeclares(app)).not.toThrow();
    const callers = ['gateway', 'orders-service'];
    const declared = [
      ['Begun', 'begun', 'workload-transaction charges:void', callers],
      ['Failing', 'failing', 'public', ['orders-service']],
      ['Forwarded', 'forwarded', 'principal', callers],
      ['Open', 'open', 'public', callers],
      ['Own', 'own', 'workload', ['orders-service']],
      ['Personal', 'personal', 'principal', callers],
      ['Scoped', 'scoped', 'scopes orders:read orders:write', callers],
    ] as const;
    expect(collectAccessDeclarations(app)).toEqual(
      declared.map(([rpc, method, identity, callersOfMethod]) => ({
        handler: `ProbeController.${method}`,
        transport: 'grpc',
        target: `sallyport.test.v1.ProbeService/${rpc}`,
        callers: callersOfMethod,
        identity,
      })),
    );
    await app.close();
  });

  it('are collected from routes', async () => {
    const app = await contextOf('public', PublicHttp);
    const http = { transport: 'http' };
    const cancel = { handler: 'PublicHttp.cancel', identity: 'scopes orders:write' };
    const keys = {
      handler: 'PublicHttp.keys',
      identity: 'session keys:read',
      authentication: 'acr:mfa within 300 s',
    };
    const me = { handler: 'PublicHttp.me', identity: 'principal' };
    expect(collectAccessDeclarations(app)).toEqual([
      { ...http, target: 'GET /', handler: 'PublicHttp.index', identity: 'public' },
      { ...http, target: 'GET /keys', ...keys },
      { ...http, target: 'GET /me', ...me },
      { ...http, target: 'GET /myself', ...me },
      { ...http, target: 'POST /orders/:id/cancel', ...cancel },
    ]);
    await app.close();
  });
});
