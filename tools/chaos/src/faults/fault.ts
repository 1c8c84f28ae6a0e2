import type { Ability, ClusterUnderTest } from '../cluster/cluster-under-test';

/** One thing that goes wrong, and how it ends. */
export interface Fault {
  /** As it is asked for on the command line. */
  readonly name: string;
  /** What happens, in words. */
  readonly what: string;
  /** How long it lasts. */
  readonly seconds: number;
  /** What it takes of the cluster, beyond what every one gives. */
  readonly needs?: Ability;
  /** By how many seconds a clock is wrong meanwhile, at most; 0 unless given. */
  readonly skewSeconds?: number;
  begin(cluster: ClusterUnderTest): Promise<void>;
  /** Takes it back; does nothing where something else does, such as whoever starts again what was killed. */
  end(cluster: ClusterUnderTest): Promise<void>;
}

export const nothing = (): Promise<void> => Promise.resolve();
