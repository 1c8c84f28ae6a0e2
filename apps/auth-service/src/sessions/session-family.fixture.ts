/** What somebody does with a refresh token. */
export type Act = 'refresh' | 'logout';

export type Outcome = 'exchanged' | 'refused' | 'logged out';

/** A family of refresh tokens, without a database. */
export interface Family {
  /** Undefined once it has been exchanged for a successor that only its finder knows. */
  readonly current: string | undefined;
  readonly rotated: readonly string[];
  readonly end: 'logout' | 'refresh_token_replayed' | 'expired' | null;
}

/** The state machine of a family: what presenting one token does, and what it answers. */
export function present(family: Family, act: Act, token: string): readonly [Family, Outcome] {
  const futile = act === 'refresh' ? 'refused' : 'logged out';
  if (family.end !== null) return [family, futile];
  if (family.rotated.includes(token)) return [{ ...family, end: 'refresh_token_replayed' }, futile];
  if (family.current !== token) return [family, futile];
  if (act === 'logout') return [{ ...family, end: 'logout' }, 'logged out'];
  return [{ ...family, current: undefined, rotated: [...family.rotated, token] }, 'exchanged'];
}

/** What presenting tokens one after the other does to a family, and what it answers to each. */
export function presentAll(
  family: Family,
  presented: readonly { readonly act: Act; readonly token: string }[],
): { readonly end: Family['end']; readonly outcomes: readonly Outcome[] } {
  const outcomes: Outcome[] = [];
  let state = family;
  for (const { act, token } of presented) {
    const [next, outcome] = present(state, act, token);
    state = next;
    outcomes.push(outcome);
  }
  return { end: state.end, outcomes };
}

/** Every order in which these can happen. */
export function* ordersOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries()) {
    for (const rest of ordersOf(items.toSpliced(index, 1))) yield [item, ...rest];
  }
}
