import { setTimeout as delay } from 'node:timers/promises';
import {
  DevCa,
  issueCertificate,
  privateKeyPem,
  validFor,
  workloadProfile,
} from '@sallyport/dev-ca';
import { SpiffeId, Svid, TrustBundle, type WorkloadContext } from '@sallyport/workload-identity';
import { KeptConnection, probe, type Listener } from './probe-listener';

const LIFETIME_MS = 3_600_000;
const EVERY_MS = 100;
const AT_MOST_MS = 120_000;

/** An identity as it is stolen: issued to the service in time, valid for an hour. */
export const steal = async (certsFolder: string, service: string): Promise<WorkloadContext> => {
  const ca = await DevCa.openExisting(certsFolder);
  const { trustDomain, intermediate, bundlePem } = await ca.workloadAuthority();
  const spiffeId = SpiffeId.ofService({ trustDomain, namespace: 'sallyport', service });
  const profile = workloadProfile(spiffeId, validFor(LIFETIME_MS, new Date()));
  const leaf = await issueCertificate(profile, intermediate);
  const svid = Svid.parse({
    certificateChainPem: leaf.certificatePem + intermediate.certificatePem,
    privateKeyPem: privateKeyPem(leaf),
  });
  return { svid, bundle: TrustBundle.parse(bundlePem) };
};

/** When a stolen certificate was refused, in milliseconds after the beginning; undefined when it never was. */
export interface Refusal {
  readonly listener: Listener;
  readonly newConnectionMs: number | undefined;
  /** Of gRPC listeners. */
  readonly keptConnectionMs: number | undefined;
}

/** Uses a stolen identity at a listener, on a connection it holds and on new ones, until both are refused. */
export const watchRefusal = async (
  stolen: WorkloadContext,
  listener: Listener,
  startedAt: number,
): Promise<Refusal> => {
  const kept = listener.protocol === 'h2' ? new KeptConnection(stolen, listener) : undefined;
  const [newConnectionMs, keptConnectionMs] = await Promise.all([
    untilRefused(startedAt, async () => (await probe(stolen, listener)).accepted),
    kept && untilRefused(startedAt, () => kept.isAccepted()),
  ]);
  kept?.close();
  return { listener, newConnectionMs, keptConnectionMs };
};

const untilRefused = async (
  startedAt: number,
  isAccepted: () => Promise<boolean>,
): Promise<number | undefined> => {
  while (performance.now() - startedAt < AT_MOST_MS) {
    if (!(await isAccepted())) return performance.now() - startedAt;
    await delay(EVERY_MS);
  }
  return undefined;
};
