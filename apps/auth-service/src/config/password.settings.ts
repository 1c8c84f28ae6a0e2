import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@sallyport/configuration';
import type { Logger } from '@sallyport/observability';
import { Argon2PasswordHashing } from '../passwords/argon2.password-hashing';
import { HASHING_CAPACITY } from '../passwords/argon2-parameters';
import { BoundedWork } from '../passwords/bounded-work';
import { NO_BREACHED_PASSWORDS } from '../passwords/breached-passwords';
import type { BreachedPasswords } from '../passwords/breached-passwords';
import type { PasswordHashing } from '../passwords/password-hashing';
import { PepperedPasswordHashing } from '../passwords/peppered.password-hashing';
import { RangeBreachedPasswords } from '../passwords/range.breached-passwords';
import { KeyRing } from '../signing-keys/key-ring';
import type { AuthServiceConfig } from './auth-service.config';

/** @throws ConfigurationError with one line that quotes nothing of the file. */
export function passwordHashingOf(
  { PASSWORD_PEPPER_FILE: path }: AuthServiceConfig,
  logger: Logger,
): PasswordHashing {
  const slow = new Argon2PasswordHashing(new BoundedWork(HASHING_CAPACITY));
  return new PepperedPasswordHashing(slow, path === undefined ? undefined : ringIn(path), logger);
}

function ringIn(path: string): KeyRing {
  const ring = KeyRing.parse(readFileSync(path, 'utf8'));
  if (ring) return ring;
  throw new ConfigurationError(
    'PASSWORD_PEPPER_FILE',
    'expected one or more lines of 32 bytes in base64, each once',
  );
}

export function breachedPasswordsOf(
  { BREACHED_PASSWORDS_URL: baseUrl }: AuthServiceConfig,
  logger: Logger,
): BreachedPasswords {
  return baseUrl === undefined
    ? NO_BREACHED_PASSWORDS
    : new RangeBreachedPasswords({ baseUrl, logger });
}
