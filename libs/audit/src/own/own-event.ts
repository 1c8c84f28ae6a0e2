import { addressBlock } from '@sallyport/client-address';
import type { StoredSecurityEvent } from '../store/security-event-log';
import type { OwnEventWords } from './own-event-words';

/** A security event as the owner of the account sees it: no id of anybody, not even of an operator. */
export interface OwnEvent {
  /** Stable reason id. */
  readonly reason: string;
  /** The same in words. */
  readonly title: string;
  readonly outcome: 'refused' | 'succeeded';
  readonly at: Date;
  /**
   * Where the owner came from; of what anybody may have caused only the block of addresses; undefined for what an operator
   * did, and where it was not recorded.
   */
  readonly from: string | undefined;
  readonly isByOperator: boolean;
  /** Which page goes on after this event; works for this account alone. */
  readonly pageToken: string;
}

/** The place of an event, by which a page goes on after it. */
export interface OwnEventPlace {
  readonly seq: number;
  /** The first bytes of its hash: who was not shown the event cannot name its place. */
  readonly mark: Buffer;
}

const MARK_BYTES = 16;
const SEQ_BYTES = 6;
const TOKEN = /^[\w-]{30}$/;

export function toOwnEvent(
  { seq, hash, recorded_at: at, client_address: address }: StoredSecurityEvent,
  { reason, title, outcome, causedBy }: OwnEventWords,
): OwnEvent {
  const from = { owner: address, anybody: address && addressBlock(address), operator: undefined };
  return {
    reason,
    title,
    outcome,
    at,
    from: from[causedBy] ?? undefined,
    isByOperator: causedBy === 'operator',
    pageToken: encodePlace({ seq, mark: hash.subarray(0, MARK_BYTES) }),
  };
}

function encodePlace({ seq, mark }: OwnEventPlace): string {
  const place = Buffer.alloc(SEQ_BYTES);
  place.writeUIntBE(seq, 0, SEQ_BYTES);
  return Buffer.concat([place, mark]).toString('base64url');
}

/** Undefined for what is no page token. Whether there is such an event, and whose it is, is for the query to decide. */
export function parsePlace(presentedToken: string): OwnEventPlace | undefined {
  if (!TOKEN.test(presentedToken)) return undefined;
  const bytes = Buffer.from(presentedToken, 'base64url');
  if (bytes.toString('base64url') !== presentedToken) return undefined;
  return { seq: bytes.readUIntBE(0, SEQ_BYTES), mark: bytes.subarray(SEQ_BYTES) };
}
