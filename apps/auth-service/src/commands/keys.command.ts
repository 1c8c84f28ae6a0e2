import { TotpResealing } from '../mfa/totp-resealing';
import { KeyTaintingService } from '../operators/key-tainting.service';
import type { SigningKeyRecord } from '../signing-keys/signing-key-record';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import { PhoneResealing } from '../sms/phone-resealing';
import { UsageError } from './command';
import type { Command, CommandContext } from './command';
import { table } from './table';

type Order = (keys: SigningKeysService, context: CommandContext, kid: string) => Promise<void>;

interface Described {
  readonly takesKid: boolean;
  readonly does: string;
  readonly order: Order;
}

const IMMEDIATELY = '--immediately';

const ORDERS: Readonly<Record<string, Described>> = {
  list: {
    takesKid: false,
    does: 'shows every signing key and where it stands',
    order: async (keys, { print }) => {
      const header = ['kid', 'state', 'published', 'signs since', 'signed until', 'verifies until'];
      const rows = (await keys.list()).map(rowOf);
      for (const line of table([header, ...rows])) print(line);
    },
  },
  prepare: {
    takesKid: false,
    does: 'makes and publishes a key that does not sign yet',
    order: async (keys, { print }) => {
      print(`prepared ${(await keys.prepare()).kid}`);
    },
  },
  activate: {
    takesKid: false,
    does: `lets the prepared key sign and retires the one that did; ${IMMEDIATELY}: though verifiers may not know it`,
    order: async (keys, { print, arguments: [, option] }) => {
      const { kid } = await keys.activate({ immediately: option === IMMEDIATELY });
      print(`${kid} signs from now on`);
    },
  },
  retire: {
    takesKid: true,
    does: 'withdraws a prepared key that is not to be used',
    order: async (keys, { print }, kid) => {
      await keys.retire(kid);
      print(`retired ${kid}`);
    },
  },
  taint: {
    takesKid: true,
    does: 'withdraws a leaked key at once, with every session it has signed for',
    order: async (_keys, { app, print }, kid) => {
      const { active, endedSessions } = await app.get(KeyTaintingService).taint(kid);
      print(`tainted ${kid}, ended ${endedSessions} sessions; ${active.kid} signs`);
    },
  },
  reseal: {
    takesKid: false,
    does: 'seals the private keys and TOTP secrets again under the first key of KEY_ENCRYPTION_KEY_FILE',
    order: async (keys, { app, print }) => {
      print(`sealed ${await keys.reseal()} private keys again`);
      const secrets = await app.get(TotpResealing, { strict: false }).reseal();
      print(`sealed ${secrets} TOTP secrets again`);
      const numbers = await app.get(PhoneResealing, { strict: false }).reseal();
      print(`sealed ${numbers} phone numbers again`);
    },
  },
};

/** `keys …`: the life of the signing keys. */
export const keysCommand: Command = {
  usage: Object.entries(ORDERS).map(([name, { takesKid, does }]) => [
    `keys ${name}${takesKid ? ' KID' : ''}${name === 'activate' ? ` [${IMMEDIATELY}]` : ''}`,
    does,
  ]),

  async run(context) {
    const [name = '', argument = '', ...more] = context.arguments;
    const described = Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined;
    const isOption = name === 'activate' && argument === IMMEDIATELY;
    const takesWhatIsGiven =
      described?.takesKid === true || isOption ? argument !== '' : argument === '';
    if (described === undefined || !takesWhatIsGiven || more.length > 0) throw new UsageError();
    await described.order(context.app.get(SigningKeysService), context, argument);
  },
};

function rowOf(key: SigningKeyRecord): readonly string[] {
  const signedUntil = key.taintedAt ?? key.retiredAt;
  const moments = [key.createdAt, key.activatedAt, signedUntil, key.verifiesUntil];
  return [key.kid, key.state, ...moments.map((moment) => moment?.toISOString() ?? '-')];
}
