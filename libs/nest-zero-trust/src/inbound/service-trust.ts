import type { HandledCalls, Logger, SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { SpiffeId, type SvidSource, type TrustDomain } from '@sallyport/workload-identity';

/** The names by which the workloads of one system know each other. */
export interface WorkloadNames {
  readonly trustDomain: TrustDomain;
  readonly namespace: string;
  /** Service name of the one workload whose identity headers are believed (R4). */
  readonly gateway: string;
  /** Service name of the one workload whose transaction tokens of workloads are believed (R5); nobody's when left out. */
  readonly transactionTokenService?: string;
}

/** What a service trusts and where its decisions leave a trace. */
export interface ServiceTrust {
  readonly source: SvidSource;
  readonly workload: WorkloadNames;
  readonly events: SecurityEvents;
  readonly calls: HandledCalls;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Authentication context classes, the weakest first, for handlers that declare `@RequireAuthentication`. */
  readonly authenticationClasses?: readonly string[];
}

/** The SPIFFE ID of a service of this system. */
export function spiffeIdOfService(
  { trustDomain, namespace }: Pick<WorkloadNames, 'trustDomain' | 'namespace'>,
  service: string,
): SpiffeId {
  return SpiffeId.ofService({ trustDomain, namespace, service });
}
