import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

const uriSchema = z.string().min(1).max(2_000);

const jwksSchema = z
  .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(10) })
  .describe('Public keys (RFC 7517), of a client that authenticates by `private_key_jwt`.');

/** Describes a client that is to be registered. */
export class NewOauthClient extends createZodDto(
  z
    .strictObject({
      id: z.string().min(2).max(63).describe('Of `a-z`, `0-9`, `.`, `_`, `-`; no UUID.'),
      name: z.string().min(1).max(100).describe('What people are asked to trust.'),
      type: z
        .enum(['spa', 'native', 'web', 'machine'])
        .describe(
          '`spa` and `native` are public, `web` and `machine` authenticate; a `machine` signs nobody in.',
        ),
      scope: z.string().min(1).max(1_000).describe('What it may ask for; space-separated.'),
      redirectUris: z.array(uriSchema).max(20).default([]),
      postLogoutRedirectUris: z.array(uriSchema).max(20).default([]),
      authMethod: z
        .enum([
          'none',
          'client_secret_basic',
          'client_secret_post',
          'private_key_jwt',
          'tls_client_auth',
        ])
        .optional()
        .describe('What suits the type when left out.'),
      jwks: jwksSchema.optional(),
      backchannelLogoutUri: uriSchema.optional(),
      certificateName: z
        .string()
        .min(1)
        .max(2_100)
        .optional()
        .describe(
          'How its certificate names it, of a client that authenticates by `tls_client_auth` (RFC 8705): `dns:…`, `uri:…`, or `dn:…` for its subject (RFC 4514).',
        ),
      certificateBoundTokens: z
        .boolean()
        .default(false)
        .describe(
          'Whether its access tokens work with its certificate alone (RFC 8705 section 3.4); with `tls_client_auth` they do.',
        ),
      dpopBoundAccessTokens: z
        .boolean()
        .default(false)
        .describe('Whether it gets no token without a DPoP proof (RFC 9449).'),
    })
    .meta({
      examples: [
        {
          id: 'web-shop',
          name: 'The web shop',
          type: 'web',
          scope: 'openid orders:read',
          redirectUris: ['https://shop.example/callback'],
        },
      ],
    }),
) {}

/** For how long the secret before goes on working. */
export class SecretRotation extends createZodDto(
  z
    .strictObject({
      overlapSeconds: z
        .int()
        .min(0)
        .max(30 * 24 * 60 * 60)
        .default(0)
        .describe('For how long the secret before goes on working.'),
    })
    .prefault({})
    .meta({ examples: [{ overlapSeconds: 86_400 }] }),
) {}

/** The keys a client has from now on. */
export class KeyReplacement extends createZodDto(
  z.strictObject({ jwks: jwksSchema }).meta({
    examples: [
      {
        jwks: {
          // Of RFC 7517 appendix A.1.
          keys: [
            {
              kty: 'EC',
              crv: 'P-256',
              x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
              y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
              kid: '1',
            },
          ],
        },
      },
    ],
  }),
) {}
