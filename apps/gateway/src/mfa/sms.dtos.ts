import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { code } from './mfa.dtos';

/** What whoever relies on text messages has to know first (SP 800-63B-4 section 3.1.3.3, section 3.2.9). */
export const SMS_RISK =
  'Text messages are the weakest second factor: whoever takes over the number (SIM swap), listens in on the telephone ' +
  'network, or reads the screen of a locked phone gets the code, and so does a page that imitates this one. A number that ' +
  'is given up goes to somebody else. An authenticator app is better, and a passkey best.';

const phoneNumber = z.string().describe('Masked: calling code and last two digits.');
const expiresIn = z.int().describe('Seconds in which the code works.');

const enrolmentSchema = z
  .strictObject({
    phoneNumber: z
      .string()
      .min(1)
      .max(32)
      .describe('A mobile number in international form, with `+`.'),
    acceptsRisk: z.literal(true).describe(SMS_RISK),
  })
  .meta({ examples: [{ phoneNumber: '+12025550123', acceptsRisk: true }] });

export class PhoneEnrolment extends createZodDto(enrolmentSchema) {}

const confirmationSchema = z.strictObject({ code }).meta({ examples: [{ code: '123456' }] });

export class PhoneConfirmation extends createZodDto(confirmationSchema) {}

const removalSchema = z
  .strictObject({
    password: z
      .string()
      .min(1)
      .max(1024)
      .meta({ format: 'password' })
      .optional()
      .describe('Needed where no other factor is left.'),
  })
  .meta({ examples: [{ password: 'correct horse battery staple' }] });

export class PhoneRemoval extends createZodDto(removalSchema) {}

const begunSchema = z.object({ phoneNumber, expiresIn });

export class PhoneEnrolmentBegun extends createZodDto(begunSchema) {}
export type PhoneEnrolmentBegunView = z.infer<typeof begunSchema>;

const confirmedSchema = z.object({
  recoveryCodes: z
    .array(z.string())
    .optional()
    .describe('Ten, each for one use, when this is the first factor. They are not shown again.'),
});

export class PhoneConfirmed extends createZodDto(confirmedSchema) {}
export type PhoneConfirmedView = z.infer<typeof confirmedSchema>;

const orderSchema = z
  .strictObject({
    mfaToken: z.string().min(1).max(128).describe('Of the answer `mfa_required`.'),
  })
  .meta({ examples: [{ mfaToken: 'Zm9yIHRoZSBleGFtcGxlIG9ubHkuLi4uLi4uLi4uLi4' }] });

export class SmsOrder extends createZodDto(orderSchema) {}

const sentSchema = z.object({
  phoneNumber,
  expiresIn,
  resendAfter: z.int().describe('Seconds until there may be another one.'),
});

export class SmsSent extends createZodDto(sentSchema) {}
export type SmsSentView = z.infer<typeof sentSchema>;
