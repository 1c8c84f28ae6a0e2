import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { askAuthDatabase } from './auth-database';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';

/** A client of the authorization server, as the specs have registered it. */
export interface RegisteredClient {
  readonly id: string;
  readonly name: string;
  /** Of a confidential one. */
  readonly secret: string | undefined;
}

const DEFAULTS = {
  application_type: 'web',
  redirect_uris: ['https://app.example/callback'],
  post_logout_redirect_uris: ['https://app.example/'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
  scope: 'openid email offline_access orders:read orders:write billing:read billing:refund',
};

/** Registers a client of its own for a spec. */
export async function registerClient(
  metadata: Readonly<Record<string, unknown>> = {},
  facts: Pick<ClusterFacts, 'authDatabaseUrl'> = sharedCluster(),
): Promise<RegisteredClient> {
  const id = `client-${randomUUID()}`;
  const name = `The <b>${id.slice(-4)}</b> app`;
  const whole = { ...DEFAULTS, ...metadata };
  await askAuthDatabase(
    facts,
    'INSERT INTO oauth_clients (id, name, metadata, created_at) VALUES ($1, $2, $3, now())',
    [id, name, JSON.stringify(whole)],
  );
  if (!whole.token_endpoint_auth_method.startsWith('client_secret')) {
    return { id, name, secret: undefined };
  }
  const secret = randomBytes(32).toString('base64url');
  await askAuthDatabase(
    facts,
    'INSERT INTO oauth_client_secrets (client_id, secret_hash, created_at) VALUES ($1, $2, now())',
    [id, createHash('sha256').update(secret).digest()],
  );
  return { id, name, secret };
}
