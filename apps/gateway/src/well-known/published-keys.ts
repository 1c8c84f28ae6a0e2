import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

/** The public members of an RS256 key (RFC 7517 section 4, RFC 7518 section 6.3.1); others are not passed on. */
const publicJwkSchema = z.object({
  kty: z.literal('RSA'),
  use: z.literal('sig'),
  alg: z.literal('RS256'),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
});

const jwkSetSchema = z.object({ keys: z.array(z.unknown()) });

export type PublicJwk = z.infer<typeof publicJwkSchema>;

/** The document `/.well-known/jwks.json` answers with. */
export class JwkSet extends createZodDto(z.object({ keys: z.array(publicJwkSchema) })) {}

export interface PublicJwkSet {
  readonly keys: readonly PublicJwk[];
}

/**
 * What of an issuer's JWK Set is fit to be published again: its signature keys, reduced to their public members.
 *
 * @throws ZodError when it is no JWK Set
 */
export function parsePublicJwkSet(jwks: unknown): PublicJwkSet {
  const { keys } = jwkSetSchema.parse(jwks);
  return {
    keys: keys.flatMap((jwk) => {
      const { success, data } = publicJwkSchema.safeParse(jwk);
      return success ? [data] : [];
    }),
  };
}
