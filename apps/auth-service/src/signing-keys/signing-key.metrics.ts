import { SampledValues, type Registry } from '@sallyport/observability';
import { Gauge } from 'prom-client';
import type { SigningKeyRecord, SigningKeyState } from './signing-key-record';

export interface SigningKeyMetricsSource {
  readonly list: () => Promise<readonly SigningKeyRecord[]>;
  /** For how long a key signs before the schedule replaces it. */
  readonly lifetimeSeconds: number;
  readonly clock: () => Date;
}

/** The states a key is of use in; of a tainted one only that it is none any more matters. */
const SHOWN: readonly SigningKeyState[] = ['prepared', 'active', 'retired'];

/**
 * Shows how old the signing keys are and how old the one that signs may become. No key id: the operations port
 * authenticates nobody. While the database does not answer there is no age.
 */
export function registerSigningKeyMetrics(
  registry: Registry,
  { list, lifetimeSeconds, clock }: SigningKeyMetricsSource,
): void {
  const keys = new SampledValues(list);
  const registers = [registry];
  new Gauge({
    name: 'sallyport_signing_key_age_seconds',
    help: 'How long the oldest signing key of each state has been in it.',
    labelNames: ['state'],
    registers,
    async collect() {
      const known = (await keys.read()) ?? [];
      const now = clock().getTime();
      this.reset();
      for (const state of SHOWN) {
        const since = known
          .filter((key) => key.state === state)
          .map((key) => sinceOf(key).getTime());
        if (since.length > 0) this.set({ state }, (now - Math.min(...since)) / 1000);
      }
    },
  });
  new Gauge({
    name: 'sallyport_signing_key_lifetime_seconds',
    help: 'For how long a key signs before the schedule replaces it.',
    registers,
  }).set(lifetimeSeconds);
}

/** Since when a key has been in its state. */
function sinceOf({ createdAt, activatedAt, retiredAt, state }: SigningKeyRecord): Date {
  if (state === 'active') return activatedAt ?? createdAt;
  if (state === 'retired') return retiredAt ?? createdAt;
  return createdAt;
}
