import { FakeCa, TokenMint } from '@sallyport/testing';
import { readIdentityFiles } from '@sallyport/workload-identity';
import type { WorkloadContext } from '@sallyport/workload-identity';
import type { Cluster } from '../cluster/cluster';
import type { ServiceName } from '../cluster/listeners';
import { PublicClient } from '../public/public-client';
import { Facts } from './facts';
import { LogWatch } from './log-watch';

/** What the steps of the demo play on. */
export class Stage {
  readonly facts = new Facts();

  private constructor(
    readonly cluster: Cluster,
    readonly client: PublicClient,
    /** The cluster's own authority, for certificates that it would never hand out. */
    readonly clusterCa: FakeCa,
    /** An authority nobody in the cluster has heard of. */
    readonly foreignCa: FakeCa,
    /** An issuer of tokens nobody in the cluster has heard of. */
    readonly foreignMint: TokenMint,
  ) {}

  static async open(cluster: Cluster): Promise<Stage> {
    return new Stage(
      cluster,
      new PublicClient(cluster.gatewayUrl, cluster.caFile),
      await FakeCa.fromDevCa(cluster.certsFolder),
      await FakeCa.create(),
      new TokenMint({ issuer: cluster.gatewayUrl }),
    );
  }

  /** Looks at what services log from now on. */
  watch(...services: readonly ServiceName[]): Promise<LogWatch> {
    return LogWatch.begin(this.cluster, services);
  }

  /** The certificate, key and bundle a service itself uses. */
  identityOf(service: ServiceName): Promise<WorkloadContext> {
    const { svidDirectory } = this.cluster.services[service];
    return readIdentityFiles({ directory: svidDirectory, now: new Date() });
  }

  close(): void {
    this.client.close();
  }
}
