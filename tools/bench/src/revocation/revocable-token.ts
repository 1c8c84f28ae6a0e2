import type { GatewayClient } from '../gateway-client';

/** Ways to withdraw an access token before its end. */
export const KINDS = ['logout', 'token revocation', 'end of another session'] as const;
export type Kind = (typeof KINDS)[number];

/** An access token, and what withdraws it. */
export interface RevocableToken {
  readonly kind: Kind;
  readonly accessToken: string;
  readonly revoke: (client: GatewayClient) => Promise<void>;
}
