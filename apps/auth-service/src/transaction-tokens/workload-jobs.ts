/** By workload, then by job: the scopes of the transactions it may begin, at most. What is not here is refused. */
export type WorkloadJobs = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** WorkloadJobs. */
export const WORKLOAD_JOBS = Symbol('WorkloadJobs');

/**
 * Who may begin what. Each workload does so for itself alone: there is no entry by which one could begin a transaction of
 * another, or take over one.
 */
export const DECLARED_JOBS = {
  'orders-service': {
    'settle-orders': ['charges:resolve', 'charges:void'],
    'cancel-order': ['charges:void'],
  },
} as const satisfies WorkloadJobs;
