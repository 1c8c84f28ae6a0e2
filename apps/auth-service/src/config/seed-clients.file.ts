import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@sallyport/configuration';
import { z } from 'zod';
import type { SeedClient } from '../oauth/clients/client-seeding';
import { CLIENT_KINDS } from '../oauth/clients/new-client';

const content = z.array(
  z.strictObject({
    id: z.string(),
    name: z.string(),
    kind: z.enum(CLIENT_KINDS),
    scope: z.string(),
    redirectUris: z.array(z.string()).default([]),
    postLogoutRedirectUris: z.array(z.string()).default([]),
    /** As `npm run clients` takes it: `dns:…`, `uri:…` or `dn:…`. */
    certificateName: z.string().optional(),
    certificateBoundTokens: z.boolean().optional(),
    dpopBoundAccessTokens: z.boolean().optional(),
    /** 256 random bits in base64url. */
    secret: z
      .string()
      .regex(/^[\w-]{43}$/)
      .optional(),
  }),
);

/**
 * Reads `SEED_CLIENTS_FILE`; no file means no clients.
 *
 * @throws ConfigurationError with one line that quotes nothing of the file: it holds secrets.
 */
export function readSeedClients(path: string | undefined): readonly SeedClient[] {
  if (path === undefined) return [];
  try {
    return content.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new ConfigurationError(
      'SEED_CLIENTS_FILE',
      'expected a JSON array of {id, name, kind, scope, redirectUris, postLogoutRedirectUris, certificateName, certificateBoundTokens, dpopBoundAccessTokens, secret}',
    );
  }
}
