import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { idSchema } from '../upstream/wire-formats';

/** Names an account. In the body, because an e-mail address has no place in a URL. */
export class AccountReference extends createZodDto(
  z
    .strictObject({ account: z.string().min(1).max(320).describe('Id or e-mail address.') })
    .meta({ examples: [{ account: 'ada@example.com' }] }),
) {}

const endedAccountSessionsSchema = z.object({
  id: idSchema.describe('Of the account.'),
  endedSessions: z.int().describe('How many have ended.'),
});

export class EndedAccountSessions extends createZodDto(endedAccountSessionsSchema) {}
export type EndedAccountSessionsView = z.infer<typeof endedAccountSessionsSchema>;

const unlockedAccountSchema = z.object({ id: idSchema.describe('Of the account.') });

export class UnlockedAccount extends createZodDto(unlockedAccountSchema) {}
export type UnlockedAccountView = z.infer<typeof unlockedAccountSchema>;

const revokedAccountApiKeysSchema = z.object({
  id: idSchema.describe('Of the account.'),
  revoked: z.int().describe('How many keys have ended.'),
});

export class RevokedAccountApiKeys extends createZodDto(revokedAccountApiKeysSchema) {}
export type RevokedAccountApiKeysView = z.infer<typeof revokedAccountApiKeysSchema>;
