import { startCluster } from '@sallyport/launcher';
import type { Cluster, ClusterOptions } from '@sallyport/launcher';
import { withTemporaryFolder } from './temporary-folder';

/** A bench comes from one address, which the limits would take for one very busy stranger. */
const WITHOUT_ADDRESS_LIMITS = {
  LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
  REGISTRATIONS_PER_ADDRESS: '100000',
  REFRESHES_PER_SESSION: '100000',
};

/** The same goes for what its few customers ask. */
const WITHOUT_RATE_LIMITS = { RATE_LIMIT_SCALE: '1000' };

/** Does some work on a cluster of its own, on free ports, with its data in a folder that is gone afterwards. */
export const withOwnCluster = (
  work: (cluster: Cluster, home: string) => Promise<void>,
  authSettings: Readonly<Record<string, string>> = {},
  gatewaySettings: Readonly<Record<string, string>> = {},
  {
    serviceSettings,
    ...options
  }: Pick<ClusterOptions, 'serviceSettings' | 'leafLifetimeSeconds'> = {},
): Promise<void> =>
  withTemporaryFolder(async (home) => {
    const cluster = await startCluster({
      home,
      ports: 'free',
      ...options,
      serviceSettings: {
        ...serviceSettings,
        'auth-service': { ...WITHOUT_ADDRESS_LIMITS, ...authSettings },
        gateway: { ...WITHOUT_RATE_LIMITS, ...gatewaySettings },
      },
      onProgress: (line) => {
        console.log(line);
      },
    });
    try {
      await work(cluster, home);
    } finally {
      await cluster.stop();
    }
  });
