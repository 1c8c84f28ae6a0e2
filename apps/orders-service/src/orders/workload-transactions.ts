import type { WorkloadJob } from '@sallyport/nest-zero-trust';

export const WORKLOAD_TRANSACTIONS = Symbol('WorkloadTransactions');

/** Begins transactions of this workload, for what it asks of others without a user. */
export interface WorkloadTransactions {
  /**
   * @returns the transaction token of a new transaction
   * @throws RpcError when there is none to be had now; what needs it is then to be done later
   */
  begin(job: WorkloadJob): Promise<string>;
}
