import type { SecurityEventsTable } from '../store/security-events.tables';

/** What is hashed of an event: all of its row but the hashes. */
export type ChainedEvent = Readonly<Omit<SecurityEventsTable, 'previous_hash' | 'hash'>>;

/**
 * The columns in the order in which they are hashed. A later column goes to the end: of the rows before it there is
 * nothing to hash, so that they keep their hashes.
 */
const HASHED_COLUMNS = [
  'seq',
  'recorded_at',
  'type',
  'outcome',
  'reason',
  'correlation_id',
  'caller',
  'principal',
  'session',
  'api_key_id',
  'target',
  'client_address',
  'client_port',
  'lost_events',
  'certificate',
] as const satisfies readonly (keyof ChainedEvent)[];

/** A column that is not listed would not be protected: this does not compile unless all are. */
type Unlisted = Exclude<keyof ChainedEvent, (typeof HASHED_COLUMNS)[number]>;
const COLUMNS: readonly (keyof ChainedEvent)[] = HASHED_COLUMNS satisfies [Unlisted] extends [never]
  ? unknown
  : never;

/**
 * The canonical form of an event, in UTF-8: for each column that is not null its name and its value, each as a netstring
 * (`<bytes>:<text>,`). Two different events never have the same form. Numbers are decimal, times ISO 8601 in UTC with
 * three digits of milliseconds. docs/audit.md has the same in SQL.
 */
export function canonicalForm(event: ChainedEvent): Buffer {
  const parts: string[] = [];
  for (const column of COLUMNS) {
    const value = event[column];
    if (value !== null) parts.push(netstring(column), netstring(textOf(value)));
  }
  return Buffer.from(parts.join(''), 'utf8');
}

function netstring(text: string): string {
  return `${Buffer.byteLength(text, 'utf8')}:${text},`;
}

function textOf(value: string | number | Date): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
