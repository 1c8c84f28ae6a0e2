import type { ReadinessCheck } from '@sallyport/observability';
import type { RevocationFollower } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import type { SvidSource } from '@sallyport/workload-identity';
import type { Drain } from '../listener/drain';
import type { PartnerRevocations } from '../partners/partner-revocations';
import type { SchemaLookout } from './schema-lookout';

export interface ReadinessOptions {
  readonly source: Pick<SvidSource, 'current'>;
  readonly keySet: { readonly isLoaded: boolean };
  readonly follower: Pick<RevocationFollower, 'isCurrent' | 'ageMs'>;
  readonly drain: Pick<Drain, 'isUnderWay'>;
  /** Of partner certificates; undefined where nobody publishes any. */
  readonly partnerRevocations?: Pick<PartnerRevocations, 'isCurrent' | 'goodUntil'> | undefined;
  /** Where somebody else migrates the gateway's database: whether it is known to be behind. */
  readonly schema?: Pick<SchemaLookout, 'check'>;
  readonly clock: Clock;
}

/**
 * Ready while access tokens can be verified, it is known which were revoked, and nobody has asked the process to end. A
 * service behind that is gone is not among the checks: its routes answer 503 meanwhile, and taking every gateway out of
 * rotation would take the other routes with them.
 */
export function readinessChecks(options: ReadinessOptions): readonly ReadinessCheck[] {
  const { source, keySet, follower, drain, partnerRevocations, schema, clock } = options;
  return [
    {
      name: 'listener',
      check: () => demand(!drain.isUnderWay, 'this gateway is on its way out'),
    },
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
    ...(partnerRevocations === undefined
      ? []
      : [
          {
            name: 'partner-revocations',
            check: () =>
              demand(
                partnerRevocations.isCurrent,
                `the list ran out at ${partnerRevocations.goodUntil.toISOString()}`,
              ),
          },
        ]),
    ...(schema === undefined ? [] : [{ name: 'schema', check: () => schema.check() }]),
  ];
}

function demand(condition: boolean, otherwise: string): Promise<void> {
  return condition ? Promise.resolve() : Promise.reject(new Error(otherwise));
}
