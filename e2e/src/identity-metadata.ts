import { createPrincipal, encodeIdentityHeaders } from '@sallyport/principal';
import type { Customer } from './customers';
import { transactionTokenFor } from './transaction-tokens';

const SCOPES = ['orders:read', 'orders:write', 'billing:read'];

/** The identity headers the gateway would send for this customer. */
export function identityHeadersFor(
  { userId, sessionId }: Pick<Customer, 'userId' | 'sessionId'>,
  scopes: readonly string[] = SCOPES,
): Readonly<Record<string, string>> {
  return encodeIdentityHeaders(
    createPrincipal({ id: userId, sessionId, type: 'user', scopes: new Set(scopes) }),
  );
}

/** All that the gateway sends beside a request of this customer. */
export function gatewayMetadataFor(
  customer: Customer,
  scopes: readonly string[] = SCOPES,
): Readonly<Record<string, string>> {
  return {
    ...identityHeadersFor(customer, scopes),
    'txn-token': transactionTokenFor(customer, { scopes }),
  };
}
