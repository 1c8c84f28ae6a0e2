import { FakeCa } from '@sallyport/testing';
import { channelOptions } from './channel-options';

const AGE = 'grpc.max_connection_age_ms';

describe('the greatest age of a connection', () => {
  it.each([
    ['ten minutes, of a leaf that lives an hour', 3600, 600],
    ['a quarter of what is left of a leaf, without what it is dated back', 60, 15],
    ['five seconds, of a leaf that is about to end', 2, 5],
  ])('is %s', async (_case, seconds, age) => {
    const ca = await FakeCa.create();
    const source = await ca.source('gateway');
    const { notAfter } = source.current().svid;
    const clock = (): Date => new Date(notAfter.getTime() - seconds * 1000);
    expect(channelOptions({ source, clock })[AGE]).toBe(age * 1000);
    expect(channelOptions({ source, clock, maxConnectionAgeMs: 150 })[AGE]).toBe(150);
  });
});
