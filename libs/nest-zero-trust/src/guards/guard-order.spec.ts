import { GUARDS_METADATA } from '@nestjs/common/constants';
import { APP_GUARD } from '@nestjs/core';
import { FakeCa, FakeClock } from '@sallyport/testing';
import { HttpAccessGuard, ZeroTrustModule } from '../index';
import { Traces, trustOf } from '../probe-service.fixture';
import { CallerGuard } from './caller.guard';
import { IdentityGuard } from './identity.guard';
import { ScopesGuard } from './scopes.guard';
import { UserAuthenticationGuard } from './user-authentication.guard';

function guardsOf({ providers = [] }: ReturnType<typeof ZeroTrustModule.forHttp>): unknown[] {
  return providers.flatMap((provider) =>
    'provide' in provider && provider.provide === APP_GUARD && 'useClass' in provider
      ? [provider.useClass]
      : [],
  );
}

describe('the guards', () => {
  it('of handlers behind mutual TLS ask who calls, for whom, with which scopes and how authenticated, in this order', async () => {
    const ca = await FakeCa.create();
    const trust = trustOf(ca, await ca.source('gateway'), new Traces(), new FakeClock());
    expect(guardsOf(ZeroTrustModule.forGrpc(trust))).toEqual([
      CallerGuard,
      IdentityGuard,
      ScopesGuard,
      UserAuthenticationGuard,
    ]);
  });

  it('of a public face are one', () => {
    const { events, calls, logger } = new Traces();
    expect(
      guardsOf(
        ZeroTrustModule.forHttp({ events, calls, logger, realm: 'test', ownClientId: 'own' }),
      ),
    ).toEqual([HttpAccessGuard]);
  });

  it('are not attached by decorators, whose order would then matter', () => {
    expect(Reflect.getMetadataKeys(CallerGuard)).not.toContain(GUARDS_METADATA);
  });
});
