import { randomBytes } from 'node:crypto';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import { SealBroken } from '../signing-keys/key-encryption';
import { DpopNonces } from './dpop-nonces';

const noncesOf = (...keys: Buffer[]) => new DpopNonces(new FileKeyEncryption(keys), 'optional');

describe('the secret behind the nonces', () => {
  const key = randomBytes(32);
  const other = randomBytes(32);

  it('is 32 bytes, alike wherever the same key seals', async () => {
    const secret = await noncesOf(key).secret();
    expect(secret).toHaveLength(32);
    expect(await noncesOf(key, other).secret()).toEqual(secret);
    expect(await noncesOf(other, key).secret()).not.toEqual(secret);
  });

  it('is not the key, nor what the key gives for another purpose', async () => {
    const secret = await noncesOf(key).secret();
    expect(secret.equals(key)).toBe(false);
    expect(secret.equals(await new FileKeyEncryption(key).derive('another'))).toBe(false);
  });

  it('fails without a key, and is kept while there is none for a moment', async () => {
    const derive = jest.fn().mockRejectedValue(new SealBroken('no key'));
    const nonces = new DpopNonces({ derive }, 'required');
    await expect(nonces.secret()).rejects.toMatchObject({ code: 'seal_broken' });
    derive.mockResolvedValueOnce(key);
    expect(await nonces.secret()).toBe(key);
    const later = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 61_000);
    expect(await nonces.secret()).toBe(key);
    expect(derive).toHaveBeenCalledTimes(3);
    later.mockRestore();
  });

  it('is derived once for many requests', async () => {
    const derive = jest.fn().mockResolvedValue(key);
    const nonces = new DpopNonces({ derive }, 'optional');
    for (let time = 0; time < 5; time += 1) await nonces.secret();
    expect(derive).toHaveBeenCalledTimes(1);
  });
});
