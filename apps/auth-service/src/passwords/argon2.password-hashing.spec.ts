import { hash } from '@node-rs/argon2';
import { Argon2PasswordHashing } from './argon2.password-hashing';
import { ARGON2_PARAMETERS, HASHING_CAPACITY } from './argon2-parameters';
import { BoundedWork } from './bounded-work';
import { parsePresentedPassword } from './password';

const password = parsePresentedPassword('correct horse battery staple');
const hashing = new Argon2PasswordHashing(new BoundedWork(HASHING_CAPACITY));

describe('Argon2PasswordHashing', () => {
  it.each([
    ['another password', parsePresentedPassword('correct horse battery stable')],
    ['another case', parsePresentedPassword('Correct horse battery staple')],
    ['a longer password', parsePresentedPassword('correct horse battery staple ')],
    ['nothing', parsePresentedPassword('')],
  ])('does not match %s', async (_name, presented) => {
    expect(await hashing.verify(presented, await hashing.hash(password))).toBe(false);
  });

  it('has a hash of today\u2019s parameters that does not match', async () => {
    expect(hashing.isCurrent(hashing.unmatchable)).toBe(true);
    expect(await hashing.verify(password, hashing.unmatchable)).toBe(false);
  });

  it.each([
    ['memory', { memoryCost: 8192 }],
    ['passes', { timeCost: 3 }],
    ['parallelism', { parallelism: 2 }],
    ['output', { outputLen: 24 }],
  ])('tells and still matches a hash of other %s', async (_name, parameters) => {
    const earlier = await hash(password, { ...ARGON2_PARAMETERS, ...parameters });
    expect(hashing.isCurrent(earlier)).toBe(false);
    expect(await hashing.verify(password, earlier)).toBe(true);
  });

  it('matches the password it hashed, under a salt of its own', async () => {
    const [first, second] = await Promise.all([hashing.hash(password), hashing.hash(password)]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(second).not.toBe(first);
    expect(hashing.isCurrent(first)).toBe(true);
    expect(await hashing.verify(password, first)).toBe(true);
  });
});
