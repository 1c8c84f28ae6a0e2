import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { code, method } from '../mfa/mfa.dtos';
import { idSchema, timestampSchema } from '../upstream/wire-formats';

const credentialsSchema = z
  .strictObject({
    // What an acceptable address and password are is for auth-service to say; here they are only bounded.
    email: z.string().min(1).max(320).meta({ format: 'email' }),
    password: z.string().min(1).max(1024).meta({ format: 'password' }),
  })
  .meta({
    examples: [{ email: 'ada@example.com', password: 'correct horse battery staple' }],
  });

export class Credentials extends createZodDto(credentialsSchema) {}

const registrationSchema = z
  .strictObject({
    email: z.string().min(1).max(320).meta({ format: 'email' }),
    password: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe(
        'Needed unless registrations are confirmed by mail: then it is chosen with the code of the mail, and one sent here is not kept.',
      )
      .meta({ format: 'password' }),
  })
  .meta({
    examples: [{ email: 'ada@example.com', password: 'correct horse battery staple' }],
  });

export class Registration extends createZodDto(registrationSchema) {}

export class RegistrationConfirmation extends createZodDto(
  z
    .strictObject({
      token: z.string().min(1).max(256).describe('The code of the mail, or of its link.'),
      password: z.string().min(1).max(1024).meta({ format: 'password' }),
    })
    .meta({
      examples: [{ token: 'the-code-from-the-mail', password: 'correct horse battery staple' }],
    }),
) {}

const issuedTokenSchema = z.object({
  access_token: z.string().describe('Compact JWS of type at+jwt (RFC 9068).'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds.'),
  scope: z.string().describe('Granted scope, space-separated.'),
});

/** The answer of every endpoint that issues an access token, by the names of RFC 6749 section 5.1. */
export class IssuedToken extends createZodDto(issuedTokenSchema) {}
export type IssuedTokenView = z.infer<typeof issuedTokenSchema>;

const stepUpSchema = z
  .strictObject({
    password: z.string().min(1).max(1024).meta({ format: 'password' }),
    method: method.optional().describe('Of `code`; `totp` when left out.'),
    code: code.optional().describe('Needed where the account has a second factor.'),
  })
  .meta({ examples: [{ password: 'correct horse battery staple', code: '123456' }] });

export class StepUp extends createZodDto(stepUpSchema) {}

const passwordChangeSchema = z
  .strictObject({
    currentPassword: z.string().min(1).max(1024).meta({ format: 'password' }),
    // What an acceptable one is, is for auth-service to say.
    newPassword: z.string().min(1).max(1024).meta({ format: 'password' }),
  })
  .meta({
    examples: [
      {
        currentPassword: 'correct horse battery staple',
        newPassword: 'incorrect horse battery staple',
      },
    ],
  });

export class PasswordChange extends createZodDto(passwordChangeSchema) {}

export class PasswordResetRequest extends createZodDto(
  z
    .strictObject({ email: z.string().min(1).max(320).meta({ format: 'email' }) })
    .meta({ examples: [{ email: 'ada@example.com' }] }),
) {}

export class PasswordReset extends createZodDto(
  z
    .strictObject({
      token: z.string().min(1).max(256).describe('The code of the mail, or of its link.'),
      password: z.string().min(1).max(1024).meta({ format: 'password' }),
    })
    .meta({
      examples: [{ token: 'the-code-from-the-mail', password: 'incorrect horse battery staple' }],
    }),
) {}

const currentSessionSchema = z.object({
  id: idSchema.optional(),
  acr: z.string().optional().describe('How strongly the user authenticated.'),
  authenticatedAt: timestampSchema.optional().describe('When the user last did.'),
});

/** What an access token says of the session it belongs to. */
export type CurrentSessionView = z.infer<typeof currentSessionSchema>;

const accountSchema = z.object({
  id: idSchema,
  email: z.string(),
  scopes: z.array(z.string()).describe('Scopes the account may hold.'),
  createdAt: timestampSchema,
  session: currentSessionSchema,
});

export class Account extends createZodDto(accountSchema) {}
export type AccountView = z.infer<typeof accountSchema>;
