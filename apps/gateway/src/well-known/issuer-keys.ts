import type { Logger } from '@sallyport/observability';
import type { RevocationReplica } from '@sallyport/revocation';
import { RemoteKeySet, type Clock } from '@sallyport/tokens';
import { parsePublicJwkSet, type PublicJwk, type PublicJwkSet } from './published-keys';

export interface IssuerKeysOptions {
  /** Gets the issuer's JWK Set as parsed JSON, over a channel that authenticates the issuer. */
  readonly fetchKeys: (signal: AbortSignal) => Promise<unknown>;
  /** Says which keys are not published again, whatever the issuer answers. */
  readonly replica: Pick<RevocationReplica, 'isRevoked'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const REFRESH_AFTER_MS = 60_000;
const MIN_FETCH_INTERVAL_MS = 1_000;
const REMEMBER_MISS_MS = 30_000;

/**
 * The keys of the one issuer whose access tokens this gateway takes: to verify with, and to publish again for whoever
 * cannot reach the issuer.
 */
export class IssuerKeys {
  readonly keySet: RemoteKeySet;
  readonly #replica: IssuerKeysOptions['replica'];
  #published: PublicJwkSet | undefined;

  constructor({ fetchKeys, replica, clock, logger }: IssuerKeysOptions) {
    this.#replica = replica;
    this.keySet = new RemoteKeySet({
      fetchKeys: async (signal) => {
        const jwks = await fetchKeys(signal);
        this.#published = parsePublicJwkSet(jwks);
        return jwks;
      },
      clock,
      refreshAfterMs: REFRESH_AFTER_MS,
      minFetchIntervalMs: MIN_FETCH_INTERVAL_MS,
      rememberMissMs: REMEMBER_MISS_MS,
      onFetchFailed: (error) => {
        logger.warn({ event: 'issuer_keys_unreachable', error });
      },
      onKeyRefused: ({ code }) => {
        logger.warn({ event: 'issuer_key_refused', code });
      },
    });
  }

  /** The newest set that was fetched, without keys that were revoked since; undefined before the first. */
  get published(): PublicJwkSet | undefined {
    if (this.#published === undefined) return undefined;
    const isRevoked = ({ kid }: PublicJwk) => this.#replica.isRevoked('signing_key', kid);
    return { keys: this.#published.keys.filter((jwk) => !isRevoked(jwk)) };
  }
}
