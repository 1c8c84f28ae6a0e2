import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host';
import { FakeCa, FakeClock } from '@sallyport/testing';
import { attachInboundCall } from '../inbound/inbound-call';
import type { ServiceTrust } from '../inbound/service-trust';
import { ProbeController, Traces, trustOf } from '../probe-service.fixture';
import { CallerGuard } from './caller.guard';
import { IdentityGuard } from './identity.guard';
import { ScopesGuard } from './scopes.guard';

// What can only happen when an application is put together in another way than ZeroTrustModule does it.
describe('the guards of handlers behind mutual TLS', () => {
  const traces = new Traces();
  let ca: FakeCa;
  let trust: ServiceTrust;

  beforeAll(async () => {
    ca = await FakeCa.create();
    trust = trustOf(ca, await ca.source('billing-service'), traces, new FakeClock());
  });
  beforeEach(() => traces.clear());

  const contextOf = (carrier: object, handler: (...given: never[]) => unknown, type = 'rpc') => {
    const context = new ExecutionContextHost([{}, carrier], ProbeController, handler);
    context.setType(type);
    return context;
  };

  const admittedFrom = (service: string): object => {
    const carrier = {};
    attachInboundCall(carrier, {
      ...{ transport: 'grpc', target: 'a.v1.B/C', correlationId: 'correlation-1' },
      ...{ peer: ca.spiffeId(service), isFromGateway: service === 'gateway' },
      ...{ peerAddress: '127.0.0.1', headers: { names: [], values: () => [] } },
    });
    return carrier;
  };

  const undeclared = (): void => undefined;

  it('refuse a call that came by another transport, with one security event', () => {
    const context = contextOf({}, ProbeController.prototype.open);
    expect(() => new CallerGuard(trust).canActivate(context)).toThrow(
      expect.objectContaining({ status: 'UNAUTHENTICATED', reason: 'peer_unknown' }),
    );
    expect(traces.events.refusals).toEqual(['peer_unknown']);
  });

  it('refuse every caller of a handler that names none', () => {
    const context = contextOf(admittedFrom('gateway'), undeclared);
    expect(() => new CallerGuard(trust).canActivate(context)).toThrow(
      expect.objectContaining({ status: 'PERMISSION_DENIED', reason: 'caller_not_allowed' }),
    );
    expect(traces.events.refusals).toEqual(['caller_not_allowed']);
  });

  it.each([IdentityGuard, ScopesGuard])('fail before the CallerGuard: %p', (Guard) => {
    const context = contextOf({}, ProbeController.prototype.open);
    expect(() => new Guard(trust).canActivate(context)).toThrow('has to come first');
  });

  it.each([IdentityGuard, ScopesGuard])('fail on a handler that declares nothing: %p', (Guard) => {
    const context = contextOf(admittedFrom('gateway'), undeclared);
    expect(() => new Guard(trust).canActivate(context)).toThrow('is undeclared');
  });

  it('fail in a context that is neither gRPC nor HTTP', () => {
    const context = contextOf({}, ProbeController.prototype.open, 'ws');
    expect(() => new CallerGuard(trust).canActivate(context)).toThrow(
      'there is no access control for ws handlers',
    );
  });

  it('let through whom the handler names', () => {
    const context = contextOf(admittedFrom('gateway'), ProbeController.prototype.open);
    for (const Guard of [CallerGuard, IdentityGuard, ScopesGuard]) {
      expect(new Guard(trust).canActivate(context)).toBe(true);
    }
    expect(traces.events.all).toEqual([]);
  });
});
