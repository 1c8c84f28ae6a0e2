import { z } from 'zod';
import { requireCertificateName } from '../partners/certificate-name';
import { parsePartnerId, parsePartnerName, parsePartnerScopes } from '../partners/partner';
import type { SeedPartner } from '../partners/partner-seeding';
import { readSeedFile } from './seed-file';

/** Reads `SEED_PARTNERS_FILE`. @throws ConfigurationError */
export function readSeedPartners(path: string | undefined): readonly SeedPartner[] {
  return readSeedFile(
    {
      variable: 'SEED_PARTNERS_FILE',
      entry: z.strictObject({
        id: z.string(),
        name: z.string(),
        scopes: z.array(z.string()),
        names: z.array(z.string()),
      }),
      parse: ({ id, name, scopes, names }): SeedPartner => ({
        id: parsePartnerId(id),
        name: parsePartnerName(name),
        scopes: parsePartnerScopes(scopes.join(' ')),
        names: names.map(requireCertificateName),
      }),
    },
    path,
  );
}
