import type { accountSecurityV1 } from '@sallyport/contracts';
import { required } from '../upstream/upstream-response';

/** The services that record events about accounts. */
const EVENT_SOURCES = ['gateway', 'auth-service'] as const;

export type EventSource = (typeof EVENT_SOURCES)[number];

/** Where a page begins in each log: behind an event, at the newest one (empty), or nowhere any more. */
export type Places = Readonly<Record<EventSource, string>>;

export const NEWEST: Places = { gateway: '', 'auth-service': '' };
export const END = '-';

const PLACES = /^(-|[\w-]{30})?\.(-|[\w-]{30})?$/;

/** Undefined for what this list has not given. Whose the places are, each service knows of its own. */
export function parsePlaces(cursor: string): Places | undefined {
  const found = PLACES.exec(cursor);
  return found ? { gateway: found[1] ?? '', 'auth-service': found[2] ?? '' } : undefined;
}

export interface MergedEvents {
  readonly events: readonly accountSecurityV1.OwnEvent[];
  /** Empty at the end. */
  readonly nextCursor: string;
}

/**
 * The newest events of several logs, each of which gave its own newest behind a place: one list, that goes on in each log
 * behind the last event taken from it.
 *
 * @throws UpstreamResponseInvalid when an event has no time
 */
export function mergeEvents(
  pages: Readonly<Record<EventSource, accountSecurityV1.ListOwnEventsResponse>>,
  places: Places,
  size: number,
): MergedEvents {
  const all = EVENT_SOURCES.flatMap((source) =>
    pages[source].events.map((event) => {
      return { source, event, at: required(event.at, 'event.at').getTime() };
    }),
  );
  const taken = all.toSorted((one, other) => other.at - one.at).slice(0, size);
  const next = EVENT_SOURCES.map((source) => {
    const { events, hasMore } = pages[source];
    const own = taken.filter((each) => each.source === source);
    if (own.length === events.length && !hasMore) return END;
    return own.at(-1)?.event.pageToken ?? places[source];
  });
  return {
    events: taken.map(({ event }) => event),
    nextCursor: next.every((place) => place === END) ? '' : next.join('.'),
  };
}
