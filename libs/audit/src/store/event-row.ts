import { redactText, type SecurityEvent } from '@sallyport/observability';
import type { ChainedEvent } from '../chain/canonical-event';

/** An event that has no place in the chain yet. */
export type UnchainedEvent = Omit<ChainedEvent, 'seq'>;

/** The longest text of a column, in characters; what is longer is cut off. */
const LONGEST_TEXT = 512;

/** A recorded event as its row will have it. Every text goes through the same redaction as the log. */
export function rowOf(event: SecurityEvent, recordedAt: Date): UnchainedEvent {
  return {
    recorded_at: recordedAt,
    type: event.type,
    outcome: event.outcome,
    reason: storable(event.reason),
    correlation_id: storableOrNull(event.correlationId),
    caller: storableOrNull(event.caller),
    principal: storableOrNull(event.principal),
    session: storableOrNull(event.session),
    api_key_id: storableOrNull(event.apiKeyId),
    target: storableOrNull(event.target),
    client_address: storableOrNull(event.clientAddress),
    client_port: event.clientPort ?? null,
    lost_events: null,
    certificate: storableOrNull(event.certificate),
  };
}

/** The row that stands where events are missing because nobody could keep them; the log has them. */
export function rowOfLostEvents(count: number, since: Date): UnchainedEvent {
  const event = { type: 'audit', outcome: 'refused', reason: 'events_lost' } as const;
  return { ...rowOf(event, since), lost_events: count };
}

/** The first row of every chain. @param follows the head of an archived chain before it */
export function rowOfChainStart(follows: string | null, now: Date): UnchainedEvent {
  const event = { type: 'audit', outcome: 'succeeded', reason: 'chain_started' } as const;
  return { ...rowOf(event, now), target: follows };
}

function storableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storable(text);
}

function storable(text: string): string {
  // PostgreSQL has no text with a zero in it.
  return redactText(text).slice(0, LONGEST_TEXT).replaceAll('\0', '\uFFFD');
}
