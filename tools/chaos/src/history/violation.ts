export const INVARIANTS = [
  'no order lost',
  'none charged twice',
  'every order settled',
  'revoked is refused within the bound',
  'nothing authorised wrongly',
  'no session broken',
  'audit whole',
  'refusals are clean',
  'recovered in time',
] as const;

export type Invariant = (typeof INVARIANTS)[number];

/** Something that must not be, and is. */
export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
  /** Which order, event or session, where that helps to look it up. */
  readonly subject?: string;
  /** When it came about, as far as that is known; on the clock of the history. */
  readonly at: number | undefined;
}
