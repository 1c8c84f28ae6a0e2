import { RpcError } from '@sallyport/contracts';
import type { WorkloadJob } from '@sallyport/nest-zero-trust';
import type { WorkloadTransactions } from './workload-transactions';

/** A token service that gives each job a token of its own, until it is told to be away. */
export class ScriptedTransactions implements WorkloadTransactions {
  readonly begun: WorkloadJob[] = [];
  isAway = false;

  async begin(job: WorkloadJob): Promise<string> {
    if (this.isAway) throw new RpcError('UNAVAILABLE', 'txn_token_service_unavailable');
    this.begun.push(job);
    return `${job.job}.${this.begun.length}`;
  }
}
