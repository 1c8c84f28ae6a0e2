import { randomBytes } from 'node:crypto';

/** A name for a grant whose session is opened before it is saved; as unguessable as the library's own. */
export function newGrantId(): string {
  return randomBytes(32).toString('base64url');
}
