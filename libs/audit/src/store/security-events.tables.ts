import type { Generated } from 'kysely';

/** A security event with its place in the chain, as its row has it. */
export interface SecurityEventsTable {
  /** From 1 on, without gaps. */
  seq: number;
  /** When it was recorded, to the millisecond; appended a little later. */
  recorded_at: Date;
  type: string;
  outcome: string;
  reason: string;
  correlation_id: string | null;
  caller: string | null;
  principal: string | null;
  session: string | null;
  api_key_id: string | null;
  target: string | null;
  client_address: string | null;
  client_port: number | null;
  /** How many events were not kept, in an `events_lost` row. */
  lost_events: number | null;
  /** Thumbprint of the partner's certificate it is about. */
  certificate: string | null;
  /** Of the row before; of the first row, that of the chain's name. */
  previous_hash: Buffer;
  hash: Buffer;
}

/** The one row that says how far the chain goes. Whoever appends holds its lock. */
export interface SecurityEventChainTable {
  single: Generated<boolean>;
  chain_id: string;
  /** The head of the chain before this one, `<chain id>:<seq>:<hash>`, when that was archived. */
  follows: string | null;
  /** Of the last row; 0 while there is none. */
  seq: number;
  hash: Buffer;
}

export interface AuditTables {
  security_events: SecurityEventsTable;
  security_event_chain: SecurityEventChainTable;
}
