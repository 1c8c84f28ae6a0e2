import { readFileSync } from 'node:fs';
import type { INestApplicationContext } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { isCertificateThumbprint } from '@sallyport/tokens';
import { PartnerCertificatesService } from '../partners/partner-certificates.service';
import { PartnerRegistryService } from '../partners/partner-registry.service';
import type { RegisteredPartner } from '../partners/partner-registry.service';
import { UsageError } from './command';
import type { Command, CommandContext } from './command';
import { table } from './table';

interface Described {
  /** What it takes, by name. */
  readonly takes: readonly string[];
  readonly does: string;
  readonly order: (partners: Services, ...words: string[]) => Promise<string | readonly string[]>;
}

interface Services {
  readonly registry: PartnerRegistryService;
  readonly certificates: PartnerCertificatesService;
  readonly readInput: CommandContext['readInput'];
}

const ORDERS: Readonly<Record<string, Described>> = {
  list: {
    takes: [],
    does: 'shows every partner, what it may do and what it is known by',
    order: async ({ registry }) => {
      const header = ['id', 'name', 'scopes', 'requests a minute', 'state', 'known by'];
      return table([header, ...(await registry.list()).map(rowOf)]);
    },
  },
  add: {
    takes: ['ID', 'NAME', 'SCOPES'],
    does: 'registers a partner, known by nothing yet; SCOPES with a comma between two',
    order: async ({ registry }, id = '', name = '', scopes = '') =>
      `added ${(await registry.add(id, name, scopes)).id}: it needs add-certificate or add-name`,
  },
  'add-certificate': {
    takes: ['ID', 'PEM-FILE|-'],
    does: 'lets a certificate speak for a partner; at most two at a time; -: it is on the input',
    order: async ({ certificates, readInput }, id = '', file = '') => {
      const pem = file === '-' ? await readInput() : readPem(file);
      const { thumbprint, expiresAt } = await certificates.add(id, pem);
      return `${id} is known by ${thumbprint}, which expires ${expiresAt.toISOString()}`;
    },
  },
  'retire-certificate': {
    takes: ['ID', 'THUMBPRINT'],
    does: 'ends a certificate whose successor is in use, and the tokens bound to it',
    order: async ({ certificates }, id = '', thumbprint = '') => {
      await certificates.retire(id, thumbprint);
      return `retired ${thumbprint} of ${id}`;
    },
  },
  'revoke-certificate': {
    takes: ['THUMBPRINT|PEM-FILE'],
    does: 'withdraws a certificate for good, whoever has it, and the tokens bound to it',
    order: async ({ certificates }, presented = '') => {
      const isThumbprint = isCertificateThumbprint(presented);
      const revoked = await certificates.revoke(isThumbprint ? presented : readPem(presented));
      return `revoked ${revoked.thumbprint} of ${revoked.partnerId ?? 'no registered partner'}`;
    },
  },
  'add-name': {
    takes: ['ID', 'dns:NAME|uri:URI'],
    does: 'lets every certificate with this name speak for a partner',
    order: async ({ registry }, id = '', name = '') =>
      `${id} is known by ${await registry.addName(id, name)}`,
  },
  'remove-name': {
    takes: ['ID', 'dns:NAME|uri:URI'],
    does: 'lets no certificate with this name speak for a partner, and ends its tokens',
    order: async ({ registry }, id = '', name = '') =>
      `${id} is no longer known by ${await registry.removeName(id, name)}`,
  },
  scopes: {
    takes: ['ID', 'SCOPES'],
    does: 'sets what a partner may do; with less than before its tokens end',
    order: async ({ registry }, id = '', scopes = '') =>
      `${id} may do ${(await registry.setScopes(id, scopes)).join(' ')}`,
  },
  limit: {
    takes: ['ID', 'REQUESTS-PER-MINUTE|none'],
    does: 'sets a limit of its own, and ends its tokens; none: the usual one',
    order: async ({ registry }, id = '', limit = '') =>
      `${id} may make ${(await registry.setLimit(id, limit)) ?? 'as many as usual'} requests a minute`,
  },
  disable: {
    takes: ['ID'],
    does: 'keeps a partner out, and ends its tokens',
    order: async ({ registry }, id = '') => {
      await registry.disable(id);
      return `disabled ${id}`;
    },
  },
  enable: {
    takes: ['ID'],
    does: 'lets a partner in again',
    order: async ({ registry }, id = '') => {
      await registry.enable(id);
      return `enabled ${id}`;
    },
  },
};

/** `partners …`: who calls with certificates of their own, and what these may do. */
export const partnersCommand: Command = {
  usage: Object.entries(ORDERS).map(([name, { takes, does }]) => [
    ['partners', name, ...takes].join(' '),
    does,
  ]),

  async run({ app, arguments: [name = '', ...words], readInput, print }) {
    const described = Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined;
    const isComplete = described?.takes.length === words.length && !words.includes('');
    if (described === undefined || !isComplete) throw new UsageError();
    for (const line of [await described.order({ ...servicesOf(app), readInput }, ...words)].flat())
      print(line);
  },
};

function servicesOf(app: INestApplicationContext): Omit<Services, 'readInput'> {
  return {
    registry: app.get(PartnerRegistryService),
    certificates: app.get(PartnerCertificatesService),
  };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (cause) {
    const options = { cause };
    throw new ServiceError('INVALID_ARGUMENT', 'certificate_file_unreadable', file, options);
  }
}

function rowOf(partner: RegisteredPartner): readonly string[] {
  const certificates = partner.certificates.map(({ thumbprint, expiresAt }) =>
    [thumbprint, expiresAt && `until ${expiresAt.toISOString()}`].join(' '),
  );
  return [
    partner.id,
    partner.name,
    partner.scopes.join(' '),
    String(partner.requestsPerMinute ?? 'as usual'),
    partner.disabledAt ? `DISABLED since ${partner.disabledAt.toISOString()}` : 'enabled',
    [...certificates, ...partner.names].join(', ') || 'nothing',
  ];
}
