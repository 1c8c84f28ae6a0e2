import { Metadata } from '@grpc/grpc-js';
import { retryAfterOf, retryAfterTrailer } from './retry-after-trailer';

function trailers(...values: readonly string[]): Metadata {
  const metadata = new Metadata();
  for (const value of values) metadata.add('retry-after-seconds', value);
  return metadata;
}

describe('the seconds to wait, in a trailer', () => {
  it.each([
    ['nothing', trailers()],
    ['two', trailers('1', '2')],
    ['words', trailers('soon')],
    ['a fraction', trailers('1.5')],
    ['a negative number', trailers('-1')],
    ['zero', trailers('0')],
    ['more than a day', trailers('86401')],
    ['a header of its own', trailers('1, x')],
  ])('are not read from %s', (_name, given) => {
    expect(retryAfterOf(given)).toBeUndefined();
  });

  it('are none where nobody knows', () => {
    expect(retryAfterTrailer(undefined)).toBeUndefined();
    expect(retryAfterOf(undefined)).toBeUndefined();
  });

  it.each([
    [0.2, 1],
    [1, 1],
    [7.001, 8],
    [86_400, 86_400],
    [1e9, 86_400],
  ])('arrive: %d as %d', (seconds, arrived) => {
    expect(retryAfterOf(retryAfterTrailer(seconds))).toBe(arrived);
  });
});
