import type { authV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { required } from '../upstream/upstream-response';
import { idSchema, timestampSchema } from '../upstream/wire-formats';

const sessionSchema = z
  .object({
    id: idSchema,
    createdAt: timestampSchema,
    lastUsedAt: timestampSchema.describe('When a token was last issued in it.'),
    expiresAt: timestampSchema.describe('Its absolute end.'),
    clientAddress: z
      .string()
      .nullable()
      .describe('Where it was last used from; null when unknown.'),
    userAgent: z.string().nullable().describe('What the client calls itself; null when unknown.'),
    current: z.boolean().describe('Whether this request is made in it.'),
  })
  .meta({ id: 'Session' });

export type SessionView = z.infer<typeof sessionSchema>;

/** At most 200 sessions. */
export class SessionList extends createZodDto(z.object({ items: z.array(sessionSchema) })) {}

const endedSessionsSchema = z.object({ endedSessions: z.int().describe('How many have ended.') });

export class EndedSessions extends createZodDto(endedSessionsSchema) {}
export type EndedSessionsView = z.infer<typeof endedSessionsSchema>;

/** @throws UpstreamResponseInvalid when a field that every session has is missing. */
export function sessionView(session: authV1.Session): SessionView {
  const { id, createdAt, lastUsedAt, expiresAt, clientAddress, userAgent, isCurrent } = session;
  return {
    id,
    createdAt: required(createdAt, 'session.created_at').toISOString(),
    lastUsedAt: required(lastUsedAt, 'session.last_used_at').toISOString(),
    expiresAt: required(expiresAt, 'session.expires_at').toISOString(),
    clientAddress: clientAddress === '' ? null : clientAddress,
    userAgent: userAgent === '' ? null : userAgent,
    current: isCurrent,
  };
}
