import { types } from 'node:util';
import { hashOf, type ChainHead } from '../chain/chain-hash';
import type { SecurityEventsTable } from './security-events.tables';

/** What is wrong with a chain, and from which row on. */
export interface ChainFault {
  /**
   * `altered`: the row is not what was appended there. `missing`: no row is there, or what stood there was taken out and the
   * rest moved up. `inserted`: a row that was never appended. `head_mismatch`: the rows are sound, but the chain does not
   * end, or a remembered head does not stand, where it should.
   */
  readonly kind: 'altered' | 'missing' | 'inserted' | 'head_mismatch';
  /** Of the row; null when one was put in whose place cannot be told. */
  readonly seq: number | null;
}

/** A row as it is found: the owner of the table can let rows in that have no place. */
export type FoundRow = Omit<SecurityEventsTable, 'seq'> & { readonly seq: number | null };

interface Place {
  /** The row before, which is sound. */
  readonly last: ChainHead;
  readonly beforeLast: ChainHead | undefined;
  /** Of the last row, as the head has it. */
  readonly end: number;
}

/**
 * What is wrong with the row that follows a sound one; undefined when nothing is. That something is, is certain; which kind
 * it is, is the simplest thing that explains it.
 */
export function diagnose(row: SecurityEventsTable, place: Place): ChainFault | undefined {
  const { last, beforeLast, end } = place;
  if (row.seq <= last.seq || row.seq > end) return { kind: 'inserted', seq: row.seq };
  if (row.seq > last.seq + 1) return { kind: 'missing', seq: last.seq + 1 };
  if (!isHashable(row)) return { kind: 'altered', seq: row.seq };
  const continues = row.previous_hash.equals(last.hash);
  const agrees = row.hash.equals(hashOf(last.hash, row));
  if (continues && agrees) return undefined;
  if (continues || agrees) return { kind: 'altered', seq: row.seq };
  // From here on, the row was chained to another one than that before it.
  if (row.hash.equals(last.hash)) return { kind: 'inserted', seq: row.seq };
  if (beforeLast && row.previous_hash.equals(beforeLast.hash)) {
    return { kind: 'inserted', seq: last.seq };
  }
  if (row.hash.equals(hashOf(row.previous_hash, row))) {
    return { kind: 'altered', seq: Math.max(last.seq, 1) };
  }
  const movedUp = { ...row, seq: row.seq + 1 };
  const isMovedUp = row.hash.equals(hashOf(row.previous_hash, movedUp));
  return { kind: isMovedUp ? 'missing' : 'altered', seq: row.seq };
}

/** Whether the row has what every appended one has; the owner of the table can let NULL and `infinity` in. */
function isHashable(row: { readonly [Column in keyof SecurityEventsTable]: unknown }): boolean {
  const { recorded_at: recordedAt, previous_hash: before, hash } = row;
  return types.isDate(recordedAt) && Buffer.isBuffer(before) && Buffer.isBuffer(hash);
}
