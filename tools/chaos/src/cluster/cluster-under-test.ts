import type { Link } from '../link/link';
import type { Disk, Edge, Part, Service } from './parts';

/**
 * What faults are made on. Whoever runs it supervises it: what was killed is started again by itself, as a container
 * with a restart policy is.
 */
export interface ClusterUnderTest {
  /** Why something cannot be done to it here; undefined for what can. */
  unable(wanted: Ability): string | undefined;
  /** Ends it at once (SIGKILL). */
  kill(part: Part): Promise<void>;
  /** Stops it in the middle of whatever it does (SIGSTOP), until it is resumed. */
  pause(part: Part): Promise<void>;
  resume(part: Part): Promise<void>;
  /** The links an edge consists of. */
  links(edge: Edge): readonly Link[];
  /** Sets the clock of one process forward or back. */
  setClock(service: Service, offsetMs: number): Promise<void>;
  fillDisk(disk: Disk): Promise<void>;
  freeDisk(disk: Disk): Promise<void>;
  /** Keeps everybody else from a table, until the function it resolves with is called. */
  lockTable(service: Service, table: string): Promise<() => Promise<void>>;
  /** Whether it answers on its operations port that it is ready. */
  isReady(service: Service): Promise<boolean>;
}

export type Ability = 'kill redis' | 'fill disks';
