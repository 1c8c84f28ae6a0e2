import { CompromisedAccounts } from '../account-security/compromised-accounts.service';
import { AccountControlService } from '../operators/account-control.service';
import { UsageError } from './command';
import type { Command } from './command';

interface Described {
  readonly does: string;
  readonly order: (
    accounts: AccountControlService,
    account: string,
    compromised: CompromisedAccounts,
  ) => Promise<string>;
}

const ORDERS: Readonly<Record<string, Described>> = {
  lock: {
    does: 'keeps an account from signing in and its API keys from working, and ends its sessions',
    order: async (accounts, account) => {
      const { id, endedSessions } = await accounts.lock(account, undefined);
      return `locked ${id}, ended ${endedSessions} sessions`;
    },
  },
  unlock: {
    does: 'lets an account sign in again, and its API keys work',
    order: async (accounts, account) =>
      `unlocked ${(await accounts.unlock(account, undefined)).id}`,
  },
  'end-sessions': {
    does: 'ends all sessions and tokens of an account, which may sign in again',
    order: async (accounts, account) => {
      const { id, endedSessions } = await accounts.endSessions(account, undefined);
      return `ended ${endedSessions} sessions of ${id}`;
    },
  },
  'remove-factors': {
    does: 'takes the second factors and recovery codes of an account away, and ends its sessions',
    order: async (accounts, account) => {
      const { id, endedSessions } = await accounts.removeFactors(account, undefined);
      return `removed the second factors of ${id}, ended ${endedSessions} sessions`;
    },
  },
  compromised: {
    does: 'ends all that an account has given out, makes its password unusable, and mails its owner a link for another',
    order: async (_accounts, account, compromised) => {
      const { id, endedSessions } = await compromised.reportByOperator(account, undefined);
      return `secured ${id}, ended ${endedSessions} sessions, sent a link for a new password`;
    },
  },
  delete: {
    does: 'removes an account, and ends its sessions, tokens and API keys',
    order: async (accounts, account) => {
      const { id, endedSessions } = await accounts.delete(account, undefined);
      return `deleted ${id}, ended ${endedSessions} sessions`;
    },
  },
};

const SET_SCOPES = 'set-scopes';

/** RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** `accounts …`: what operators do to accounts, by id or e-mail address. */
export const accountsCommand: Command = {
  usage: [
    ...Object.entries(ORDERS).map(
      ([name, { does }]) => [`accounts ${name} ACCOUNT`, does] as const,
    ),
    [
      `accounts ${SET_SCOPES} ACCOUNT SCOPE…`,
      'gives an account exactly these scopes, keys:manage and audit:read among them for an operator, and ends its sessions',
    ],
  ],

  async run({ app, arguments: [name = '', account = '', ...more], print }) {
    if (name === SET_SCOPES) {
      const scopes = [...new Set(more)];
      if (account === '' || !scopes.every((scope) => SCOPE.test(scope))) throw new UsageError();
      const { id, endedSessions } = await app
        .get(AccountControlService)
        .setScopes(account, scopes, undefined);
      print(`${id} has ${scopes.join(' ') || 'no scope'}, ended ${endedSessions} sessions`);
      return;
    }
    const described = Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined;
    if (described === undefined || account === '' || more.length > 0) throw new UsageError();
    print(
      await described.order(app.get(AccountControlService), account, app.get(CompromisedAccounts)),
    );
  },
};
