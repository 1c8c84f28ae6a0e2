import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

/** Names a signing key. */
export class SigningKeyReference extends createZodDto(
  z.strictObject({ kid: z.string().min(1).max(128) }).meta({
    examples: [{ kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' }],
  }),
) {}

/** How urgent an activation is. */
export class KeyActivation extends createZodDto(
  z
    .strictObject({
      immediately: z
        .boolean()
        .optional()
        .describe('Whether to activate a key that verifiers may not have seen yet.'),
    })
    .prefault({})
    .meta({ examples: [{ immediately: false }] }),
) {}
