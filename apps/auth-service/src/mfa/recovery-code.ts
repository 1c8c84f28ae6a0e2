import { randomBytes, randomInt, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

/** So many at once, of which each works once. */
export const RECOVERY_CODES = 10;

/** Crockford's: nothing in it is taken for something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 3;
const GROUP_LENGTH = 4;
const CODE = new RegExp(`^[${ALPHABET}]{${GROUPS * GROUP_LENGTH}}$`);

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Four MiB and some milliseconds: the sixty bits do the rest. */
const COST = { N: 2 ** 12, r: 8, p: 1 } as const;

const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** What is stored of a set of codes. */
export interface HashedCodes {
  readonly salt: Buffer;
  readonly hashes: readonly Buffer[];
}

/** Sixty random bits each, as `K7QD-92MX-4TRA`. */
export function newRecoveryCodes(): readonly string[] {
  const codes = new Set<string>();
  while (codes.size < RECOVERY_CODES) codes.add(newRecoveryCode());
  return [...codes];
}

function newRecoveryCode(): string {
  const group = () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/** As people type it: in any case, with or without the dashes, `O` for zero and `I` or `L` for one. */
function normalised(presented: string): string | undefined {
  const code = presented
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  return CODE.test(code) ? code : undefined;
}

/**
 * Hashes as passwords are, because sixty bits are fewer than the 112 from which on a plain hash will do (SP 800-63B-4 section
 * 3.1.2.2, ASVS 6.5.2). The salt is that of the set: one derivation tells whether a code is one of the ten.
 */
export async function hashRecoveryCodes(codes: readonly string[]): Promise<HashedCodes> {
  const salt = randomBytes(SALT_BYTES);
  const hashes: Buffer[] = [];
  // One after the other: a derivation takes a thread and its memory.
  for (const code of codes)
    hashes.push(await derive(normalised(code) ?? '', salt, HASH_BYTES, COST));
  return { salt, hashes };
}

/** Undefined for what cannot be a code. */
export async function hashPresentedCode(
  presented: string,
  salt: Buffer,
): Promise<Buffer | undefined> {
  const code = normalised(presented);
  return code === undefined ? undefined : derive(code, salt, HASH_BYTES, COST);
}
