import type { accountSecurityV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { Factors } from '../mfa/factor.view';
import { SessionList } from '../auth/session.view';
import { pageSchema } from '../upstream/page';
import { required } from '../upstream/upstream-response';
import { timestampSchema } from '../upstream/wire-formats';

const ownEventSchema = z
  .object({
    reason: z.string().describe('Stable id of what happened.'),
    title: z.string().describe('The same in words.'),
    outcome: z.enum(['refused', 'succeeded']),
    at: timestampSchema,
    from: z
      .string()
      .nullable()
      .describe(
        'Where the owner came from; the block of addresses of whoever else it may have been; null when not known.',
      ),
    byOperator: z.boolean().describe('Whether an operator did it.'),
  })
  .meta({ id: 'OwnEvent' });

export type OwnEventView = z.infer<typeof ownEventSchema>;

const ownEventPageSchema = pageSchema(ownEventSchema);

export class OwnEventPage extends createZodDto(ownEventPageSchema) {}

const securitySchema = Factors.schema.extend({
  passwordChangedAt: timestampSchema.describe('Since when the password is the one it is.'),
  sessions: SessionList.schema.shape.items,
  recentEvents: ownEventPageSchema.describe('The newest; the rest is at `/auth/security/events`.'),
});

export class AccountSecurity extends createZodDto(securitySchema) {}
export type AccountSecurityView = z.infer<typeof securitySchema>;

const ownEventsQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^(?:[1-9]|[1-4]\d|50)$/)
    .transform(Number)
    .optional()
    .describe('Rows of the page, 1 to 50; 20 when left out.'),
  cursor: z.string().min(1).max(100).optional().describe('`nextCursor` of the page before.'),
});

/** The query of the list of the own events. */
export class OwnEventsQuery extends createZodDto(ownEventsQuerySchema) {}

/** @throws UpstreamResponseInvalid when a field that every event has is missing. */
export function ownEventView(event: accountSecurityV1.OwnEvent): OwnEventView {
  const { reason, title, outcome, at, from, isByOperator: byOperator } = event;
  return {
    reason,
    title,
    outcome: outcome === 'refused' ? 'refused' : 'succeeded',
    at: required(at, 'event.at').toISOString(),
    from: from === '' ? null : from,
    byOperator,
  };
}
