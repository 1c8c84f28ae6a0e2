import type { Generated } from 'kysely';

export interface OauthClientsTable {
  id: string;
  name: string;
  /** Client metadata as registered (RFC 7591 §2), without secrets. */
  metadata: Record<string, unknown>;
  created_at: Date;
  disabled_at: Generated<Date | null>;
  /** The epoch: no access token the client gets may carry a smaller `iat`. */
  tokens_valid_from: Generated<Date>;
}

export interface OauthClientSecretsTable {
  client_id: string;
  /** SHA-256 of the secret. */
  secret_hash: Buffer;
  created_at: Date;
  /** The end of the overlap, for the secret before; null for the lasting one. */
  valid_until: Generated<Date | null>;
}

/** Clients that are to be told that a sign-in is over. */
export interface OauthLogoutNoticesTable {
  id: Generated<number>;
  client_id: string;
  account_id: string;
  client_sid: string | null;
  attempts: Generated<number>;
  due_at: Date;
}

export interface OauthArtifactsTable {
  kind: string;
  /** SHA-256 of the artifact's id, which for codes and tokens is the secret itself. */
  id_hash: Buffer;
  /** As the provider wrote it, without the id. */
  payload: Record<string, unknown>;
  grant_id: string | null;
  uid: string | null;
  account_id: string | null;
  client_id: string | null;
  consumed_at: Date | null;
  expires_at: Date;
}

/** One scope that an account allowed a client. */
export interface OauthConsentsTable {
  account_id: string;
  client_id: string;
  scope: string;
  /** When it was last allowed by somebody who was asked. */
  given_at: Date;
  /** When a grant was last opened by it. */
  last_used_at: Date;
}
