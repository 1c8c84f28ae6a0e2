import type { accountSecurityV1 } from '@sallyport/contracts';
import { END, mergeEvents, NEWEST, parsePlaces, type Places } from './merged-events';

/** A log of events, of which each is named by its time. */
const logOf = (...times: readonly number[]) =>
  times.map((time) => ({
    ...{ reason: `r${time}`, title: '', outcome: 'succeeded', from: '', isByOperator: false },
    ...{ at: new Date(time), pageToken: String(time).padStart(30, '0') },
  }));

type Log = ReturnType<typeof logOf>;

/** What a service answers that has this log. */
function page(log: Log, place: string, size: number): accountSecurityV1.ListOwnEventsResponse {
  if (place === END) return { events: [], hasMore: false };
  const rest = place === '' ? log : log.filter((event) => event.pageToken < place);
  return { events: rest.slice(0, size), hasMore: rest.length > size };
}

function readAll(gateway: Log, auth: Log, size: number): readonly string[] {
  const seen: string[] = [];
  let places: Places | undefined = NEWEST;
  while (places !== undefined) {
    const pages = {
      gateway: page(gateway, places.gateway, size),
      'auth-service': page(auth, places['auth-service'], size),
    };
    const { events, nextCursor } = mergeEvents(pages, places, size);
    seen.push(...events.map(({ reason }) => reason));
    places = nextCursor === '' ? undefined : parsePlaces(nextCursor);
  }
  return seen;
}

describe('mergeEvents', () => {
  it.each<readonly [string, Log, Log, number]>([
    ['logs in turn', logOf(9, 7, 5), logOf(8, 6, 4), 2],
    ['one after the other', logOf(9, 8, 7), logOf(3, 2, 1), 2],
    ['an empty one', logOf(), logOf(5, 4, 3), 2],
    ['both empty', logOf(), logOf(), 2],
    ['of one page', logOf(2), logOf(1), 20],
    ['one by one', logOf(5, 3, 2), logOf(4, 1), 1],
  ])('tells each event once, the newest first: %s', (_name, gateway, auth, size) => {
    const all = [...gateway, ...auth].toSorted((one, other) => Number(other.at) - Number(one.at));
    expect(readAll(gateway, auth, size)).toEqual(all.map(({ reason }) => reason));
  });
});

describe('parsePlaces refuses', () => {
  it.each(['', '-', '17', 'abc.def', `${'A'.repeat(31)}.`, '.-.', `.${'A'.repeat(29)}`])(
    '%j',
    (cursor) => {
      expect(parsePlaces(cursor)).toBeUndefined();
    },
  );

  it('nothing it has given', () => {
    expect(parsePlaces(`-.${'A'.repeat(30)}`)).toEqual({
      ...{ gateway: END, 'auth-service': 'A'.repeat(30) },
    });
  });
});
