import { cpus } from 'node:os';

/** What figures depend on, for the line above a table. */
export const describeMachine = (): string => `Node ${process.version}, ${cpus().length} cores`;
