import { parseExpectedHeads, UsageError } from './expected-heads';

const hash = 'a'.repeat(64);

describe('parseExpectedHeads', () => {
  it.each([
    '--expect',
    '--expected gateway:1:x',
    'gateway',
    '--expect gateway',
    `--expect gateway:${hash}`,
    `--expect console:1:${hash}`,
    `--expect constructor:1:${hash}`,
    `--expect gateway:x:${hash}`,
    `--expect gateway:1:${hash}0`,
    `--expect gateway:1:${hash} --expect gateway:2:${hash}`,
    `--expect gateway:1:${hash} --expect`,
  ])('refuses %s', (line) => {
    expect(() => parseExpectedHeads(line.split(' '))).toThrow(UsageError);
  });

  it('takes a head for each service', () => {
    expect(parseExpectedHeads([])).toEqual(new Map());
    const words = `--expect gateway:1:${hash} --expect auth-service:20:${hash}`.split(' ');
    expect(parseExpectedHeads(words)).toEqual(
      new Map([
        ['gateway', { seq: 1, hash: Buffer.from(hash, 'hex') }],
        ['auth-service', { seq: 20, hash: Buffer.from(hash, 'hex') }],
      ]),
    );
  });
});
