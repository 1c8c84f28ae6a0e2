/** What the scopes of the API allow, in words for the people who are asked to allow it. */
export const API_SCOPES: Readonly<Record<string, string>> = {
  'orders:read': 'See your orders',
  'orders:write': 'Place and cancel orders for you',
  'billing:read': 'See your invoices',
  'billing:refund': 'Ask for refunds of your invoices',
};

/** The scopes of OpenID Connect that are offered, in words as well. */
export const OPENID_SCOPES: Readonly<Record<string, string>> = {
  openid: 'Know which account is yours',
  email: 'See your e-mail address',
  offline_access: 'Keep its access while you are not there',
};

/** Whether a scope may be granted to a client at all: those of operators and of key management may not. */
export function isApiScope(scope: string): boolean {
  return Object.hasOwn(API_SCOPES, scope);
}

/** Whether a scope is known to the authorization server; others are ignored (RFC 6749 section 3.3). */
export function isGrantable(scope: string): boolean {
  return isApiScope(scope) || Object.hasOwn(OPENID_SCOPES, scope);
}
