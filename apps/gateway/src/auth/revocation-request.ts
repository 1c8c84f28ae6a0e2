import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

/** How the form of a revocation request is described (RFC 7009 section 2.1). */
export class RevocationRequest extends createZodDto(
  z
    .object({
      token: z.string().min(1).describe('An access token or a refresh token.'),
      token_type_hint: z
        .string()
        .optional()
        .describe('`access_token` or `refresh_token`; makes no difference.'),
    })
    .meta({ examples: [{ token: 'the-token-to-revoke', token_type_hint: 'refresh_token' }] }),
) {}

/**
 * The token a form presents for revocation. Undefined when there is none, or when any parameter is repeated; unknown
 * ones are ignored, and an empty one counts as left out (RFC 6749 section 3.2).
 */
export function presentedTokenToRevoke(form: unknown): string | undefined {
  if (!(form instanceof URLSearchParams)) return undefined;
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) return undefined;
  return form.get('token') || undefined;
}
