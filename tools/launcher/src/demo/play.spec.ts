import { paintFor } from '../cli/paint';
import { play } from './play';
import type { Chapter, Expectation } from './step';

const kept = { sent: 'GET /', expected: '200', got: '200' };
const broken = { sent: 'GET /', expected: '401 refused', got: '200' };

describe('play', () => {
  const playAll = async (
    outcomes: readonly (Expectation | Error)[],
    signal = new AbortController().signal,
  ) => {
    const lines: string[] = [];
    const left = [...outcomes];
    const run = (): Promise<Expectation> => {
      const outcome = left.shift();
      return outcome === undefined || outcome instanceof Error
        ? Promise.reject(outcome ?? new Error('no such step'))
        : Promise.resolve(outcome);
    };
    const steps = outcomes.map((_, index) => ({ title: `step ${index + 1}`, run }));
    const chapters: readonly Chapter[] = [{ title: 'Chapter', steps }];
    const audience = {
      print: (line: string) => lines.push(line),
      paint: paintFor({}, undefined),
      signal,
    };
    return { played: await play(chapters, run, audience), lines };
  };

  it('stops at the first step that is not as promised, and tells both sides', async () => {
    const { played, lines } = await playAll([kept, broken, kept]);

    expect(played).toBeUndefined();
    expect(lines).toEqual([
      '',
      'Chapter',
      '  ✓ step 1: GET / → 200',
      '  ✗ step 2',
      '    sent      GET /',
      '    expected  401 refused',
      '    got       200',
    ]);
  });

  it('takes a step that fails for one that is not as promised', async () => {
    const { played, lines } = await playAll([new Error('no answer\nat all'), kept]);

    expect(played).toBeUndefined();
    expect(lines.at(-1)).toBe('    got       no answer');
  });

  it('ends when it is interrupted', async () => {
    await expect(playAll([kept], AbortSignal.abort())).rejects.toMatchObject({
      code: 'interrupted',
    });
  });

  it('counts the steps that were as promised', async () => {
    const { played } = await playAll([kept, kept]);

    expect(played).toBe(2);
  });
});
