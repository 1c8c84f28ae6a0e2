import { Metadata, Server, type ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { RPC_STATUS } from '@sallyport/contracts';
import { FakeCa, FakeClock, RecordedSecurityEvents } from '@sallyport/testing';
import { Admission } from '../inbound/admission';
import { inboundCallOf } from '../inbound/inbound-call';
import { Traces, trustOf } from '../probe-service.fixture';
import { admissionInterceptor } from './admission.interceptor';
import { interceptUnknownMethods } from './unknown-methods';

// What this library uses of grpc-js beyond its public API, and that a version without it is noticed.
describe('the internals of grpc-js', () => {
  it('keep a server from being made when handlers are looked up in another way', () => {
    const changed = Object.assign(Object.create(Server.prototype) as Server, {
      _retrieveHandler: undefined,
    });
    expect(() => interceptUnknownMethods(changed, new RecordedSecurityEvents())).toThrow(
      'grpc-js has changed',
    );
    expect(() => interceptUnknownMethods(new Server(), new RecordedSecurityEvents())).not.toThrow();
  });

  it.each([
    ['stream', {}],
    ['session', { stream: {} }],
  ])('end a call as INTERNAL when it shows no %s', async (_name, shape) => {
    const ca = await FakeCa.create();
    const traces = new Traces();
    const trust = trustOf(ca, await ca.source('gateway'), traces, new FakeClock());
    const interceptor = admissionInterceptor(new Admission(trust), trust.logger);

    const metadata = new Metadata();
    const sent: unknown[] = [];
    const call = {
      ...shape,
      start: (listener: { onReceiveMetadata(metadata: Metadata): void }) =>
        listener.onReceiveMetadata(metadata),
      sendStatus: (status: unknown) => sent.push(status),
      getConnectionInfo: () => ({}),
    } as unknown as ServerInterceptingCallInterface;
    const passed: unknown[] = [];
    interceptor({ path: '/a.v1.B/C' } as never, call).start({
      onReceiveMetadata: (received) => passed.push(received),
      onReceiveMessage: (message) => passed.push(message),
      onReceiveHalfClose: () => passed.push('half close'),
      onCancel: () => undefined,
    });

    expect(sent).toEqual([
      { code: RPC_STATUS.INTERNAL, details: 'internal_error', metadata: null },
    ]);
    expect(passed).toEqual([]);
    expect(inboundCallOf(metadata)).toBeUndefined();
    expect(traces.log.join()).toContain('grpc-js has changed');
  });
});
