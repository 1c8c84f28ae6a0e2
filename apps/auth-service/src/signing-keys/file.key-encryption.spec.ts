import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeyEncryption } from '../config/key-encryption-key.file';
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

  describe('with a ring of keys', () => {
    const other = randomBytes(32);

    it.each<[string, readonly Buffer[]]>([
      ['no key', []],
      ['a short key', [key, randomBytes(31)]],
      ['a key twice', [key, other, Buffer.from(key)]],
    ])('takes no ring of %s', (_name, keys) => {
      expect(() => new FileKeyEncryption(keys)).toThrow(TypeError);
    });

    it('seals under the first and opens under each', async () => {
      const ring = new FileKeyEncryption([other, key]);
      const { keyId } = await ring.seal(secret, context);
      expect(keyId).toBe(await ring.currentKeyId());
      expect(keyId).toBe(await new FileKeyEncryption(other).currentKeyId());
      for (const single of [key, other]) {
        const sealed = await new FileKeyEncryption(single).seal(secret, context);
        expect(await ring.open(sealed, context)).toEqual(secret);
      }
    });
  });

  describe('from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'key-encryption-'));
    const path = join(folder, 'key');
    const line = key.toString('base64');
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    describe.each<[string, string]>([
      ['an empty file', ''],
      ['31 bytes', randomBytes(31).toString('base64')],
      ['33 bytes', randomBytes(33).toString('base64')],
      ['hexadecimal', key.toString('hex')],
      ['base64url', Buffer.alloc(32, 0xff).toString('base64url')],
      ['raw bytes', key.toString('latin1')],
      ['base64 with something behind it', `${line} # comment`],
      ['a second line that is no key', `${line}\nsomething`],
      ['a line that is left empty', `${line}\n\n${randomBytes(32).toString('base64')}`],
      ['a key twice', `${line}\n${randomBytes(32).toString('base64')}\n${line}`],
    ])('of %s', (_name, content) => {
      it('takes no key, and quotes nothing', () => {
        writeFileSync(path, content);
        const secretive = {
          code: 'seal_broken',
          message: expect.not.stringContaining(line) as string,
        };
        expect(() => FileKeyEncryption.fromFile(path)).toThrow(expect.objectContaining(secretive));
        expect(() => readKeyEncryption(path)).toThrow(
          'KEY_ENCRYPTION_KEY_FILE: expected one or more lines of 32 bytes in base64, each once',
        );
      });

      it('seals and opens nothing until it is a key file again', async () => {
        writeFileSync(path, line);
        const fromFile = FileKeyEncryption.fromFile(path);
        const sealed = await fromFile.seal(secret, context);
        writeFileSync(path, content);
        const broken = {
          code: 'seal_broken',
          message: expect.not.stringContaining(line) as string,
        };
        await expect(fromFile.seal(secret, context)).rejects.toMatchObject(broken);
        await expect(fromFile.open(sealed, context)).rejects.toMatchObject(broken);
        await expect(fromFile.currentKeyId()).rejects.toMatchObject(broken);
        writeFileSync(path, line);
        expect(await fromFile.open(sealed, context)).toEqual(secret);
      });
    });

    it('seals and opens nothing while there is no file', async () => {
      writeFileSync(path, line);
      const fromFile = FileKeyEncryption.fromFile(path);
      rmSync(path);
      await expect(fromFile.seal(secret, context)).rejects.toMatchObject({ code: 'seal_broken' });
      expect(() => readKeyEncryption(path)).toThrow('KEY_ENCRYPTION_KEY_FILE: expected');
      writeFileSync(path, line);
      await expect(fromFile.seal(secret, context)).resolves.toBeDefined();
    });

    it('takes 32 bytes in base64', async () => {
      writeFileSync(path, `${line}\n`);
      const sealed = await encryption.seal(secret, context);
      expect(await readKeyEncryption(path).open(sealed, context)).toEqual(secret);
    });

    it('follows a file that is replaced', async () => {
      writeFileSync(path, `${line}\n`);
      const fromFile = readKeyEncryption(path);
      const sealed = await fromFile.seal(secret, context);
      const next = randomBytes(32);
      writeFileSync(path, `${next.toString('base64')}\r\n${line}\r\n`);
      expect(await fromFile.currentKeyId()).toBe(await new FileKeyEncryption(next).currentKeyId());
      expect((await fromFile.seal(secret, context)).keyId).toBe(await fromFile.currentKeyId());
      expect(await fromFile.open(sealed, context)).toEqual(secret);
      writeFileSync(path, next.toString('base64'));
      await expect(fromFile.open(sealed, context)).rejects.toMatchObject({ code: 'seal_broken' });
    });
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
