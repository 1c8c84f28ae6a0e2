import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  API_KEY_IN_TEXT,
  API_KEY_PATTERN,
  keyIdOfRevocation,
  mintApiKey,
  mintSecret,
  parseApiKey,
  rotationNoticeId,
  secretRevocationId,
} from './index';

const VALID = mintApiKey();

/** A key of its own each time: fast-check chooses the places, the system's randomness the key. */
const mintedKeys = fc.constant(null).map(() => mintApiKey().presentedKey);
const positions = fc.nat(VALID.presentedKey.length - 1);

describe('refuses', () => {
  it.each<[string, (key: string) => string]>([
    ['nothing', () => ''],
    ['another prefix', (key) => key.replace('sp_', 'sk_')],
    ['the prefix in capitals', (key) => key.replace('sp_', 'SP_')],
    ['no prefix', (key) => key.slice('sp_'.length)],
    ['one character less', (key) => key.slice(0, -1)],
    ['one character more', (key) => `${key}0`],
    ['a line end behind', (key) => `${key}\n`],
    ['space around', (key) => ` ${key} `],
    ['a line end in the place of the last character', (key) => `${key.slice(0, -1)}\n`],
    ['a letter that is no ASCII', (key) => `${key.slice(0, 30)}\u{ff21}${key.slice(31)}`],
    ['base64url', (key) => `${key.slice(0, 30)}-${key.slice(31)}`],
    ['the id without the underscore behind', (key) => key.replace(/_(?=\w{49}$)/, '0')],
    [
      'the checksum of another key',
      (key) => key.slice(0, -6) + mintApiKey().presentedKey.slice(-6),
    ],
    ['the id of another key', (key) => `sp_${mintApiKey().id}${key.slice(19)}`],
    ['a secret scanner’s placeholder', (key) => key.replace(/\w{43}(?=\w{6}$)/, 'x'.repeat(43))],
    ['megabytes', (key) => key.repeat(100_000)],
  ])('%s', (_, broken) => {
    expect(parseApiKey(broken(VALID.presentedKey))).toBeUndefined();
    expect(parseApiKey(VALID.presentedKey)).toBeDefined();
  });

  it('any key of which one character is another one', () => {
    fc.assert(
      fc.property(
        mintedKeys,
        positions,
        fc.string({ minLength: 1, maxLength: 1 }),
        (key, at, other) => {
          fc.pre(key[at] !== other);
          expect(parseApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBeUndefined();
        },
      ),
    );
  });

  it('any key of which two characters changed places', () => {
    fc.assert(
      fc.property(mintedKeys, positions, positions, (key, one, two) => {
        fc.pre(key[one] !== key[two]);
        const characters = Array.from(key);
        [characters[one], characters[two]] = [key[two] ?? '', key[one] ?? ''];
        expect(parseApiKey(characters.join(''))).toBeUndefined();
      }),
    );
  });

  it('to mint a secret for what is no key id', () => {
    expect(() => mintSecret('../../etc/passwd')).toThrow(TypeError);
  });
});

describe('a minted key', () => {
  it('parses, has the form, and is found in a text', () => {
    fc.assert(
      fc.property(mintedKeys, fc.string(), fc.string(), (key, before, after) => {
        expect(parseApiKey(key)?.id).toBe(key.slice(3, 19));
        expect(key).toMatch(API_KEY_PATTERN);
        expect(`${before}${key}${after}`.match(API_KEY_IN_TEXT)).toEqual([key]);
      }),
    );
  });

  it('is kept as SHA-256 of its 43 characters of secret', () => {
    const secret = VALID.presentedKey.slice(20, 63);
    expect(VALID.secretHash).toEqual(createHash('sha256').update(secret).digest());
  });

  it('is never minted twice, and uses every digit', () => {
    const keys = Array.from({ length: 500 }, () => mintApiKey());
    expect(new Set(keys.map(({ id }) => id)).size).toBe(keys.length);
    expect(new Set(keys.map(({ secretHash }) => secretHash.toString('hex'))).size).toBe(
      keys.length,
    );
    expect(new Set(keys.map(({ id }) => id).join('')).size).toBe(62);
  });

  it('gives each of its secrets a revocation id of its own', () => {
    const rotated = mintSecret(VALID.id);
    expect(secretRevocationId(rotated)).not.toBe(secretRevocationId(VALID));
    const ids = [VALID.id, secretRevocationId(rotated), rotationNoticeId(VALID.id)];
    expect(new Set(ids).size).toBe(3);
    expect(ids.map(keyIdOfRevocation)).toEqual([VALID.id, VALID.id, VALID.id]);
  });
});
