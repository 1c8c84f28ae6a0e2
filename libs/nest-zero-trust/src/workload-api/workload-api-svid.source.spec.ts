import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { FakeCa, FakeClock } from '@sallyport/testing';
import type { WorkloadContext } from '@sallyport/workload-identity';
import { openSvidSource } from './open-svid-source';
import { FakeWorkloadApi, responseOf, x509SvidOf } from './workload-api.fixture';
import { WorkloadApiSvidSource } from './workload-api-svid.source';
import type { WorkloadApiSvidSourceOptions } from './workload-api-svid.source';

async function eventually(assertion: () => void): Promise<void> {
  const until = Date.now() + 4_000;
  for (;;) {
    try {
      assertion();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await delay(5);
  }
}

describe('an identity from the Workload API', () => {
  let ca: FakeCa;
  let context: WorkloadContext;
  let api: FakeWorkloadApi;
  let source: WorkloadApiSvidSource | undefined;
  let errors: Error[];
  beforeAll(async () => {
    ca = await FakeCa.create();
    context = await ca.context('orders-service');
  });
  beforeEach(async () => {
    errors = [];
    api = await FakeWorkloadApi.start();
  });
  afterEach(async () => {
    source?.close();
    source = undefined;
    await api.stop();
  });

  const open = async (options: Partial<WorkloadApiSvidSourceOptions> = {}) => {
    source = await WorkloadApiSvidSource.open({
      endpoint: api.endpoint,
      expectedId: ca.spiffeId('orders-service'),
      onError: (error) => errors.push(error),
      backoffMs: { first: 5, longest: 20 },
      openWithinMs: 3_000,
      ...options,
    });
    return source;
  };
  const answerWith = (next: WorkloadContext): void => api.answer(responseOf(x509SvidOf(next)));
  const details = (): string => errors.map(({ message }) => message).join('\n');
  const leafOf = (opened: WorkloadApiSvidSource) => opened.current().svid.chain[0];

  const refusals: Record<string, [detail: RegExp, prepare: () => Promise<void> | void]> = {
    'an agent that has none for this workload': [
      /the agent has no identity for this workload$/,
      () => api.refuse(status.PERMISSION_DENIED),
    ],
    'an agent that refuses the call': [
      /INVALID_ARGUMENT/,
      () => api.refuse(status.INVALID_ARGUMENT),
    ],
    'a socket that nobody answers at': [/UNAVAILABLE/, () => api.interrupt()],
    'an agent that takes it for somebody else': [
      /expected spiffe:.*orders-service, given spiffe:.*gateway$/,
      async () => answerWith(await ca.context('gateway')),
    ],
  };
  it.each(Object.entries(refusals))('does not come from %s', async (_name, [detail, prepare]) => {
    await prepare();
    const opening = open({ openWithinMs: 500 });
    await expect(opening).rejects.toMatchObject({ code: 'svid_unavailable' });
    await expect(opening).rejects.toThrow(detail);
    await expect(opening).rejects.toThrow(`SPIFFE_ENDPOINT_SOCKET ${api.endpoint}: `);
    api.interrupt();
    await api.resume();
    answerWith(context);
    expect(leafOf(await open())).toEqual(context.svid.chain[0]);
  });

  it('is asked for with the header that no tricked client sends', async () => {
    answerWith(context);
    await open();
    expect(api.opened.map((metadata) => metadata.get('workload.spiffe.io'))).toEqual([['true']]);
  });

  it('is waited for while the agent does not know the workload yet', async () => {
    const opening = open();
    await eventually(() => expect(api.opened.length).toBeGreaterThan(1));
    answerWith(context);
    expect(leafOf(await opening)).toEqual(context.svid.chain[0]);
  });

  it('is renewed in place, and told once for each change', async () => {
    answerWith(context);
    const opened = await open();
    const seen: WorkloadContext[] = [];
    const leave = opened.subscribe((next) => seen.push(next));
    const renewed = await ca.context('orders-service');
    answerWith(renewed);
    answerWith(renewed);
    await eventually(() => expect(leafOf(opened)).toEqual(renewed.svid.chain[0]));
    await delay(20);
    expect(seen).toHaveLength(1);
    leave();
    answerWith(context);
    await eventually(() => expect(leafOf(opened)).toEqual(context.svid.chain[0]));
    expect(seen).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('stays while an answer is not usable, which is told', async () => {
    answerWith(context);
    const opened = await open();
    const broken = { ...x509SvidOf(context), x509SvidKey: Buffer.from('no key') };
    api.answer(responseOf(broken));
    await eventually(() => expect(details()).toMatch(/no PEM private key/));
    expect(leafOf(opened)).toEqual(context.svid.chain[0]);
  });

  it('stays while the agent restarts, and is followed again after it', async () => {
    answerWith(context);
    const opened = await open();
    api.interrupt();
    await eventually(() => expect(errors.length).toBeGreaterThan(1));
    expect(leafOf(opened)).toEqual(context.svid.chain[0]);
    const renewed = await ca.context('orders-service');
    answerWith(renewed);
    await api.resume();
    await eventually(() => expect(leafOf(opened)).toEqual(renewed.svid.chain[0]));
  });

  it('waits longer after each failure, up to a bound', async () => {
    api.interrupt();
    const began = Date.now();
    const opening = open({
      backoffMs: { first: 100, longest: 200 },
      random: () => 1,
      openWithinMs: 650,
    });
    await expect(opening).rejects.toMatchObject({ code: 'svid_unavailable' });
    expect(Date.now() - began).toBeGreaterThanOrEqual(640);
    // At 0, 100, 300 and 500 ms at the earliest.
    expect(errors.length).toBeGreaterThan(1);
    expect(errors.length).toBeLessThanOrEqual(4);
  });

  it.each<[string, () => void]>([
    ['refuses it from now on', () => api.refuse(status.PERMISSION_DENIED)],
    [
      'leaves it out',
      () => api.answer(responseOf({ ...x509SvidOf(context), spiffeId: 'spiffe://a/b' })),
    ],
  ])('is gone once the agent %s, until it is given again', async (_name, withdraw) => {
    answerWith(context);
    const opened = await open();
    withdraw();
    await eventually(() => expect(() => opened.current()).toThrow(/SPIFFE_ENDPOINT_SOCKET/));
    answerWith(context);
    await eventually(() => expect(leafOf(opened)).toEqual(context.svid.chain[0]));
  });

  it('is gone once it has expired, which is told', async () => {
    const clock = new FakeClock(new Date(context.svid.notAfter.getTime() - 60));
    answerWith(context);
    const opened = await open({ clock: clock.now });
    expect(leafOf(opened)).toEqual(context.svid.chain[0]);
    api.interrupt();
    clock.advance({ seconds: 3_600 });
    expect(() => opened.current()).toThrow(/the SVID expired at \d{4}-/);
    await eventually(() => expect(details()).toMatch(/expired/));
  });

  it('asks nobody any more once it is closed', async () => {
    answerWith(context);
    const opened = await open();
    opened.close();
    api.interrupt();
    await delay(60);
    expect(errors).toEqual([]);
    expect(api.opened).toHaveLength(1);
  });

  it('is what a service opens that is given a socket instead of a directory', async () => {
    answerWith(context);
    const opened = await openSvidSource({
      origin: { endpoint: api.endpoint },
      expectedId: ca.spiffeId('orders-service'),
      onError: (error) => errors.push(error),
    });
    expect(opened.current().svid.spiffeId).toEqual(context.svid.spiffeId);
    opened.close();
  });
});
