import { readFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { chown } from 'node:fs/promises';
import { StoreUnavailable } from '../store-unavailable.error';

/** The user a store's server runs as, in the shape `child_process` takes; empty means this process's own. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** Whether this process may run a server as another user. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Who a server with new data runs as: this user, and `nobody` when this user is root. PostgreSQL refuses
 * to run as root, and initdb demands a user that exists.
 *
 * @throws StoreUnavailable when root has no such user to change to.
 */
export function serverUser(accounts = '/etc/passwd'): ServerUser {
  if (!isRoot()) return {};
  const [, , uid, gid] =
    readFileSync(accounts, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === 'nobody') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new StoreUnavailable(
      `a local store cannot run as root, and ${accounts} has no user "nobody" to run it as`,
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** Who a server runs as whose data exists: the owner of the data, which root can always become. */
export function ownerOf(data: Stats): ServerUser {
  return isRoot() && data.uid !== 0 ? { uid: data.uid, gid: data.gid } : serverUser();
}

/** Makes a file or directory the server's, when that runs as another user than this process. */
export async function giveTo({ uid, gid }: ServerUser, path: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}
