import {
  spiffeIdOfService,
  type ServiceTrust,
  type WorkloadNames,
} from '@sallyport/nest-zero-trust';
import {
  TransactionTokenVerifier,
  WorkloadAssertionVerifier,
  WorkloadTransactionMinter,
} from '@sallyport/principal';

/** What the transaction token service signs by and what it believes: this workload's own identity and trust bundle. */
export class TransactionTrust {
  readonly names: WorkloadNames;
  readonly minter: WorkloadTransactionMinter;
  readonly assertions: WorkloadAssertionVerifier;
  readonly transactions: TransactionTokenVerifier;

  constructor({ source, workload, clock }: Pick<ServiceTrust, 'source' | 'workload' | 'clock'>) {
    const { trustDomain, gateway } = workload;
    const own = source.current().svid.spiffeId;
    const trust = { bundle: () => source.current().bundle, trustDomain, clock };
    this.names = workload;
    this.minter = new WorkloadTransactionMinter({ source, trustDomain });
    this.assertions = new WorkloadAssertionVerifier({ ...trust, audience: own });
    this.transactions = new TransactionTokenVerifier({
      ...trust,
      issuers: { principal: spiffeIdOfService(workload, gateway), workload: own },
    });
  }

  get trustDomain(): string {
    return this.names.trustDomain.toString();
  }
}
