import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyEncryption } from './file.key-encryption';
import type { SealedSecret } from './key-encryption';

const key = randomBytes(32);
const secret = randomBytes(48);
const context = 'signing-key:one';

describe('FileKeyEncryption', () => {
  const encryption = new FileKeyEncryption(key);

  it.each<[string, (sealed: SealedSecret) => SealedSecret]>([
    ['another key id', (sealed) => ({ ...sealed, keyId: '0000000000000000' })],
    ['another algorithm', (sealed) => ({ ...sealed, algorithm: 'A128GCM' })],
    ['nothing sealed', (sealed) => ({ ...sealed, ciphertext: Buffer.alloc(0) })],
    [
      'a ciphertext cut short',
      (sealed) => ({ ...sealed, ciphertext: sealed.ciphertext.subarray(0, -1) }),
    ],
    ['an altered nonce', (sealed) => ({ ...sealed, ciphertext: flipped(sealed.ciphertext, 0) })],
    ['an altered secret', (sealed) => ({ ...sealed, ciphertext: flipped(sealed.ciphertext, 20) })],
    ['an altered tag', (sealed) => ({ ...sealed, ciphertext: flipped(sealed.ciphertext, -1) })],
  ])('does not open %s', async (_name, alter) => {
    const sealed = alter(await encryption.seal(secret, context));
    await expect(encryption.open(sealed, context)).rejects.toMatchObject({ code: 'seal_broken' });
  });

  it('does not open the secret of another context', async () => {
    const sealed = await encryption.seal(secret, context);
    await expect(encryption.open(sealed, 'signing-key:two')).rejects.toMatchObject({
      code: 'seal_broken',
    });
  });

  it('does not open what another key sealed, whatever its id says', async () => {
    const sealed = await new FileKeyEncryption(randomBytes(32)).seal(secret, context);
    const { keyId } = await encryption.seal(secret, context);
    await expect(encryption.open(sealed, context)).rejects.toMatchObject({ code: 'seal_broken' });
    await expect(encryption.open({ ...sealed, keyId }, context)).rejects.toMatchObject({
      code: 'seal_broken',
    });
  });

  it('opens what it sealed, never the same way twice', async () => {
    const [first, second] = [
      await encryption.seal(secret, context),
      await encryption.seal(secret, context),
    ];
    expect(first.ciphertext.equals(second.ciphertext)).toBe(false);
    expect(first.ciphertext.includes(secret)).toBe(false);
    expect(await new FileKeyEncryption(key).open(first, context)).toEqual(secret);
  });

  describe('from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'key-encryption-'));
    const path = join(folder, 'key');
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it.each([
      ['an empty file', ''],
      ['31 bytes', randomBytes(31).toString('base64')],
      ['33 bytes', randomBytes(33).toString('base64')],
      ['hexadecimal', key.toString('hex')],
      ['raw bytes', key.toString('latin1')],
      ['base64 with something behind it', `${key.toString('base64')} # comment`],
    ])('takes no key from %s', (_name, content) => {
      writeFileSync(path, content);
      expect(FileKeyEncryption.fromFile(path)).toBeUndefined();
    });

    it('takes 32 bytes in base64', async () => {
      writeFileSync(path, `${key.toString('base64')}\n`);
      const sealed = await encryption.seal(secret, context);
      expect(await FileKeyEncryption.fromFile(path)?.open(sealed, context)).toEqual(secret);
    });
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
