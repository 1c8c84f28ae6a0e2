import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@sallyport/configuration';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { z } from 'zod';
import { requireCertificateName } from '../partners/certificate-name';
import { parsePartnerId, parsePartnerName, parsePartnerScopes } from '../partners/partner';
import type { SeedPartner } from '../partners/partner-seeding';

const content = z.array(
  z.strictObject({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    names: z.array(z.string()),
  }),
);

/**
 * Reads `SEED_PARTNERS_FILE`; no file means no partners.
 *
 * @throws ConfigurationError with one line.
 */
export function readSeedPartners(path: string | undefined): readonly SeedPartner[] {
  if (path === undefined) return [];
  try {
    return content.parse(JSON.parse(readFileSync(path, 'utf8'))).map((each) => ({
      id: parsePartnerId(each.id),
      name: parsePartnerName(each.name),
      scopes: parsePartnerScopes(each.scopes.join(' ')),
      names: each.names.map(requireCertificateName),
    }));
  } catch (cause) {
    const reason = cause instanceof ServiceError ? ` (${cause.reason})` : '';
    throw new ConfigurationError(
      'SEED_PARTNERS_FILE',
      `expected a JSON array of {id, name, scopes, names}${reason}`,
    );
  }
}
