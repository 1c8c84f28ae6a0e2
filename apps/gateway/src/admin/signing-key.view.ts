import { authV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { required } from '../upstream/upstream-response';
import { timestampSchema } from '../upstream/wire-formats';

const signingKeySchema = z.object({
  kid: z.string().describe('RFC 7638 thumbprint.'),
  state: z
    .enum(['prepared', 'active', 'retired', 'tainted'])
    .describe(
      '`prepared` is published and does not sign yet, `active` signs, `retired` only verifies, `tainted` is withdrawn.',
    ),
  createdAt: timestampSchema,
  activatedAt: timestampSchema.nullable().describe('When it began to sign.'),
  retiredAt: timestampSchema.nullable().describe('When it stopped signing.'),
  verifiesUntil: timestampSchema
    .nullable()
    .describe('Of a retired one: until when it is published.'),
  taintedAt: timestampSchema.nullable().describe('When it was withdrawn.'),
});

export type SigningKeyView = z.infer<typeof signingKeySchema>;

export class SigningKey extends createZodDto(signingKeySchema) {}
export class SigningKeyList extends createZodDto(z.object({ items: z.array(signingKeySchema) })) {}

const taintedKeySchema = z
  .object({ key: signingKeySchema, activeKey: signingKeySchema, endedSessions: z.int() })
  .describe('The withdrawn key, the key that signs now, and how many sessions have ended.');

export class TaintedKey extends createZodDto(taintedKeySchema) {}
export type TaintedKeyView = z.infer<typeof taintedKeySchema>;

const { SigningKeyState } = authV1;

const STATE: Readonly<Record<authV1.SigningKeyState, SigningKeyView['state'] | undefined>> = {
  [SigningKeyState.SIGNING_KEY_STATE_PREPARED]: 'prepared',
  [SigningKeyState.SIGNING_KEY_STATE_ACTIVE]: 'active',
  [SigningKeyState.SIGNING_KEY_STATE_RETIRED]: 'retired',
  [SigningKeyState.SIGNING_KEY_STATE_TAINTED]: 'tainted',
  [SigningKeyState.SIGNING_KEY_STATE_UNSPECIFIED]: undefined,
  [SigningKeyState.UNRECOGNIZED]: undefined,
};

/** @throws UpstreamResponseInvalid when a field that every key has is missing. */
export function signingKeyView(key: authV1.SigningKey | undefined, field: string): SigningKeyView {
  const { kid, state, createdAt, activatedAt, retiredAt, verifiesUntil, taintedAt } = required(
    key,
    field,
  );
  return {
    kid,
    state: required(STATE[state], `${field}.state`),
    createdAt: required(createdAt, `${field}.created_at`).toISOString(),
    activatedAt: activatedAt?.toISOString() ?? null,
    retiredAt: retiredAt?.toISOString() ?? null,
    verifiesUntil: verifiesUntil?.toISOString() ?? null,
    taintedAt: taintedAt?.toISOString() ?? null,
  };
}
