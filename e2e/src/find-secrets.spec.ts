import { randomBytes } from 'node:crypto';
import { SecretFinder } from './find-secrets';

const secrets = Array.from({ length: 100 }, () => randomBytes(24).toString('base64url'));
const [one = '', other = ''] = secrets;

describe('SecretFinder', () => {
  it.each([
    ['alone', one, one],
    ['in a log line', `{"event":"handled","note":"${one}"}`, one],
    ['at the end', `x=${other}`, other],
    ['between others', `${one.slice(0, -1)}${other}`, other],
    ['that begins like another', `${one.slice(0, 20)}zzzz`, `${one.slice(0, 20)}zzzz`],
  ])('finds one %s', (_where, text, secret) => {
    expect(new SecretFinder([...secrets, `${one.slice(0, 20)}zzzz`]).find(text)).toBe(secret);
  });

  it.each(['', one.slice(0, -1), one.slice(1), '{"event":"handled"}'])(
    'finds none in %j',
    (text) => {
      expect(new SecretFinder(secrets).find(text)).toBeUndefined();
    },
  );

  it('does not look for what is too short to be told from a word', () => {
    expect(() => new SecretFinder(['password'])).toThrow(TypeError);
  });
});
