import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

// What a credential has to be is for auth-service to say; here it is only bounded. Members that browsers may yet add to it
// are left out, not refused.
const base64url = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/);

const credential = {
  id: base64url(1364),
  rawId: base64url(1364),
  type: z.literal('public-key'),
};

const registrationSchema = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(4096),
      attestationObject: base64url(16_384),
      transports: z.array(z.string().max(32)).max(8).optional(),
    }),
  })
  .describe('`RegistrationResponseJSON` (WebAuthn Level 3 section 5.1.8), as `toJSON()` gives it.');

export const assertionSchema = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(4096),
      authenticatorData: base64url(4096),
      signature: base64url(4096),
      // Browsers write an absent one as null.
      userHandle: base64url(128).nullish(),
    }),
  })
  .describe(
    '`AuthenticationResponseJSON` (WebAuthn Level 3 section 5.1.8), as `toJSON()` gives it.',
  );

export type Assertion = z.infer<typeof assertionSchema>;

/** As auth-service takes it. */
export function assertionJson({ response, ...rest }: Assertion): string {
  const { userHandle, ...signed } = response;
  return JSON.stringify({ ...rest, response: { ...signed, ...(userHandle && { userHandle }) } });
}

const name = z.string().min(1).max(128).describe('What its owner calls it: 1 to 64 characters.');

const EXAMPLE = {
  id: 'Zm9yIHRoZSBleGFtcGxlIG9ubHk',
  rawId: 'Zm9yIHRoZSBleGFtcGxlIG9ubHk',
  type: 'public-key' as const,
};

/** Of no use to anybody: it answers no challenge. */
const CLIENT_DATA = 'eyJjaGFsbGVuZ2UiOiJBQUFBIn0';

export class NewPasskey extends createZodDto(
  z
    .strictObject({
      name: name.optional().describe('After the authenticator when left out.'),
      credential: registrationSchema,
    })
    .meta({
      examples: [
        {
          name: 'the blue key',
          credential: {
            ...EXAMPLE,
            response: { clientDataJSON: CLIENT_DATA, attestationObject: 'o2NmbXRkbm9uZQ' },
          },
        },
      ],
    }),
) {}

export class PasskeyName extends createZodDto(
  z.strictObject({ name }).meta({ examples: [{ name: 'the blue key' }] }),
) {}

export class PasskeyRemoval extends createZodDto(
  z
    .strictObject({
      password: z
        .string()
        .min(1)
        .max(1024)
        .optional()
        .meta({ format: 'password' })
        .describe('Needed where no second factor is left.'),
    })
    .prefault({})
    .meta({ examples: [{}] }),
) {}

export class PasskeyLogin extends createZodDto(
  z.strictObject({ credential: assertionSchema }).meta({
    examples: [
      {
        credential: {
          ...EXAMPLE,
          response: {
            clientDataJSON: CLIENT_DATA,
            authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2M',
            signature: 'MEUCIQDexample',
            userHandle: 'Zm9yIHRoZSBleGFtcGxl',
          },
        },
      },
    ],
  }),
) {}

export class PasskeySecondFactor extends createZodDto(
  z
    .strictObject({
      mfaToken: z.string().min(1).max(128).describe('Of the answer `mfa_required`.'),
    })
    .meta({ examples: [{ mfaToken: 'Zm9yIHRoZSBleGFtcGxlIG9ubHkuLi4uLi4uLi4uLi4' }] }),
) {}
