import type { AccessTokenClaims } from '@sallyport/tokens';
import type { EpochKind, RevocableKind, Revocation } from './revocation';
import { RevokedIds } from './revoked-ids';

/** The claims a revocation can name. */
export type RevocableClaims = Pick<AccessTokenClaims, 'jti' | 'sid' | 'sub' | 'client_id' | 'iat'>;

/** What no claim of an access token names. */
type ByIdAlone = 'api_key' | 'certificate' | 'signing_key';

/** How many ends one sweep deals with: a bounded piece of work, often. */
const MOST_SWEPT = 5_000;

/**
 * The revocations in force, in this process' memory. Answers in constant time without a call to anybody; whether it is
 * complete is for {@link RevocationFollower} to say.
 */
export class RevocationReplica {
  readonly #ids: Readonly<Record<RevocableKind, RevokedIds>> = {
    token: new RevokedIds(),
    session: new RevokedIds(),
    subject: new RevokedIds(),
    client: new RevokedIds(),
    api_key: new RevokedIds(),
    certificate: new RevokedIds(),
    signing_key: new RevokedIds(),
  };
  readonly #issuedBefore: Readonly<Record<EpochKind, Map<string, number>>> = {
    subject: new Map(),
    client: new Map(),
  };
  #signingKeyVersion = 0;

  /** How many revocations are in force, by kind. */
  get sizes(): Readonly<Record<RevocableKind, number>> {
    const { token, session, subject, client, api_key, certificate, signing_key } = this.#ids;
    return {
      token: token.size,
      session: session.size,
      subject: subject.size,
      client: client.size,
      api_key: api_key.size,
      certificate: certificate.size,
      signing_key: signing_key.size,
    };
  }

  /** Differs whenever the revoked signing keys do. */
  get signingKeyVersion(): number {
    return this.#signingKeyVersion;
  }

  /** Takes a revocation; taking it again changes nothing. */
  apply(revocation: Revocation): void {
    const { kind, id, expiresAt } = revocation;
    if (kind === 'signing_key' && !this.#ids.signing_key.has(id)) this.#signingKeyVersion += 1;
    this.#ids[kind].add(id, expiresAt);
    if (revocation.kind !== 'subject' && revocation.kind !== 'client') return;
    const epochs = this.#issuedBefore[revocation.kind];
    epochs.set(id, Math.max(epochs.get(id) ?? 0, revocation.issuedBefore));
  }

  /** Which kind of revocation ends a token with these claims; undefined when none does. */
  revocationOf(claims: RevocableClaims): Exclude<RevocableKind, ByIdAlone> | undefined {
    const { jti, sid, sub, client_id, iat } = claims;
    if (sid !== undefined && this.#ids.session.has(sid)) return 'session';
    if (this.#ids.token.has(jti)) return 'token';
    if (this.#isBeforeEpoch('subject', sub, iat)) return 'subject';
    if (this.#isBeforeEpoch('client', client_id, iat)) return 'client';
    return undefined;
  }

  isRevoked(kind: ByIdAlone, id: string): boolean {
    return this.#ids[kind].has(id);
  }

  /** Forgets revocations whose end has come, a bounded number at a time. */
  sweep(nowSeconds: number): void {
    for (const kind of ['token', 'session', 'api_key', 'certificate', 'signing_key'] as const) {
      this.#ids[kind].sweep(nowSeconds, MOST_SWEPT);
    }
    for (const kind of ['subject', 'client'] as const) {
      for (const id of this.#ids[kind].sweep(nowSeconds, MOST_SWEPT)) {
        this.#issuedBefore[kind].delete(id);
      }
    }
  }

  #isBeforeEpoch(kind: EpochKind, id: string, iat: number): boolean {
    const issuedBefore = this.#issuedBefore[kind].get(id);
    return issuedBefore !== undefined && iat < issuedBefore;
  }
}
