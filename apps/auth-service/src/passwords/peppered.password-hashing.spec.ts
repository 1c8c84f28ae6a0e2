import { randomBytes } from 'node:crypto';
import { createLogger } from '@sallyport/observability';
import { KeyRing } from '../signing-keys/key-ring';
import { Argon2PasswordHashing } from './argon2.password-hashing';
import { HASHING_CAPACITY } from './argon2-parameters';
import { BoundedWork } from './bounded-work';
import { parsePresentedPassword } from './password';
import { PepperedPasswordHashing } from './peppered.password-hashing';

const password = parsePresentedPassword('correct horse battery staple');
const other = parsePresentedPassword('correct horse battery stable');
const [oldPepper, newPepper] = [randomBytes(32), randomBytes(32)];

function hashingWith(...peppers: readonly Buffer[]) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logger = createLogger({ service: 'test', level: 'info', destination });
  const slow = new Argon2PasswordHashing(new BoundedWork(HASHING_CAPACITY));
  const ring = peppers.length === 0 ? undefined : new KeyRing(peppers);
  return { hashing: new PepperedPasswordHashing(slow, ring, logger), slow, lines };
}

const plain = hashingWith();
const old = hashingWith(oldPepper);
const rotated = hashingWith(newPepper, oldPepper);

describe('PepperedPasswordHashing', () => {
  it('does not match another password, or a hash of which it has not the pepper', async () => {
    const stored = await old.hashing.hash(password);
    expect(await old.hashing.verify(other, stored)).toBe(false);
    for (const { hashing, lines } of [plain, hashingWith(newPepper)]) {
      expect(await hashing.verify(password, stored)).toBe(false);
      expect(lines.join('')).toContain('password_pepper_missing');
    }
    expect(await old.hashing.verify(password, stored)).toBe(true);
  });

  it('leaves nothing that the slow function alone could be tried on', async () => {
    const stored = await old.hashing.hash(password);
    expect(await old.slow.verify(password, stored.slice(stored.indexOf('$')))).toBe(false);
  });

  it.each([
    ['no', plain],
    ['a', old],
    ['a new', rotated],
  ])('has an unmatchable hash of today with %s pepper', async (_name, { hashing }) => {
    expect(hashing.isCurrent(hashing.unmatchable)).toBe(true);
    expect(await hashing.verify(password, hashing.unmatchable)).toBe(false);
  });

  it('still matches, and tells, a hash of before there was a pepper, and one of the pepper before', async () => {
    for (const before of [plain, old]) {
      const stored = await before.hashing.hash(password);
      expect(before.hashing.isCurrent(stored)).toBe(true);
      expect(rotated.hashing.isCurrent(stored)).toBe(false);
      expect(await rotated.hashing.verify(password, stored)).toBe(true);
    }
  });

  it('names the pepper by an id that says nothing of it, and hashes as before without one', async () => {
    const { first } = new KeyRing([newPepper]);
    expect(await rotated.hashing.hash(password)).toMatch(
      new RegExp(`^hmac-sha256:${first.id}\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$`),
    );
    expect(await plain.hashing.hash(password)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});
