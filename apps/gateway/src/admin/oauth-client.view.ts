import type { clientsV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { required } from '../upstream/upstream-response';
import { timestampSchema } from '../upstream/wire-formats';

const secretSchema = z.object({
  createdAt: timestampSchema,
  validUntil: timestampSchema.nullable().describe('Null for the lasting one.'),
});

const oauthClientSchema = z.object({
  id: z.string(),
  name: z.string(),
  applicationType: z.string().describe('`web` or `native`.'),
  grantTypes: z.array(z.string()),
  redirectUris: z.array(z.string()),
  postLogoutRedirectUris: z.array(z.string()),
  scope: z.string(),
  authMethod: z.string(),
  keyIds: z.array(z.string()).describe('Of its public keys.'),
  backchannelLogoutUri: z.string().nullable(),
  certificateName: z.string().nullable().describe('How its certificate names it.'),
  certificateBoundTokens: z.boolean(),
  dpopBoundAccessTokens: z.boolean(),
  createdAt: timestampSchema,
  disabledAt: timestampSchema.nullable(),
  secrets: z.array(secretSchema).describe('Those that work, without them; the lasting one first.'),
});

export type OauthClientView = z.infer<typeof oauthClientSchema>;

export class OauthClient extends createZodDto(oauthClientSchema) {}
export class OauthClientList extends createZodDto(
  z.object({ items: z.array(oauthClientSchema) }),
) {}

const givenSecretSchema = z.object({
  client: oauthClientSchema,
  secret: z.string().nullable().describe('Shown this once; null when it has none.'),
});

export class GivenClientSecret extends createZodDto(givenSecretSchema) {}
export type GivenClientSecretView = z.infer<typeof givenSecretSchema>;

const disabledSchema = z.object({
  client: oauthClientSchema,
  endedSessions: z.int().describe('How many sessions of its grants have ended.'),
});

export class DisabledOauthClient extends createZodDto(disabledSchema) {}
export type DisabledOauthClientView = z.infer<typeof disabledSchema>;

/** @throws UpstreamResponseInvalid when a field that every client has is missing. */
export function oauthClientView(
  client: clientsV1.OauthClient | undefined,
  field: string,
): OauthClientView {
  const { createdAt, disabledAt, secrets, backchannelLogoutUri, certificateName, ...same } =
    required(client, field);
  return {
    ...same,
    backchannelLogoutUri: backchannelLogoutUri === '' ? null : backchannelLogoutUri,
    certificateName: certificateName === '' ? null : certificateName,
    createdAt: required(createdAt, `${field}.created_at`).toISOString(),
    disabledAt: disabledAt?.toISOString() ?? null,
    secrets: secrets.map((secret) => ({
      createdAt: required(secret.createdAt, `${field}.secrets.created_at`).toISOString(),
      validUntil: secret.validUntil?.toISOString() ?? null,
    })),
  };
}
