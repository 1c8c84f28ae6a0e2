import { z } from 'zod';
import type { SeedClient } from '../oauth/clients/client-seeding';
import { CLIENT_KINDS } from '../oauth/clients/new-client';
import { readSeedFile } from './seed-file';

const entry = z.strictObject({
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
});

/** Reads `SEED_CLIENTS_FILE`. @throws ConfigurationError */
export function readSeedClients(path: string | undefined): readonly SeedClient[] {
  return readSeedFile(
    {
      variable: 'SEED_CLIENTS_FILE',
      entry,
      parse: (written): SeedClient => written,
    },
    path,
  );
}
