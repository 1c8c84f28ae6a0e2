import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@sallyport/configuration';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { z } from 'zod';
import type { SeedAccount } from '../accounts/account-seeding';
import { parseEmailAddress } from '../accounts/email-address';
import { parseNewPassword } from '../passwords/new-password';

const content = z.array(
  z.strictObject({
    email: z.string(),
    password: z.string(),
    scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)),
  }),
);

/**
 * Reads `SEED_ACCOUNTS_FILE`; no file means no accounts.
 *
 * @throws ConfigurationError with one line that quotes nothing of the file: it holds passwords.
 */
export function readSeedAccounts(path: string | undefined): readonly SeedAccount[] {
  if (path === undefined) return [];
  try {
    return content.parse(JSON.parse(readFileSync(path, 'utf8'))).map((each) => {
      const email = parseEmailAddress(each.email);
      const password = parseNewPassword(each.password, { email, hasSecondFactor: false });
      return { email, password, scopes: each.scopes };
    });
  } catch (cause) {
    const reason = cause instanceof ServiceError ? ` (${cause.reason})` : '';
    throw new ConfigurationError(
      'SEED_ACCOUNTS_FILE',
      `expected a JSON array of {email, password, scopes}${reason}`,
    );
  }
}
