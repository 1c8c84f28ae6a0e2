import { REVOCABLE_KINDS, type EpochKind, type RevocableKind, type Revocation } from './revocation';

/**
 * What stands in the feed: a revocation, or the word of a publisher that everything recorded up to `completeAt` stands
 * before it (milliseconds since the epoch by the feed's own clock).
 */
export type FeedEntry = Revocation | { readonly kind: 'heartbeat'; readonly completeAt: number };

const KINDS: ReadonlySet<string> = new Set(REVOCABLE_KINDS);
const ID = /^[\x21-\x7e]{1,255}$/;
const WHOLE = /^(?:0|[1-9][0-9]{0,15})$/;

/** The one field and value of a stream entry: kind, then `<id> <expiresAt> [<issuedBefore>]`, fit to be read by people. */
export type EncodedEntry = readonly [field: string, value: string];

/** @throws TypeError for an id that could not be read back. */
export function encodeEntry(entry: FeedEntry): EncodedEntry {
  if (entry.kind === 'heartbeat') return ['heartbeat', String(entry.completeAt)];
  const { kind, id, expiresAt } = entry;
  if (!ID.test(id)) throw new TypeError('the id of a revocation is visible ASCII, at most 255');
  return [
    kind,
    'issuedBefore' in entry ? `${id} ${expiresAt} ${entry.issuedBefore}` : `${id} ${expiresAt}`,
  ];
}

/** Undefined for what {@link encodeEntry} never writes. */
export function parseEntry(fields: readonly string[]): FeedEntry | undefined {
  const [kind = '', value = '', ...more] = fields;
  if (more.length > 0) return undefined;
  if (kind === 'heartbeat') {
    return WHOLE.test(value) ? { kind, completeAt: Number(value) } : undefined;
  }
  if (!isRevocableKind(kind)) return undefined;
  const [part = '', expiresAt = '', issuedBefore, ...rest] = value.split(' ');
  if (rest.length > 0 || !ID.test(part) || !WHOLE.test(expiresAt)) return undefined;
  const id = copyOf(part);
  if (!isEpochKind(kind)) {
    return issuedBefore === undefined ? { kind, id, expiresAt: Number(expiresAt) } : undefined;
  }
  if (issuedBefore === undefined || !WHOLE.test(issuedBefore)) return undefined;
  return { kind, id, expiresAt: Number(expiresAt), issuedBefore: Number(issuedBefore) };
}

function isRevocableKind(kind: string): kind is RevocableKind {
  return KINDS.has(kind);
}

function isEpochKind(kind: RevocableKind): kind is EpochKind {
  return kind === 'subject' || kind === 'client';
}

/** A string of its own: a part of another keeps all of that in memory, for as long as it is remembered. */
function copyOf(part: string): string {
  return Buffer.from(part, 'latin1').toString('latin1');
}
