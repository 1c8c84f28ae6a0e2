/** All times are milliseconds by the monotonic clock of the process that makes the load. */

/** One thing a client did, and what came of it. */
export interface Request {
  readonly operation: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** 0 when no answer came. */
  readonly status: number;
  /** Of a refusal. */
  readonly code: string | undefined;
}

/** An order that was answered with a success. */
export interface AcknowledgedOrder {
  readonly at: number;
  readonly owner: string;
  readonly key: string;
  readonly orderId: string;
  readonly status: string;
}

/** A cancellation that was asked for, whether or not it was answered. */
export interface AskedCancellation {
  readonly at: number;
  readonly orderId: string;
  readonly acknowledged: boolean;
}

/** A credential whose revocation was acknowledged. */
export interface AcknowledgedRevocation {
  readonly credential: string;
  /** How it was revoked, in words. */
  readonly by: string;
  /** When the answer was there. */
  readonly at: number;
}

/** A revoked credential that was presented all the same. */
export interface Presentation {
  readonly credential: string;
  readonly sentAt: number;
  readonly isAccepted: boolean;
}

/** A request that must never succeed. */
export interface Probe {
  readonly name: string;
  readonly sentAt: number;
  readonly status: number;
}

/** A refresh cookie that was presented. */
export interface Refresh {
  readonly session: string;
  /** How many tokens of the session came before it. */
  readonly generation: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** `unknown`: no answer, or one that does not say whether the token was exchanged. */
  readonly outcome: 'exchanged' | 'refused' | 'unknown';
  /** Of a refusal. */
  readonly code?: string | undefined;
}

/** What clients saw. */
export class History {
  readonly requests: Request[] = [];
  readonly orders: AcknowledgedOrder[] = [];
  readonly cancellations: AskedCancellation[] = [];
  readonly revocations: AcknowledgedRevocation[] = [];
  readonly presentations: Presentation[] = [];
  readonly probes: Probe[] = [];
  readonly refreshes: Refresh[] = [];
}
