/** Whose the files of one directory are. */
export interface FileOwner {
  /** Who writes them when undefined. */
  readonly uid: number | undefined;
  readonly gid: number;
}

/**
 * The permission bits of a private key: its owner's alone, or also its group's when the owner is the writer and only the group
 * is named. PostgreSQL takes both: the first as its own file, the second as root's.
 */
export function privateKeyMode(owner: FileOwner | undefined): number {
  return owner && owner.uid === undefined ? 0o640 : 0o600;
}

/** Reads `UID:GID` or `:GID`; undefined when it is neither. */
export function parseFileOwner(text: string): FileOwner | undefined {
  const [, uid = '', gid = ''] = /^(\d{0,9}):(\d{1,9})$/.exec(text) ?? [];
  if (gid === '') return undefined;
  return { uid: uid === '' ? undefined : Number(uid), gid: Number(gid) };
}
