import { X509Certificate } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Authorities } from '../authorities';
import { DevCaError } from '../dev-ca.error';
import type { DevCa } from '../dev-ca';

const POLL_MS = 100;

export interface StepOptions {
  readonly out: (line: string) => void;
  /** How long a keep may take until every workload's directory has followed. */
  readonly followMs: number;
  /** How long the running workloads get to read what has been written. */
  readonly settleMs: number;
}

type Step = (ca: DevCa) => Promise<void>;

/** The steps there are, by what one says to the command line. */
export const TRUST_STEPS: ReadonlyMap<string, Step> = new Map([
  ['prepare-root', (ca) => ca.trust.prepareRoot()],
  ['activate-root', (ca) => ca.trust.activateRoot()],
  ['retire-root', (ca) => ca.trust.retireRoot()],
  ['rotate-intermediate', (ca) => ca.trust.rotateIntermediate()],
]);

/**
 * Takes one step and waits until every workload's directory has followed.
 *
 * @throws {DevCaError} when the step is refused, or nobody renews the directories
 */
export async function takeStep(ca: DevCa, name: string, options: StepOptions): Promise<void> {
  const startedAt = Date.now();
  await TRUST_STEPS.get(name)?.(ca);
  for (;;) {
    const behind = await ca.trust.behind();
    if (behind.length === 0) break;
    if (Date.now() - startedAt > options.followMs) {
      const problem = `${name} is done, but ${behind.join(', ')} did not follow`;
      throw new DevCaError(ca.folder, problem, { remedy: 'see what its keep says, or run init' });
    }
    await delay(POLL_MS);
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  options.out(`${name}: every workload has followed after ${seconds} s`);
}

/**
 * All the steps that replace the root, the last of which ends whatever was issued before the second. A root that is prepared
 * already is taken; one that is still retiring is retired with the other.
 *
 * @throws {DevCaError}
 */
export async function replaceRoot(ca: DevCa, options: StepOptions): Promise<void> {
  for (const name of ['prepare-root', 'activate-root', 'retire-root']) {
    await takeStep(ca, name, options);
    if (name === 'retire-root') break;
    await delay(options.settleMs);
  }
}

/** One line for each workload root, the intermediate, and each denied service. */
export function describeTrust(authorities: Authorities, behind: readonly string[]): string[] {
  const { root, nextRoot, previousRootPem, intermediate, denied } = authorities;
  return [
    ...(nextRoot ? [line('prepared', nextRoot.certificatePem)] : []),
    line('active', root.certificatePem),
    ...(previousRootPem === undefined ? [] : [line('retiring', previousRootPem)]),
    line('intermediate', intermediate.certificatePem),
    ...denied.map((service) => `denied        ${service}`),
    ...behind.map((service) => `behind        ${service}`),
  ];
}

function line(state: string, pem: string): string {
  const { subject, validTo } = new X509Certificate(pem);
  return `${state.padEnd(12)}  ${subject}  until ${new Date(validTo).toISOString()}`;
}
