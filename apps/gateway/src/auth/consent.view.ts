import type { authV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { required } from '../upstream/upstream-response';
import { timestampSchema } from '../upstream/wire-formats';

const consentSchema = z
  .object({
    clientId: z.string(),
    clientName: z.string(),
    scopes: z.array(z.string()),
    since: timestampSchema.describe('Since when the client is allowed that.'),
    lastUsedAt: timestampSchema.describe('When the client last got something by it.'),
  })
  .meta({ id: 'Consent' });

export type ConsentView = z.infer<typeof consentSchema>;

/** One for each client. */
export class ConsentList extends createZodDto(z.object({ items: z.array(consentSchema) })) {}

/** @throws UpstreamResponseInvalid when a field that every consent has is missing. */
export function consentView(consent: authV1.Consent): ConsentView {
  const { clientId, clientName, scopes, since, lastUsedAt } = consent;
  return {
    ...{ clientId, clientName, scopes: [...scopes] },
    since: required(since, 'consent.since').toISOString(),
    lastUsedAt: required(lastUsedAt, 'consent.last_used_at').toISOString(),
  };
}
