import type { ReadinessCheck } from '@sallyport/observability';
import type { RevocationFollower } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import type { SvidSource } from '@sallyport/workload-identity';

export interface ReadinessOptions {
  readonly source: Pick<SvidSource, 'current'>;
  readonly keySet: { readonly isLoaded: boolean };
  readonly follower: Pick<RevocationFollower, 'isCurrent' | 'ageMs'>;
  readonly clock: Clock;
}

/**
 * Ready while access tokens can be verified and it is known which were revoked. A service behind that is gone is not
 * among the checks: its routes answer 503 meanwhile, and taking every gateway out of rotation would take the other routes
 * with them.
 */
export function readinessChecks(options: ReadinessOptions): readonly ReadinessCheck[] {
  const { source, keySet, follower, clock } = options;
  return [
    {
      name: 'identity',
      check: () => {
        const { notAfter } = source.current().svid;
        return demand(clock() < notAfter, `the SVID expired at ${notAfter.toISOString()}`);
      },
    },
    {
      name: 'issuer-keys',
      check: () => demand(keySet.isLoaded, 'no key set has been loaded yet'),
    },
    {
      name: 'revocations',
      check: () =>
        demand(
          follower.isCurrent,
          Number.isFinite(follower.ageMs)
            ? `last known to be complete ${Math.round(follower.ageMs)} ms ago`
            : 'nobody has vouched for the revocations at hand yet',
        ),
    },
  ];
}

function demand(condition: boolean, otherwise: string): Promise<void> {
  return condition ? Promise.resolve() : Promise.reject(new Error(otherwise));
}
