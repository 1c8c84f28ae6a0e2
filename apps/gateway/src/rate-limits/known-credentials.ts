import { createHash } from 'node:crypto';
import { BoundedMap } from './bounded-map';
import type { Identity } from './identity';

/** Of each credential a digest and a few words. */
const MOST_REMEMBERED = 20_000;

/** As long as an access token lives. */
const REMEMBER_MS = 15 * 60_000;

/**
 * The credentials that were found good or handed out here of late, and who they stand for, so that what others do at the
 * same address does not touch who holds them. It decides by whom a request is counted, and nothing else: a credential
 * that has been withdrawn meanwhile is refused as any other.
 */
export class KnownCredentials {
  readonly #known = new BoundedMap<string, { readonly identity: Identity; readonly until: number }>(
    MOST_REMEMBERED,
  );

  constructor(private readonly monotonicNow: () => number = () => performance.now()) {}

  remember(credential: string, identity: Identity): void {
    const until = this.monotonicNow() + REMEMBER_MS;
    this.#known.set(digestOf(credential), { identity, until });
  }

  /** Who a credential stands for; undefined when it is not remembered. */
  identityOf(credential: string): Identity | undefined {
    const known = this.#known.get(digestOf(credential));
    return known !== undefined && known.until > this.monotonicNow() ? known.identity : undefined;
  }
}

function digestOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}
