/** prepared → active → retired, and tainted from any of them. */
export type SigningKeyState = 'prepared' | 'active' | 'retired' | 'tainted';

/** A signing key as operators see it: without its private half. */
export interface SigningKeyRecord {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly state: SigningKeyState;
  /** Since when it is published. */
  readonly createdAt: Date;
  /** Undefined when it has never signed. */
  readonly activatedAt: Date | undefined;
  readonly retiredAt: Date | undefined;
  /** Until when it is published; undefined unless it is retired. */
  readonly verifiesUntil: Date | undefined;
  readonly taintedAt: Date | undefined;
}
