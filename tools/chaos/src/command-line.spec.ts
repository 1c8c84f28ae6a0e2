import { parseCommandLine, UsageError } from './command-line';
import { nothing } from './faults/fault';

const faults = ['redis-kill', 'redis-pause', 'billing-slow'].map((name) => ({
  name,
  what: '',
  seconds: 0,
  begin: nothing,
  end: nothing,
}));
const parse = (...words: string[]) => {
  const { list, seed, faults: chosen } = parseCommandLine(words, { faults, newSeed: () => 7 });
  return { list, seed, names: chosen.map(({ name }) => name) };
};

describe('the command line', () => {
  it.each([
    ['a fault there is none of', ['--only', 'flood']],
    ['a pattern that fits none', ['--only', 'mysql-*']],
    ['a seed that is no number', ['--seed', 'x']],
    ['another option', ['--fast']],
    ['a word', ['redis-kill']],
  ])('refuses %s', (_case, words) => {
    expect(() => parse(...words)).toThrow(UsageError);
  });

  it('asks for everything, for some, or for a list', () => {
    expect(parse()).toMatchObject({ list: false, seed: 7 });
    expect(parse().names).toHaveLength(3);
    expect(parse('--only', 'redis-*', '--seed', '42')).toEqual({
      list: false,
      seed: 42,
      names: ['redis-kill', 'redis-pause'],
    });
    expect(parse('--only', 'billing-slow,redis-kill').names).toEqual([
      'redis-kill',
      'billing-slow',
    ]);
    expect(parse('--list').list).toBe(true);
  });
});
