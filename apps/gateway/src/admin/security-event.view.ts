import type { auditV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { pageSchema } from '../upstream/page';
import { required } from '../upstream/upstream-response';
import { timestampSchema } from '../upstream/wire-formats';

const textOrNull = z.string().nullable();

const securityEventSchema = z
  .object({
    seq: z.int().describe('Place in the chain of the service, from 1 on without gaps.'),
    recordedAt: timestampSchema,
    type: z.string().describe('What it is about.'),
    outcome: z.string().describe('`refused` or `succeeded`.'),
    reason: z.string().describe('Stable reason id.'),
    correlationId: textOrNull.describe('Of the request or call.'),
    caller: textOrNull.describe('SPIFFE ID of the calling workload.'),
    principal: textOrNull.describe('Id of the verified principal.'),
    session: textOrNull,
    apiKeyId: textOrNull,
    certificate: textOrNull.describe('Thumbprint of the certificate of a partner.'),
    target: textOrNull.describe('Route template or rpc method.'),
    clientAddress: textOrNull,
    clientPort: z.int().nullable(),
    lostEvents: z
      .int()
      .nullable()
      .describe('Of `events_lost`: how many stand in the log alone, at this place.'),
    hash: z.string().describe('SHA-256 of the hash before and this event, in hex.'),
  })
  .meta({ id: 'SecurityEvent' });

export type SecurityEventView = z.infer<typeof securityEventSchema>;

export class SecurityEventPage extends createZodDto(pageSchema(securityEventSchema)) {}

/** @throws UpstreamResponseInvalid when a field that every event has is missing. */
export function securityEventView(event: auditV1.SecurityEvent): SecurityEventView {
  return {
    seq: event.seq,
    recordedAt: required(event.recordedAt, 'event.recorded_at').toISOString(),
    type: event.type,
    outcome: event.outcome,
    reason: event.reason,
    correlationId: event.correlationId || null,
    caller: event.caller || null,
    principal: event.principal || null,
    session: event.session || null,
    apiKeyId: event.apiKeyId || null,
    certificate: event.certificate || null,
    target: event.target || null,
    clientAddress: event.clientAddress || null,
    clientPort: event.clientPort || null,
    lostEvents: event.lostEvents || null,
    hash: Buffer.from(event.hash).toString('hex'),
  };
}
