import { createHash } from 'node:crypto';
import { keyIdOfRevocation } from '@sallyport/api-keys';
import type { Revocation } from '@sallyport/revocation';
import { systemClock, type Clock } from '@sallyport/tokens';
import { BoundedMap } from './bounded-map';
import { revocationKey, type CredentialLife } from './credential-life';
import type { Identity } from './identity';

/** Of each credential a digest and a few words. */
const MOST_REMEMBERED = 20_000;

/** As long as an access token lives. */
const REMEMBER_MS = 15 * 60_000;

interface Known {
  readonly identity: Identity;
  /** In milliseconds since the epoch. */
  readonly until: number;
  readonly endedBy: readonly string[];
}

/**
 * The credentials that were found good or handed out here of late, and who they stand for, so that what others do at the
 * same address does not touch who holds them. It decides by whom a request is counted, and nothing else.
 *
 * What has ended is not known: whoever holds a stolen credential that was withdrawn must not use up what its owner needs.
 * {@link forget} is therefore to be called for each revocation.
 */
export class KnownCredentials {
  readonly #known = new BoundedMap<string, Known>(MOST_REMEMBERED);
  readonly #digestsByEnd = new Map<string, Set<string>>();

  constructor(private readonly clock: Clock = systemClock) {}

  /** A partner's credential is not remembered: it is good on connections with the partner's certificate alone. */
  remember(
    credential: string,
    identity: Identity,
    { endedBy, expiresAt = Infinity }: CredentialLife,
  ): void {
    if (identity.kind === 'partner') return;
    const digest = digestOf(credential);
    this.#drop(digest);
    const until = Math.min(this.clock().getTime() + REMEMBER_MS, expiresAt * 1000);
    const pushedOut = this.#known.set(digest, { identity, until, endedBy });
    if (pushedOut !== undefined) this.#unlink(...pushedOut);
    for (const end of endedBy) {
      const digests = this.#digestsByEnd.get(end);
      if (digests === undefined) this.#digestsByEnd.set(end, new Set([digest]));
      else digests.add(digest);
    }
  }

  /** Who a credential stands for; undefined when it is not remembered. */
  identityOf(credential: string): Identity | undefined {
    const known = this.#known.get(digestOf(credential));
    return known !== undefined && known.until > this.clock().getTime() ? known.identity : undefined;
  }

  /** Forgets a credential that was refused. */
  forgetCredential(credential: string): void {
    this.#drop(digestOf(credential));
  }

  /** Forgets all that a revocation ends; what it leaves in force is remembered again when it is next found good. */
  forget({ kind, id }: Pick<Revocation, 'kind' | 'id'>): void {
    const end = revocationKey(kind, kind === 'api_key' ? keyIdOfRevocation(id) : id);
    for (const digest of this.#digestsByEnd.get(end) ?? []) this.#drop(digest);
  }

  #drop(digest: string): void {
    const known = this.#known.get(digest);
    if (known === undefined) return;
    this.#known.delete(digest);
    this.#unlink(digest, known);
  }

  #unlink(digest: string, { endedBy }: Known): void {
    for (const end of endedBy) {
      const digests = this.#digestsByEnd.get(end);
      digests?.delete(digest);
      if (digests?.size === 0) this.#digestsByEnd.delete(end);
    }
  }
}

function digestOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}
