import type { Principal } from './principal';

/** The key under which a principal's rows are kept. The type keeps a user's and a client's equal ids apart. */
export function ownerOf(principal: Principal): string {
  return `${principal.type}:${principal.id}`;
}
