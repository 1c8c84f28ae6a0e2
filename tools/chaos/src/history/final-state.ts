/** What is there once everything has settled. */
export interface FinalState {
  readonly orders: readonly StoredOrder[];
  readonly charges: readonly StoredCharge[];
  /** What each customer is shown through the API. */
  readonly shown: readonly ShownOrder[];
  readonly audits: readonly Audit[];
}

export interface StoredOrder {
  readonly id: string;
  readonly owner: string;
  readonly key: string;
  readonly status: string;
  readonly amount: number;
  readonly invoiceId: string | null;
}

export interface StoredCharge {
  readonly orderId: string;
  readonly state: string;
  readonly invoiceId: string | null;
  readonly owner: string | null;
  readonly amount: number | null;
}

export interface ShownOrder {
  readonly id: string;
  readonly owner: string;
  readonly status: string;
  readonly paidInvoices: number;
}

/** The security events of one service. */
export interface Audit {
  readonly service: string;
  /** What is wrong with its chain, in words; undefined when it is sound. */
  readonly fault: string | undefined;
  /** Of each event it logged: what identifies it, and when it was logged, on the clock of the history. */
  readonly logged: readonly { readonly id: string; readonly at: number }[];
  /** Of each event in the chain; an id stands as often as the event. */
  readonly stored: readonly string[];
  /** How many events rows of the kind `events_lost` account for. */
  readonly accountedLost: number;
  /** When its process was killed, on the clock of the history. */
  readonly killedAt: readonly number[];
}
