/** The place of a secret: there are two, so that a client can be given a new one while it still has the old one. */
export type SecretSlot = 'current' | 'previous';

/** One secret of a key, without the secret. */
export interface ApiKeySecretUse {
  readonly createdAt: Date;
  /** To five minutes. */
  readonly lastUsedAt: Date | undefined;
  /** Undefined while it works as long as the key. */
  readonly validUntil: Date | undefined;
}

/** A credential that an account made for a program of its own. */
export interface ApiKey {
  /** 16 base 62 digits, the public part. */
  readonly id: string;
  readonly accountId: string;
  /** What its owner calls it. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
  /** Undefined when the usual limit applies. */
  readonly requestsPerMinute: number | undefined;
  readonly current: ApiKeySecretUse;
  readonly previous: ApiKeySecretUse | undefined;
}

/** A key, and what its owner is to present. Only ever at hand when the secret was just made. */
export interface IssuedApiKey {
  readonly apiKey: ApiKey;
  readonly presentedKey: string;
}

/** An account has no more live keys than this. */
export const MOST_LIVE_API_KEYS = 50;

/** 30 days: the longest for which the previous secret goes on working. */
export const LONGEST_OVERLAP_SECONDS = 30 * 24 * 60 * 60;

/** For how long a key that has ended is still shown, and kept at all. */
export const ENDED_API_KEY_SECONDS = 30 * 24 * 60 * 60;

/** For how long a withdrawn key or secret is remembered: far longer than any gateway goes by what it was told before. */
export const API_KEY_REVOCATION_SECONDS = 24 * 60 * 60;

/** A secret that is used all the time is noted as used so often. */
export const LAST_USED_SECONDS = 5 * 60;
