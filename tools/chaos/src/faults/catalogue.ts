import { CLOCKS } from './clocks';
import { DISKS } from './disks';
import type { Fault } from './fault';
import { KILLS } from './kills';
import { LINKS } from './links';
import { STALLS } from './stalls';

/** All of them, in the order in which they are made. */
export const FAULTS: readonly Fault[] = [...KILLS, ...LINKS, ...STALLS, ...CLOCKS, ...DISKS];
