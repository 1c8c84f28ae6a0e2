import {
  correlationId,
  newCorrelationId,
  parseCorrelationId,
  runWithCorrelation,
} from './correlation';

describe('correlation', () => {
  it.each([
    undefined,
    '',
    'short',
    'x'.repeat(65),
    'has space in it',
    'line\nend-of-it',
    'semi;colon',
    'ünïcödé-id',
  ])('takes no id over from %j', (presented) => {
    expect(parseCorrelationId(presented)).toBeUndefined();
  });

  it('takes over what it makes itself', () => {
    const id = newCorrelationId();
    expect(parseCorrelationId(id)).toBe(id);
    expect(newCorrelationId()).not.toBe(id);
  });

  it('keeps concurrent requests apart', async () => {
    const seen = await Promise.all(
      ['a', 'b'].map((id) =>
        runWithCorrelation(id, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return correlationId();
        }),
      ),
    );
    expect(seen).toEqual(['a', 'b']);
    expect(correlationId()).toBeUndefined();
  });
});
