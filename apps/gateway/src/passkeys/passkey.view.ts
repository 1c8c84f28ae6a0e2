import type { passkeysV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { required } from '../upstream/upstream-response';
import { idSchema, timestampSchema } from '../upstream/wire-formats';

const passkeySchema = z.object({
  id: idSchema,
  name: z.string(),
  authenticator: z
    .string()
    .optional()
    .describe('The model that made it, as it says itself; left out where it is not known.'),
  synced: z.boolean().describe('Whether it can be on several devices.'),
  backedUp: z.boolean().describe('Whether it is, as its last use said.'),
  createdAt: timestampSchema,
  lastUsedAt: timestampSchema.optional(),
  suspectedClone: z
    .boolean()
    .describe('Whether its counter did not grow as it should: it is accepted no more.'),
});

export type PasskeyView = z.infer<typeof passkeySchema>;

export class Passkey extends createZodDto(passkeySchema) {}

const passkeysSchema = z.object({ passkeys: z.array(passkeySchema) });

export class Passkeys extends createZodDto(passkeysSchema) {}
export type PasskeysView = z.infer<typeof passkeysSchema>;

const enrolledSchema = z.object({
  passkey: passkeySchema,
  recoveryCodes: z
    .array(z.string())
    .optional()
    .describe('With the first second factor: ten, each for one use. They are not shown again.'),
});

export class EnrolledPasskey extends createZodDto(enrolledSchema) {}
export type EnrolledPasskeyView = z.infer<typeof enrolledSchema>;

const askedSchema = z.object({
  options: z
    .record(z.string(), z.unknown())
    .describe(
      'For `parseCreationOptionsFromJSON()` or `parseRequestOptionsFromJSON()` of the browser (WebAuthn Level 3 section 5.1).',
    ),
  expiresIn: z.int().describe('Seconds in which to answer.'),
});

export class PasskeyOptions extends createZodDto(askedSchema) {}
export type PasskeyOptionsView = z.infer<typeof askedSchema>;

/** @throws UpstreamResponseInvalid when a field that every passkey has is missing. */
export function passkeyView(passkey: passkeysV1.Passkey | undefined): PasskeyView {
  const { id, name, authenticator, synced, backedUp, createdAt, lastUsedAt, suspectedClone } =
    required(passkey, 'passkey');
  return {
    id,
    name,
    ...(authenticator !== undefined && { authenticator }),
    synced,
    backedUp,
    createdAt: required(createdAt, 'passkey.created_at').toISOString(),
    ...(lastUsedAt && { lastUsedAt: lastUsedAt.toISOString() }),
    suspectedClone,
  };
}

export function optionsView({
  options,
  expiresIn,
}: {
  readonly options: string;
  readonly expiresIn: number;
}): PasskeyOptionsView {
  return { options: JSON.parse(options) as Record<string, unknown>, expiresIn };
}
