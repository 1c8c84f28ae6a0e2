import type { auditV1 } from '@sallyport/contracts';
import type { SecurityEvent } from '@sallyport/observability';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

/** Each service has a chain of its own, and a page is of one of them. */
export const AUDITED_SERVICES = [
  'gateway',
  'auth-service',
  'orders-service',
  'billing-service',
] as const;

export type AuditedService = (typeof AUDITED_SERVICES)[number];

/** A type that is not listed does not compile. */
const TYPES: Readonly<Record<SecurityEvent['type'], true>> = {
  account: true,
  api_key: true,
  audit: true,
  authentication: true,
  authorization: true,
  client: true,
  invoice: true,
  partner: true,
  request: true,
  session: true,
  signing_key: true,
  token: true,
  transport: true,
};

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const securityEventQuerySchema = z.strictObject({
  service: z
    .enum(AUDITED_SERVICES)
    .optional()
    .describe('Whose events; those of the gateway when left out.'),
  type: z.enum(Object.keys(TYPES)).optional().describe('What they are about.'),
  outcome: z.enum(['refused', 'succeeded']).optional(),
  reason: z
    .string()
    .regex(/^[a-z0-9_]{1,64}$/)
    .optional()
    .describe('Reason id.'),
  principal: z
    .string()
    .max(256)
    .regex(/^\P{Cc}+$/u)
    .optional()
    .describe('Id of the verified principal.'),
  correlationId: z
    .string()
    .regex(/^[\w-]{8,64}$/)
    .optional()
    .describe('Of the request or call.'),
  from: instant.optional().describe('Recorded then or later.'),
  to: instant.optional().describe('Recorded before.'),
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|1\d\d|200)$/)
    .transform(Number)
    .optional()
    .describe('Rows of the page, 1 to 200; 50 when left out.'),
  cursor: z.string().min(1).max(1024).optional().describe('`nextCursor` of the page before.'),
});

/** The query of the list of security events. */
export class SecurityEventQuery extends createZodDto(securityEventQuerySchema) {}

/** What the service is asked; the empty string and 0 stand for what was left out. */
export function listRequestOf(query: SecurityEventQuery): auditV1.ListSecurityEventsRequest {
  return {
    pageSize: query.limit ?? 0,
    pageToken: query.cursor ?? '',
    type: query.type ?? '',
    outcome: query.outcome ?? '',
    reason: query.reason ?? '',
    principal: query.principal ?? '',
    correlationId: query.correlationId ?? '',
    from: query.from,
    to: query.to,
  };
}
