import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { timestampSchema } from '../upstream/wire-formats';

const LONGEST_OVERLAP_SECONDS = 30 * 24 * 60 * 60;
const USUAL_OVERLAP_SECONDS = 24 * 60 * 60;

// Which names, scopes and times are acceptable is for auth-service to say; here they are only bounded.
const newApiKeySchema = z
  .strictObject({
    name: z.string().min(1).max(100).describe('What its owner calls it.'),
    scopes: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(50)
      .describe('What it may do; never more than the session that makes it.'),
    expiresAt: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('When it stops working; it does not when left out.'),
  })
  .meta({
    examples: [
      { name: 'nightly export', scopes: ['orders:read'], expiresAt: '2030-01-01T00:00:00Z' },
    ],
  });

export class NewApiKey extends createZodDto(newApiKeySchema) {}

const apiKeyRotationSchema = z
  .strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(LONGEST_OVERLAP_SECONDS)
      .default(USUAL_OVERLAP_SECONDS)
      .describe('For how long the secret of before goes on working.'),
  })
  .meta({ examples: [{ overlapSeconds: 3600 }] });

export class ApiKeyRotation extends createZodDto(apiKeyRotationSchema) {}

const apiKeySecretSchema = z
  .object({
    createdAt: timestampSchema,
    lastUsedAt: timestampSchema
      .nullable()
      .describe('To some minutes; null when it was never used.'),
    validUntil: timestampSchema.nullable().describe('Null when it works as long as the key.'),
  })
  .meta({ id: 'ApiKeySecret' });

const apiKeySchema = z
  .object({
    id: z.string().describe('The public part of the key: what stands between `sp_` and `_`.'),
    name: z.string(),
    scopes: z.array(z.string()),
    createdAt: timestampSchema,
    expiresAt: timestampSchema.nullable().describe('Null when it does not stop working by itself.'),
    revokedAt: timestampSchema.nullable().describe('Null while it works.'),
    requestsPerMinute: z.int().nullable().describe('Its own limit; null when the usual applies.'),
    current: apiKeySecretSchema.describe('The secret that was given out last.'),
    previous: apiKeySecretSchema
      .nullable()
      .describe('The secret of before, while it works or in the days after; else null.'),
  })
  .meta({ id: 'ApiKey' });

export type ApiKeyView = z.infer<typeof apiKeySchema>;
export type ApiKeySecretView = z.infer<typeof apiKeySecretSchema>;

export class ApiKeyList extends createZodDto(z.object({ items: z.array(apiKeySchema) })) {}

const issuedApiKeySchema = apiKeySchema.extend({
  key: z.string().describe('The whole key, to be sent as `X-API-Key`. It is shown this once.'),
});

export class IssuedApiKey extends createZodDto(issuedApiKeySchema) {}
export type IssuedApiKeyView = z.infer<typeof issuedApiKeySchema>;

const revokedApiKeysSchema = z.object({ revoked: z.int().describe('How many have ended.') });

export class RevokedApiKeys extends createZodDto(revokedApiKeysSchema) {}
export type RevokedApiKeysView = z.infer<typeof revokedApiKeysSchema>;
