import { createPrincipal, type Principal, type PrincipalMembers } from '@sallyport/principal';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host';
import { FakeCa, FakeClock } from '@sallyport/testing';
import { RequireAuthentication, RequirePrincipal } from '../declarations/access.decorators';
import { attachInboundCall } from '../inbound/inbound-call';
import { attachPrincipal } from '../inbound/principals';
import { Traces, trustOf } from '../probe-service.fixture';
import { authenticationShortfall } from './user-authentication';
import { UserAuthenticationGuard } from './user-authentication.guard';

const CLASSES = ['acr:password', 'acr:mfa'];
const clock = new FakeClock();
const NOW = Math.floor(clock.now().getTime() / 1000);

const ALICE: PrincipalMembers = {
  id: 'alice',
  type: 'user',
  scopes: new Set<string>(),
  clientId: 'own',
  sessionId: 's',
  acr: 'acr:mfa',
  authTime: NOW,
};
const whoever = (change: Partial<PrincipalMembers> = {}): Principal =>
  createPrincipal({ ...ALICE, ...change });

const REQUIRED = { acr: 'acr:mfa', maxAge: 300 };
const lacks = (change: Partial<PrincipalMembers>, required = REQUIRED, classes = CLASSES) =>
  authenticationShortfall(required, whoever(change), { classes, clock: clock.now });

describe('an authentication', () => {
  it.each<[string, Partial<PrincipalMembers>]>([
    ['is one of a weaker class', { acr: 'acr:password' }],
    ['is one of a class nobody knows', { acr: 'acr:retina' }],
    ['is one of a class that only looks alike', { acr: 'ACR:MFA' }],
    ['says of no class', { acr: undefined }],
    ['is a second too old', { authTime: NOW - 301 }],
    ['says of no time', { authTime: undefined }],
    ['lies ahead, beyond what clocks differ', { authTime: NOW + 6 }],
    ['is of the epoch', { authTime: 0 }],
  ])('does not do that %s', (_name, change) => {
    expect(lacks(change)).toBe('insufficient_user_authentication');
  });

  it.each<[string, Partial<PrincipalMembers>]>([
    ['an API key or client without a session', { sessionId: undefined }],
    ['a client on its own', { type: 'client' }],
    ['a partner', { type: 'partner' }],
  ])('is none that %s could make good', (_name, change) => {
    expect(lacks(change)).toBe('user_not_present');
  });

  it('does not do where the required class is not known', () => {
    expect(lacks({}, { acr: 'acr:retina', maxAge: 300 })).toBe('insufficient_user_authentication');
    expect(lacks({}, REQUIRED, [])).toBe('insufficient_user_authentication');
  });

  it.each<[string, Partial<PrincipalMembers>, string]>([
    ['of the class', {}, 'acr:mfa'],
    ['of a stronger class', {}, 'acr:password'],
    ['as old as it may be', { authTime: NOW - 300 }, 'acr:mfa'],
    ['ahead by what clocks differ', { authTime: NOW + 5 }, 'acr:mfa'],
  ])('does that is %s', (_name, change, acr) => {
    expect(lacks(change, { acr, maxAge: 300 })).toBeUndefined();
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'cannot be required within %p seconds',
    (maxAge) => {
      expect(() => RequireAuthentication({ acr: 'acr:mfa', maxAge })).toThrow(TypeError);
    },
  );
});

describe('the guard of handlers behind mutual TLS', () => {
  const traces = new Traces();
  beforeEach(() => traces.clear());

  class Handlers {
    @RequirePrincipal()
    @RequireAuthentication(REQUIRED)
    refund(): void {}

    @RequirePrincipal()
    read(): void {}
  }

  const ask = async (handler: () => void, principal: Principal | undefined) => {
    const ca = await FakeCa.create();
    const trust = trustOf(ca, await ca.source('billing-service'), traces, clock);
    const carrier = {};
    attachInboundCall(carrier, {
      ...{ transport: 'grpc', target: 'a.v1.B/Refund', correlationId: 'correlation-1' },
      ...{ peer: ca.spiffeId('gateway'), isFromGateway: true },
      ...{ peerAddress: '127.0.0.1', headers: { names: [], values: () => [] } },
    });
    if (principal) attachPrincipal(carrier, principal);
    const context = new ExecutionContextHost([{}, carrier], Handlers, handler);
    context.setType('rpc');
    return new UserAuthenticationGuard(trust, CLASSES).canActivate(context);
  };

  it.each([
    ['a weaker one', whoever({ acr: 'acr:password' }), 'insufficient_user_authentication'],
    ['an old one', whoever({ authTime: NOW - 301 }), 'insufficient_user_authentication'],
    ['a client', whoever({ type: 'client' }), 'user_not_present'],
    ['nobody', undefined, 'user_not_present'],
  ])('refuses %s, with one security event', async (_name, principal, reason) => {
    await expect(ask(Handlers.prototype.refund, principal)).rejects.toMatchObject({
      status: 'PERMISSION_DENIED',
      reason,
    });
    expect(traces.events.refusals).toEqual([reason]);
    expect(traces.events.all[0]).toMatchObject({ type: 'authorization', target: 'a.v1.B/Refund' });
  });

  it('lets through who has just authenticated, and whoever asks for what needs none', async () => {
    await expect(ask(Handlers.prototype.refund, whoever())).resolves.toBe(true);
    await expect(ask(Handlers.prototype.read, whoever({ authTime: 0 }))).resolves.toBe(true);
    expect(traces.events.all).toEqual([]);
  });
});
