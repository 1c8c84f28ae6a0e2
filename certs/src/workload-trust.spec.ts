import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  readIdentityFiles,
  verifySvidChain,
  type WorkloadContext,
} from '@sallyport/workload-identity';
import { DevCa } from './dev-ca';

const SERVICES = ['gateway', 'orders-service'];

describe('WorkloadTrust', () => {
  let folder: string;
  let ca: DevCa;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trust-'));
    ca = await DevCa.open(folder);
    await follow();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const follow = (): Promise<readonly string[]> => ca.ensureAll({ services: SERVICES });
  const identity = (service: string): Promise<WorkloadContext> =>
    readIdentityFiles({ directory: ca.workloadDirectory(service), now: new Date() });
  /** Whether one workload's files accept the certificate of another's. */
  const accepts = ({ bundle }: WorkloadContext, { svid }: WorkloadContext): boolean => {
    try {
      verifySvidChain(svid.chain, bundle, {
        now: new Date(),
        trustDomain: svid.spiffeId.trustDomain,
      });
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    ['to retire a root when none is retiring', () => ca.trust.retireRoot(), 'no root is retiring'],
    ['to activate a root when none is prepared', () => ca.trust.activateRoot(), 'none|no root is'],
    ['to deny what is no service', async () => ca.trust.deny('a/b'), 'path segment'],
  ])('refuses %s', async (_case, step, message) => {
    await expect(step()).rejects.toThrow(new RegExp(message));
  });

  it('refuses a step on top of one that has not reached every workload', async () => {
    const early =
      /the last step has not reached gateway, orders-service; let keep or init renew it$/;
    await ca.trust.prepareRoot();
    await expect(ca.trust.activateRoot()).rejects.toThrow(early);
    await follow();
    await ca.trust.activateRoot();
    await expect(ca.trust.retireRoot()).rejects.toThrow(early);
    await follow();
    await ca.trust.retireRoot();
    expect(await ca.trust.behind()).toEqual(SERVICES);
    await follow();
    expect(await ca.trust.behind()).toEqual([]);
  });

  it('shuts a stolen certificate out by replacing the root, and nobody else at any step', async () => {
    const stolen = await identity('orders-service');
    for (const step of ['prepareRoot', 'activateRoot', 'retireRoot'] as const) {
      const before = await Promise.all(SERVICES.map(identity));
      await ca.trust[step]();
      await follow();
      const after = await Promise.all(SERVICES.map(identity));
      // Those that have read the new files and those that have not yet, either way.
      for (const mine of [...before, ...after]) {
        for (const theirs of [...before, ...after]) expect(accepts(mine, theirs)).toBe(true);
      }
      expect(after.every((mine) => accepts(mine, stolen))).toBe(step !== 'retireRoot');
    }
    expect((await ca.trust.authorities()).previousRootPem).toBeUndefined();
  });

  it('gives a denied service no certificate, and the others theirs', async () => {
    await ca.trust.deny('orders-service');
    const before = await identity('orders-service');
    await ca.trust.prepareRoot();
    expect(await follow()).toEqual(['gateway']);
    await ca.trust.activateRoot();
    expect(await follow()).toEqual(['gateway']);
    await expect(ca.issueWorkload('orders-service')).rejects.toThrow('orders-service is denied');
    expect(await identity('orders-service')).toEqual(before);

    await ca.trust.allow('orders-service');
    expect(await follow()).toEqual(['orders-service']);
    expect(accepts(await identity('gateway'), await identity('orders-service'))).toBe(true);
  });

  it('replaces the intermediate: everybody follows, what it had signed stays valid', async () => {
    const before = await identity('orders-service');
    await ca.trust.rotateIntermediate();
    expect(await follow()).toEqual(SERVICES);
    const gateway = await identity('gateway');
    expect(gateway.svid.chain[1]).not.toEqual(before.svid.chain[1]);
    expect(accepts(gateway, before)).toBe(true);
  });
});
