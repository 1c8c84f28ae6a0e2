import {
  keyIdOfRevocation,
  parseApiKey,
  secretRevocationId,
  type PresentedApiKey,
} from '@sallyport/api-keys';
import { RpcError } from '@sallyport/contracts';
import type { Principal } from '@sallyport/principal';
import type { Revocation, RevocationFollower, RevocationReplica } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import type { FastifyRequest } from 'fastify';
import { CredentialRefused, type Authenticator } from '../authentication/authenticator';
import { ResolutionCache } from '../authentication/resolution-cache';
import { requestContextOf } from '../upstream/request-context';
import { UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import type { ApiKeysClient } from '../upstream/upstream-clients';
import { upstreamProblem } from '../upstream/upstream-problem';
import { principalOfApiKey } from './resolved-api-key';

export interface ApiKeyAuthenticatorOptions {
  readonly apiKeys: Pick<ApiKeysClient, 'resolveApiKey'>;
  readonly replica: Pick<RevocationReplica, 'isRevoked'>;
  /** Says whether the replica is complete. */
  readonly follower: Pick<RevocationFollower, 'isCurrent'>;
  readonly clock: Clock;
  /** Of the memory of what keys stand for; the process' own when left out. */
  readonly monotonicNow?: () => number;
}

interface Resolved {
  readonly principal: Principal;
  /** When the presented secret stops working; undefined when it does not. */
  readonly validUntil: Date | undefined;
  readonly keyId: string;
}

/** Why a key is not accepted, in security events alone. */
type Reason =
  /** Wrong prefix, length, alphabet or checksum. */
  | 'api_key_malformed'
  /** The key or this secret of it was revoked, as the feed says. */
  | 'api_key_revoked'
  | 'api_key_expired'
  /** auth-service does not know it, or it has ended, or its account is locked. */
  | 'api_key_refused';

const MOST_REMEMBERED = 10_000;
const REMEMBER_MS = 60_000;
const REMEMBER_MISS_MS = 10_000;

/** Statuses that say that there was no answer. Any other failure is a defect of one of the two sides. */
const OUTAGES: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/**
 * Authenticates by the API key in `X-API-Key`: its form, then whether the feed says that it was revoked (R9), then what
 * auth-service says it stands for, which is remembered for a minute. A key the feed has revoked is refused whatever is
 * remembered, and what was remembered of its account is forgotten when something happens to that.
 *
 * All refused keys get the same answer; the reason is in the security event.
 */
export class ApiKeyAuthenticator implements Authenticator {
  readonly #options: ApiKeyAuthenticatorOptions;
  readonly #resolutions: ResolutionCache<Resolved>;

  constructor(options: ApiKeyAuthenticatorOptions) {
    this.#options = options;
    this.#resolutions = new ResolutionCache({
      maxEntries: MOST_REMEMBERED,
      rememberMs: REMEMBER_MS,
      rememberMissMs: REMEMBER_MISS_MS,
      idsOf: ({ keyId, principal }) => [keyId, principal.id],
      ...(options.monotonicNow && { monotonicNow: options.monotonicNow }),
    });
  }

  /**
   * @throws CredentialRefused 401 `invalid_api_key`, or 503 `authentication_unavailable` while it cannot be told
   * @throws ProblemError 502 when auth-service does not accept this gateway
   */
  async authenticate(request: FastifyRequest): Promise<Principal | undefined> {
    const presentedKey = request.headers['x-api-key'];
    if (presentedKey === undefined) return undefined;
    const key = typeof presentedKey === 'string' ? parseApiKey(presentedKey) : undefined;
    if (key === undefined) throw refused('api_key_malformed');
    this.#refuseRevoked(key);
    if (!this.#options.follower.isCurrent) throw unavailable('revocation_unknown', key);

    const { resolved, wasAsked } = await this.#resolve(key, request);
    // Who was asked on behalf of this very request has recorded why it is refused.
    if (!resolved) throw refused('api_key_refused', key, wasAsked);
    // The answer may be older than what has come by the feed since.
    this.#refuseRevoked(key);
    const { principal, validUntil } = resolved;
    if (validUntil && validUntil <= this.#options.clock()) throw refused('api_key_expired', key);
    return principal;
  }

  /** Whatever of a key was revoked, all of it is forgotten: a rotation also sets the end of the secret that goes on. */
  forget({ kind, id }: Pick<Revocation, 'kind' | 'id'>): void {
    if (kind === 'api_key') this.#resolutions.forget(keyIdOfRevocation(id));
    if (kind === 'subject') this.#resolutions.forget(id);
  }

  #refuseRevoked(key: PresentedApiKey): void {
    const { replica } = this.#options;
    const isRevoked =
      replica.isRevoked('api_key', key.id) || replica.isRevoked('api_key', secretRevocationId(key));
    if (isRevoked) throw refused('api_key_revoked', key);
  }

  async #resolve(
    key: PresentedApiKey,
    request: FastifyRequest,
  ): Promise<{ readonly resolved: Resolved | undefined; readonly wasAsked: boolean }> {
    const credential = `${key.id}.${key.secretHash.toString('hex')}`;
    let wasAsked = false;
    try {
      const resolved = await this.#resolutions.resolve(credential, () => {
        wasAsked = true;
        return this.#ask(key, request);
      });
      return { resolved, wasAsked };
    } catch (error) {
      if (!(error instanceof RpcError) || !OUTAGES.has(error.status)) throw upstreamProblem(error);
      throw unavailable('api_key_unresolved', key, error);
    }
  }

  /** Undefined when auth-service does not accept the key; whatever else it fails with is thrown. */
  async #ask(
    { id, secretHash }: PresentedApiKey,
    request: FastifyRequest,
  ): Promise<Resolved | undefined> {
    const { correlationId, clientAddress } = requestContextOf(request);
    try {
      const { accountId, scopes, validUntil, requestsPerMinute } =
        await this.#options.apiKeys.resolveApiKey(
          { apiKeyId: id, secretHash },
          {
            timeoutMs: UPSTREAM_TIMEOUT_MS.read,
            metadata: { 'x-correlation-id': correlationId, 'x-client-address': clientAddress },
          },
        );
      const limit = requestsPerMinute === 0 ? undefined : requestsPerMinute;
      const principal = principalOfApiKey(accountId, scopes, { id, requestsPerMinute: limit });
      return { principal, validUntil, keyId: id };
    } catch (error) {
      if (error instanceof RpcError && error.status === 'UNAUTHENTICATED') return undefined;
      throw error;
    }
  }
}

function refused(reason: Reason, key?: PresentedApiKey, isRecorded = false): CredentialRefused {
  return new CredentialRefused(reason, 401, 'invalid_api_key', {
    isRecorded,
    ...(key && { about: { apiKeyId: key.id } }),
  });
}

function unavailable(reason: string, { id }: PresentedApiKey, cause?: Error): CredentialRefused {
  return new CredentialRefused(reason, 503, 'authentication_unavailable', {
    cause,
    about: { apiKeyId: id },
  });
}
