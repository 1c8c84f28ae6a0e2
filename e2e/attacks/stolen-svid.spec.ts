import { setTimeout as delay } from 'node:timers/promises';
import { DevCa } from '@sallyport/dev-ca';
import { billingV1 } from '@sallyport/contracts';
import { FakeCa } from '@sallyport/testing';
import type { SvidPem } from '@sallyport/workload-identity';
import { sharedCluster } from '../src/cluster-facts';
import type { GrpcServiceName, ServiceName } from '../src/cluster-facts';
import { placeOrder, signUp } from '../src/customers';
import { Evidence } from '../src/evidence';
import { exchange } from '../src/grpc-exchange';
import { InternalClient } from '../src/internal-client';
import type { InternalConnection } from '../src/internal-client';
import { answered, getInternal } from '../src/internal-https';
import { internalTargets } from '../src/internal-targets';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { expectConnectionRefused, expectPassed } from '../src/refusal.expectations';
import { unknownRpc } from '../src/rpc';

needs(...EVIDENCE, 'live-certificates');

const CALLED: readonly GrpcServiceName[] = ['auth-service', 'orders-service', 'billing-service'];
/** For running services to read what has been written to their directories. */
const SETTLE_MS = 1_500;

const { certsFolder, grpcAddresses } = sharedCluster();
const evidence = new Evidence();
const outside = new PublicClient();
const stolen = new Map<ServiceName, SvidPem>();
let kept: InternalConnection;

const stolenOf = (service: ServiceName): SvidPem => {
  const svid = stolen.get(service);
  if (!svid) throw new TypeError(service);
  return svid;
};
const address = grpcAddresses['billing-service'];
const method = unknownRpc(`${billingV1.BillingServiceDefinition.fullName}/NoMethod`);
const callOnKept = () =>
  exchange(kept.session, { address, method, request: Buffer.alloc(0) }, 'e2e-kept-connection');

// Every certificate was genuine until its root was retired; none of them has expired.
beforeAll(async () => {
  const authority = await FakeCa.fromDevCa(certsFolder);
  for (const service of ['gateway', 'orders-service'] as const) {
    stolen.set(service, await authority.leaf(service).issue());
  }
  kept = await new InternalClient().connect({ address, svid: stolenOf('orders-service') });
  const targets = internalTargets();
  for (const service of CALLED) {
    const { caller, target, call } = targets[service];
    await expectPassed(await call({ svid: stolenOf(caller) }), { evidence, handled: [target] });
  }
  expect(await callOnKept()).toMatchObject({ status: 'UNIMPLEMENTED' });

  const { trust } = await DevCa.openExisting(certsFolder);
  for (const step of ['prepareRoot', 'activateRoot', 'retireRoot'] as const) {
    await trust[step]();
    while ((await trust.behind()).length > 0) await delay(50);
    await delay(SETTLE_MS);
  }
}, 60_000);
afterAll(() => kept.end());

describe('a stolen certificate whose root was retired', () => {
  it.each(CALLED)('opens no connection to %s', async (service) => {
    const { caller, call } = internalTargets()[service];
    const reason = 'tls_certificate_untrusted';
    await expectConnectionRefused(await call({ svid: stolenOf(caller) }), { evidence, reason });
  });

  it("opens no connection to auth-service's internal HTTPS face", async () => {
    const outcome = await getInternal('/.well-known/jwks.json', { svid: stolenOf('gateway') });
    if (outcome.connection === 'accepted') throw new Error(outcome.response.body);
    await expectConnectionRefused(outcome, { evidence, reason: 'tls_certificate_untrusted' });
  });

  it('is worth nothing on a connection that was open before', async () => {
    expect(await callOnKept()).toMatchObject({
      status: 'UNAUTHENTICATED',
      reason: 'svid_chain_untrusted',
    });
  });

  it.each(CALLED)(
    'leaves the certificate that its owner got instead accepted by %s',
    async (service) => {
      const { caller, target, call } = internalTargets()[service];
      const svid = new InternalClient().svidOf(caller);
      await expectPassed(await call({ svid }), { evidence, handled: [target] });
    },
  );

  it('leaves the way of an order open, and the internal HTTPS face to the gateway', async () => {
    await placeOrder(outside, await signUp(outside));
    const svid = new InternalClient().svidOf('gateway');
    const response = answered(await getInternal('/.well-known/jwks.json', { svid }));
    expect(response.status).toBe(200);
  });
});
