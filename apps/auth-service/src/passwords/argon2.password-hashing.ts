import { randomBytes } from 'node:crypto';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { ARGON2_PARAMETERS } from './argon2-parameters';
import type { Password } from './password';
import type { PasswordHashing } from './password-hashing';
import type { BoundedWork } from './bounded-work';

/** argon2id (RFC 9106), the default algorithm of the package. */
export class Argon2PasswordHashing implements PasswordHashing {
  readonly unmatchable = randomHash();

  constructor(private readonly capacity: BoundedWork) {}

  /** @throws ServiceError RESOURCE_EXHAUSTED `server_busy`. */
  hash(password: Password): Promise<string> {
    return this.capacity.run(() => hash(password, ARGON2_PARAMETERS));
  }

  /** @throws ServiceError RESOURCE_EXHAUSTED `server_busy`. */
  verify(password: Password, phc: string): Promise<boolean> {
    return this.capacity.run(() => verify(phc, password));
  }

  isCurrent(phc: string): boolean {
    const { memoryCost, timeCost, parallelism, outputLen } = parseOptions(phc);
    return (
      memoryCost === ARGON2_PARAMETERS.memoryCost &&
      timeCost === ARGON2_PARAMETERS.timeCost &&
      parallelism === ARGON2_PARAMETERS.parallelism &&
      outputLen === ARGON2_PARAMETERS.outputLen
    );
  }
}

/** Output that was drawn, not computed: a password that fits it is as hard to find as any preimage. */
function randomHash(): string {
  const { memoryCost, timeCost, parallelism, outputLen } = ARGON2_PARAMETERS;
  const cost = `m=${memoryCost},t=${timeCost},p=${parallelism}`;
  return `$argon2id$v=19$${cost}$${unpadded(16)}$${unpadded(outputLen)}`;
}

function unpadded(bytes: number): string {
  return randomBytes(bytes).toString('base64').replaceAll('=', '');
}
