import type { SessionEnd } from './session';

/** What somebody does. Tokens and sessions go by the names of the operations that brought them about. */
export type Operation =
  | { readonly act: 'login'; readonly as: string; readonly passwordVersion: number }
  | { readonly act: 'refresh'; readonly as: string; readonly token: string }
  | { readonly act: 'logout' | 'revoke'; readonly token: string }
  | { readonly act: 'endOne' | 'endOthers'; readonly session: string }
  | {
      readonly act: 'changePassword';
      readonly as: string;
      readonly session: string;
      readonly passwordVersion: number;
    }
  | { readonly act: 'endAll' | 'lock' | 'unlock' };

/** `again` is the grace's answer: the successor that was handed out before. */
export type Outcome = 'done' | 'refused' | 'again';

export interface SessionModel {
  readonly tokens: readonly string[];
  readonly end: SessionEnd | null;
  readonly expiresAt: number;
  /** When the current token took the place of the one before; undefined while it is the first. */
  readonly rotatedAt: number | undefined;
}

export interface AccountModel {
  readonly sessions: Readonly<Record<string, SessionModel>>;
  readonly isLocked: boolean;
  readonly passwordVersion: number;
}

interface Surroundings {
  readonly now: number;
  readonly lifetimeMs: number;
  readonly graceMs: number;
}

/** The account's state machine: what one operation, by itself, makes of it, and how it is answered. */
export function perform(
  account: AccountModel,
  operation: Operation,
  { now, lifetimeMs, graceMs }: Surroundings,
): readonly [AccountModel, Outcome] {
  const { sessions, isLocked, passwordVersion } = account;
  const isLive = ({ end, expiresAt }: SessionModel): boolean => end === null && now < expiresAt;
  const set = (id: string, change: Partial<SessionModel>, of = account): AccountModel => {
    const before = of.sessions[id] ?? { tokens: [], end: null, expiresAt: 0, rotatedAt: undefined };
    return { ...of, sessions: { ...of.sessions, [id]: { ...before, ...change } } };
  };
  const end = (reason: SessionEnd, which: (id: string) => boolean, of = account): AccountModel =>
    Object.entries(of.sessions).reduce(
      (all, [id, each]) => (isLive(each) && which(id) ? set(id, { end: reason }, all) : all),
      of,
    );
  const open = (as: string, of: AccountModel): AccountModel =>
    set(as, { tokens: [as], expiresAt: now + lifetimeMs, end: null, rotatedAt: undefined }, of);

  switch (operation.act) {
    case 'login': {
      if (isLocked || operation.passwordVersion !== passwordVersion) return [account, 'refused'];
      return [open(operation.as, account), 'done'];
    }
    case 'refresh':
    case 'logout':
    case 'revoke': {
      const { act, token } = operation;
      const futile = act === 'refresh' ? 'refused' : 'done';
      const known = Object.entries(sessions).find(([, { tokens }]) => tokens.includes(token));
      if (!known || !isLive(known[1])) return [account, futile];
      const [id, { tokens, rotatedAt }] = known;
      if (token === tokens.at(-1)) {
        if (act !== 'refresh') {
          const reason = act === 'logout' ? 'logout' : 'token_revoked';
          return [set(id, { end: reason }), 'done'];
        }
        return [set(id, { tokens: [...tokens, operation.as], rotatedAt: now }), 'done'];
      }
      const inGrace =
        rotatedAt !== undefined && Math.abs(now - rotatedAt) < graceMs && token === tokens.at(-2);
      if (act === 'refresh' && inGrace) return [account, 'again'];
      return [set(id, { end: 'refresh_token_replayed' }), futile];
    }
    case 'endOne': {
      const session = sessions[operation.session];
      if (!session || !isLive(session)) return [account, 'refused'];
      return [set(operation.session, { end: 'ended_by_user' }), 'done'];
    }
    case 'endOthers':
      return [end('ended_by_user', (id) => id !== operation.session), 'done'];
    case 'endAll':
      return [end('ended_by_user', () => true), 'done'];
    case 'changePassword': {
      const session = sessions[operation.session];
      const isOwner = operation.passwordVersion === passwordVersion && !isLocked;
      if (!session || !isLive(session) || !isOwner) return [account, 'refused'];
      const changed = end('password_changed', () => true);
      return [open(operation.as, { ...changed, passwordVersion: passwordVersion + 1 }), 'done'];
    }
    case 'lock':
      return [end('account_locked', () => true, { ...account, isLocked: true }), 'done'];
    case 'unlock':
      return [{ ...account, isLocked: false }, 'done'];
  }
}

/** Every order in which these can happen. */
export function* ordersOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries()) {
    for (const rest of ordersOf(items.toSpliced(index, 1))) yield [item, ...rest];
  }
}
