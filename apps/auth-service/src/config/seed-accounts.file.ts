import { z } from 'zod';
import type { SeedAccount } from '../accounts/account-seeding';
import { parseEmailAddress } from '../accounts/email-address';
import { parseNewPassword } from '../passwords/new-password';
import { readSeedFile } from './seed-file';

/** Reads `SEED_ACCOUNTS_FILE`. @throws ConfigurationError */
export function readSeedAccounts(path: string | undefined): readonly SeedAccount[] {
  return readSeedFile(
    {
      variable: 'SEED_ACCOUNTS_FILE',
      entry: z.strictObject({
        email: z.string(),
        password: z.string(),
        scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)),
      }),
      parse: (written): SeedAccount => {
        const email = parseEmailAddress(written.email);
        const password = parseNewPassword(written.password, { email, hasSecondFactor: false });
        return { email, password, scopes: written.scopes };
      },
    },
    path,
  );
}
