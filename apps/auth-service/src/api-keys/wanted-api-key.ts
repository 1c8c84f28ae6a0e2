import { ServiceError } from '@sallyport/nest-zero-trust';

/** The scope no key has, so that whoever stole one can make no other. */
const WITHHELD_SCOPE = 'api-keys:manage';

const LONGEST_LIFETIME_YEARS = 10;

/** Letters, marks, digits, punctuation, symbols and inner spaces: nothing that hides or turns around what is shown. */
const NAME = /^(?! )[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}(?<! )$/u;

/** The key somebody wants, as it arrived. */
export interface WantedApiKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | undefined;
}

/**
 * A key that may be made, each scope once; whether they are held is not looked at here.
 *
 * @throws ServiceError INVALID_ARGUMENT `api_key_name_invalid`, `api_key_scopes_invalid`, `api_key_expiry_invalid`
 */
export function parseWantedApiKey(
  { name, scopes, expiresAt }: WantedApiKey,
  now: Date,
): WantedApiKey {
  if (!NAME.test(name)) throw new ServiceError('INVALID_ARGUMENT', 'api_key_name_invalid');
  const distinct = [...new Set(scopes)];
  if (distinct.length === 0 || distinct.includes(WITHHELD_SCOPE)) {
    throw new ServiceError('INVALID_ARGUMENT', 'api_key_scopes_invalid');
  }
  if (expiresAt !== undefined && !isAcceptable(expiresAt, now)) {
    throw new ServiceError('INVALID_ARGUMENT', 'api_key_expiry_invalid');
  }
  return { name, scopes: distinct, expiresAt };
}

/** False for what is no time, which compares as nothing does. */
function isAcceptable(expiresAt: Date, now: Date): boolean {
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + LONGEST_LIFETIME_YEARS);
  return expiresAt > now && expiresAt <= latest;
}
