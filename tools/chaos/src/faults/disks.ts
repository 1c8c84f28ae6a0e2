import type { Disk } from '../cluster/parts';
import type { Fault } from './fault';

const SECONDS = 10;

const full = (disk: Disk, what: string): Fault => ({
  name: `${disk}-disk-full`,
  what,
  seconds: SECONDS,
  needs: 'fill disks',
  begin: (cluster) => cluster.fillDisk(disk),
  end: (cluster) => cluster.freeDisk(disk),
});

export const DISKS: readonly Fault[] = [
  full('audit', 'the disk of the audit log of every service is full'),
  full('database', 'the disk of PostgreSQL is full'),
];
