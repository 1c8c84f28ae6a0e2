import type { spiffeWorkload } from '@sallyport/contracts';
import { FakeCa } from '@sallyport/testing';
import { workloadContextOf } from './workload-context-of';
import { responseOf, x509SvidOf } from './workload-api.fixture';

describe('an answer of the Workload API', () => {
  let ca: FakeCa;
  let own: spiffeWorkload.X509SVID;
  let another: spiffeWorkload.X509SVID;
  beforeAll(async () => {
    ca = await FakeCa.create();
    own = x509SvidOf(await ca.context('orders-service'));
    another = x509SvidOf(await ca.context('gateway'));
  });

  const read = (...svids: spiffeWorkload.X509SVID[]) => {
    const expectedId = ca.spiffeId('orders-service');
    return workloadContextOf(responseOf(...svids), { expectedId, now: new Date() });
  };

  const unusable: Record<string, [detail: RegExp, () => Partial<spiffeWorkload.X509SVID>]> = {
    'a key that is none': [/no PEM private key/, () => ({ x509SvidKey: Buffer.from('key') })],
    'no key': [/no PEM private key/, () => ({ x509SvidKey: Buffer.alloc(0) })],
    "another identity's key": [/key does not match/, () => ({ x509SvidKey: another.x509SvidKey })],
    'a chain cut short': [
      /certificate chain is not a sequence/,
      () => ({ x509Svid: own.x509Svid.subarray(0, -1) }),
    ],
    'no bundle': [/bundle is not a sequence/, () => ({ bundle: Buffer.alloc(0) })],
    "another identity's certificate under this id": [
      /the certificate is for .*gateway$/,
      () => ({ x509Svid: another.x509Svid, x509SvidKey: another.x509SvidKey }),
    ],
  };
  it.each(Object.entries(unusable))('is not usable with %s', (_name, [detail, broken]) => {
    expect(read({ ...own, ...broken() })).toMatchObject({
      kind: 'unusable',
      detail: expect.stringMatching(detail) as string,
    });
  });

  it('is not usable with the bundle of another authority', async () => {
    const { bundle } = x509SvidOf(await (await FakeCa.create()).context('orders-service'));
    expect(read({ ...own, bundle })).toMatchObject({ kind: 'unusable' });
  });

  it('is not usable with an expired leaf', () => {
    const [expectedId, now] = [ca.spiffeId('orders-service'), new Date(Date.now() + 7_200_000)];
    expect(workloadContextOf(responseOf(own), { expectedId, now })).toMatchObject({
      kind: 'unusable',
      detail: expect.stringContaining('expired') as string,
    });
  });

  it('is not usable without any identity, and withdraws the one it leaves out', () => {
    expect(read()).toMatchObject({ kind: 'unusable' });
    expect(read(another)).toMatchObject({
      kind: 'withdrawn',
      detail: `expected ${ca.spiffeId('orders-service').toString()}, given ${another.spiffeId}`,
    });
  });

  it('gives the expected identity, wherever it stands', async () => {
    expect(read(another, own)).toMatchObject({ kind: 'granted' });
    const context = await ca.context('orders-service');
    const received = read(another, x509SvidOf(context));
    if (received.kind !== 'granted') throw new Error(received.detail);
    expect(received.context.svid.spiffeId).toEqual(context.svid.spiffeId);
    expect(received.context.svid.privateKey.equals(context.svid.privateKey)).toBe(true);
    expect(received.context.bundle.pem).toBe(context.bundle.pem);
  });
});
