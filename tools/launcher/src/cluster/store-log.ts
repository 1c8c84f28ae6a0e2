import { closeSync, openSync, writeSync } from 'node:fs';
import { rotateLog } from './service-log';

/** The log of a store: a file of lines as the server writes them. */
export interface StoreLog {
  readonly write: (line: string) => void;
  close(): void;
}

/** Opens an empty log; the last run's is kept as `<name>.previous`. */
export async function openStoreLog(file: string): Promise<StoreLog> {
  await rotateLog(file);
  const descriptor = openSync(file, 'a', 0o600);
  let isOpen = true;
  return {
    write: (line) => {
      if (isOpen) writeSync(descriptor, `${line}\n`);
    },
    close: () => {
      isOpen = false;
      closeSync(descriptor);
    },
  };
}
