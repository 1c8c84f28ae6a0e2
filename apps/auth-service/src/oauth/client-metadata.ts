import { z } from 'zod';

const uri = z.string().max(2_000);

/**
 * What is registered of a client (RFC 7591 §2), without its secrets. What the authorization server
 * makes of it beyond the form, such as which redirect URIs a native client may have (RFC 8252), oidc-provider checks.
 */
export const clientMetadata = z.strictObject({
  application_type: z.enum(['web', 'native']).default('web'),
  redirect_uris: z.array(uri).max(20).default([]),
  post_logout_redirect_uris: z.array(uri).max(20).default([]),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
    .default(['authorization_code', 'refresh_token']),
  token_endpoint_auth_method: z.enum([
    'none',
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
  ]),
  /** Scopes the client may ask for; space-separated. */
  scope: z.string().max(1_000),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(10) }).optional(),
  dpop_bound_access_tokens: z.boolean().optional(),
  backchannel_logout_uri: uri.optional(),
  backchannel_logout_session_required: z.boolean().optional(),
});

export type ClientMetadata = z.output<typeof clientMetadata>;

/** Whether a client has something to authenticate with. */
export function isConfidential({ token_endpoint_auth_method: method }: ClientMetadata): boolean {
  return method !== 'none';
}
