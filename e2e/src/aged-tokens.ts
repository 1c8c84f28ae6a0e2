import { compactJws, partsOf, rs256 } from './compact-jws';
import type { Customer } from './customers';
import { issuerKey } from './issuer-key';

/**
 * An access token as the issuer would have signed it, had the authentication been another one: older, weaker, or none it
 * tells of.
 */
export async function tokenSaying(
  { accessToken }: Pick<Customer, 'accessToken'>,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { header, payload } = partsOf(accessToken);
  const { privateKey } = await issuerKey();
  return compactJws(header, { ...payload, ...claims }, rs256(privateKey));
}
