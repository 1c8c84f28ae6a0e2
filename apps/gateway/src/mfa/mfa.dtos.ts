import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { assertionSchema } from '../passkeys/passkey.dtos';

const METHODS = ['totp', 'sms', 'recovery_code'] as const;

// What a code looks like is for auth-service to say: here it is only bounded.
export const code = z.string().min(1).max(64);
export const method = z.enum(METHODS);
const password = z.string().min(1).max(1024).meta({ format: 'password' });

const verificationSchema = z
  .strictObject({
    mfaToken: z.string().min(1).max(128).describe('Of the answer `mfa_required`.'),
    method: z.enum([...METHODS, 'passkey']),
    code: code.optional().describe('Of any method but `passkey`.'),
    credential: assertionSchema.optional(),
  })
  .superRefine(({ method: by, code: given, credential }, context) => {
    const sent = { code: given, credential };
    const [wanted, other] =
      by === 'passkey' ? (['credential', 'code'] as const) : (['code', 'credential'] as const);
    if (sent[wanted] === undefined) {
      context.addIssue({ code: 'custom', path: [wanted], message: 'is needed by this method' });
    }
    if (sent[other] !== undefined) {
      context.addIssue({ code: 'custom', path: [other], message: 'is none of this method' });
    }
  })
  .meta({
    examples: [
      {
        mfaToken: 'Zm9yIHRoZSBleGFtcGxlIG9ubHkuLi4uLi4uLi4uLi4',
        method: 'totp',
        code: '123456',
      },
    ],
  });

export class MfaVerification extends createZodDto(verificationSchema) {}

const confirmationSchema = z.strictObject({ code }).meta({ examples: [{ code: '123456' }] });

export class TotpConfirmation extends createZodDto(confirmationSchema) {}

const removalSchema = z
  .strictObject({
    password: password.optional().describe('Needed where no second factor is left.'),
  })
  .prefault({})
  .meta({ examples: [{ password: 'correct horse battery staple' }] });

export class FactorRemoval extends createZodDto(removalSchema) {}

const totpKeySchema = z.object({
  secret: z.string().describe('For typing: base32 (RFC 4648).'),
  uri: z.string().describe('`otpauth://`, as authenticator apps read it.'),
  qrSvg: z.string().describe('`uri` as a QR code, an SVG document.'),
  expiresIn: z.int().describe('Seconds in which to confirm.'),
});

export class TotpKey extends createZodDto(totpKeySchema) {}
export type TotpKeyView = z.infer<typeof totpKeySchema>;

const recoveryCodesSchema = z.object({
  recoveryCodes: z.array(z.string()).describe('Ten, each for one use. They are not shown again.'),
});

export class RecoveryCodes extends createZodDto(recoveryCodesSchema) {}
export type RecoveryCodesView = z.infer<typeof recoveryCodesSchema>;
