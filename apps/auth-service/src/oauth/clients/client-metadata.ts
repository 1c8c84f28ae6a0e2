import { createPublicKey } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { parseDistinguishedName } from '@sallyport/workload-identity';
import { z } from 'zod';
import { parseCertificateName } from '../../partners/certificate-name';
import { API_SCOPES, OPENID_SCOPES } from '../api-scopes';
import { redirectUriFault } from './redirect-uri';

/**
 * Registered of a client that may introspect the access tokens of others (RFC 7662), such as a server that takes them. It is a
 * permission at one endpoint: no token carries it, and nobody can ask for it.
 */
export const INTROSPECTION_SCOPE = 'tokens:introspect';

const SCOPES: ReadonlySet<string> = new Set([
  ...Object.keys(OPENID_SCOPES),
  ...Object.keys(API_SCOPES),
  INTROSPECTION_SCOPE,
]);

const SMALLEST_RSA_BITS = 2_048;

const uri = z.string().max(2_000);

const jwk = z
  .record(z.string(), z.unknown())
  .refine(isPublicKey, 'is no public key, or a weak one');

const alternativeName = (prefix: 'dns' | 'uri') =>
  z
    .string()
    .refine(
      (value) => parseCertificateName(`${prefix}:${value}`) === `${prefix}:${value}`,
      'is no full name in its one spelling; there are no wildcards',
    )
    .optional();

/** RFC 7517 section 5. */
export const clientKeys = z.strictObject({ keys: z.array(jwk).min(1).max(10) });

export type ClientKeys = z.output<typeof clientKeys>;

/**
 * What is registered of a client (RFC 7591 §2), without its secrets. Stricter than oidc-provider, which has its own
 * say as well: see `ClientRegistration`.
 */
export const clientMetadata = z
  .strictObject({
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
      'tls_client_auth',
    ]),
    /** Scopes the client may ask for; space-separated. */
    scope: z
      .string()
      .max(1_000)
      .refine(
        (scope) => scope.split(' ').every((each) => SCOPES.has(each)),
        'names no known scope',
      ),
    jwks: clientKeys.optional(),
    /** The one name of its certificate that a client is known by (RFC 8705 section 2.1.2). */
    tls_client_auth_san_dns: alternativeName('dns'),
    tls_client_auth_san_uri: alternativeName('uri'),
    tls_client_auth_subject_dn: z
      .string()
      .refine((value) => parseDistinguishedName(value) !== undefined, 'is no name of RFC 4514')
      .optional(),
    certificate_name: z
      .undefined('begins with dns:, uri: or dn:; others are not supported')
      .optional(),
    /** Whether its access tokens work with the certificate alone that they were asked for with (section 3.4). */
    tls_client_certificate_bound_access_tokens: z.boolean().optional(),
    /** No token without a DPoP proof (RFC 9449 §5.2). */
    dpop_bound_access_tokens: z.boolean().optional(),
    backchannel_logout_uri: uri
      .refine((each) => redirectUriFault(each, 'web') === undefined, 'is no https URI')
      .optional(),
    backchannel_logout_session_required: z.boolean().optional(),
  })
  .superRefine((metadata, context) => {
    const { application_type: type, grant_types: grants, redirect_uris, jwks } = metadata;
    const { token_endpoint_auth_method: method, post_logout_redirect_uris } = metadata;
    const complain = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    for (const [name, uris] of Object.entries({ redirect_uris, post_logout_redirect_uris })) {
      for (const each of uris) {
        const fault = redirectUriFault(each, type);
        if (fault !== undefined) complain(name, `${each} ${fault}`);
      }
    }
    const hasUsers = grants.includes('authorization_code');
    if (hasUsers !== redirect_uris.length > 0) {
      complain('redirect_uris', 'are for clients that sign people in, which need one');
    }
    if (grants.includes('refresh_token') && !hasUsers) {
      complain('grant_types', 'refresh tokens are for clients that sign people in');
    }
    if (grants.length === 0 || (method === 'none' && grants.includes('client_credentials'))) {
      complain('grant_types', 'a client needs one, and to act for itself it authenticates');
    }
    if (type === 'native' && method !== 'none') {
      complain('token_endpoint_auth_method', 'what is on every device is no secret');
    }
    if (mayIntrospect(metadata) && hasUsers) {
      complain('scope', `${INTROSPECTION_SCOPE} is for machines`);
    }
    if ((method === 'private_key_jwt') !== (jwks !== undefined)) {
      complain('jwks', 'is for clients that authenticate by private_key_jwt, which need it');
    }
    const names = [
      metadata.tls_client_auth_san_dns,
      metadata.tls_client_auth_san_uri,
      metadata.tls_client_auth_subject_dn,
    ].filter((name) => name !== undefined);
    if (names.length !== (method === 'tls_client_auth' ? 1 : 0)) {
      complain('tls_client_auth', 'is for clients with one name of a certificate, and they for it');
    }
    if (method === 'tls_client_auth' && !hasBoundTokens(metadata)) {
      complain('tls_client_auth', 'goes with tokens that are bound to the certificate');
    }
  });

export type ClientMetadata = z.output<typeof clientMetadata>;

/** Whether a client may introspect the access tokens of others. */
export function mayIntrospect({ scope }: { readonly scope: string }): boolean {
  return scope.split(' ').includes(INTROSPECTION_SCOPE);
}

/** Whether a client has something to authenticate with. */
export function isConfidential({
  token_endpoint_auth_method: method,
}: Pick<ClientMetadata, 'token_endpoint_auth_method'>): boolean {
  return method !== 'none';
}

/** Whether a client's access tokens work with its certificate alone. */
export function hasBoundTokens({
  tls_client_certificate_bound_access_tokens: isBound,
}: Pick<ClientMetadata, 'tls_client_certificate_bound_access_tokens'>): boolean {
  return isBound === true;
}

/** Whether what a client authenticates with is a secret. */
export function hasSecret({
  token_endpoint_auth_method: method,
}: Pick<ClientMetadata, 'token_endpoint_auth_method'>): boolean {
  return method.startsWith('client_secret_');
}

function isPublicKey(value: Readonly<Record<string, unknown>>): boolean {
  if ('d' in value || 'k' in value) return false;
  try {
    const key = createPublicKey({ key: value as JsonWebKey, format: 'jwk' });
    const { modulusLength = SMALLEST_RSA_BITS } = key.asymmetricKeyDetails ?? {};
    return modulusLength >= SMALLEST_RSA_BITS;
  } catch {
    return false;
  }
}
