import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { ClientDisablingService } from '../oauth/clients/client-disabling.service';
import type { ClientRecord } from '../oauth/clients/client-records.repository';
import { ClientsService } from '../oauth/clients/clients.service';
import type { GivenSecret } from '../oauth/clients/clients.service';
import { CLIENT_KINDS } from '../oauth/clients/new-client';
import { UsageError } from './command';
import type { Command, CommandContext } from './command';
import { table } from './table';

const CREATION = {
  type: { type: 'string', default: 'web' },
  redirect: { type: 'string', multiple: true },
  'post-logout-redirect': { type: 'string', multiple: true },
  scope: { type: 'string', default: 'openid' },
  auth: { type: 'string' },
  jwks: { type: 'string' },
  'backchannel-logout': { type: 'string' },
  certificate: { type: 'string' },
  'certificate-bound': { type: 'boolean' },
  'dpop-bound': { type: 'boolean', default: false },
} as const;

interface Described {
  readonly written: string;
  readonly does: string;
  readonly options?: Command['usage'];
  readonly order: (context: CommandContext, rest: readonly string[]) => Promise<void>;
}

const ORDERS: Readonly<Record<string, Described>> = {
  list: {
    written: '',
    does: 'shows every client and how it stands',
    order: async ({ app, print }, rest) => {
      read(rest, {}, 0);
      const header = ['id', 'name', 'authenticates by', 'scope', 'secrets', 'disabled since'];
      const rows = (await app.get(ClientsService).list()).map(rowOf);
      for (const line of table([header, ...rows])) print(line);
    },
  },
  create: {
    written: 'ID NAME [OPTION]…',
    does: 'registers a client, and shows its secret this once; options:',
    options: [
      ['--type KIND', 'spa, native, web (unless given) or machine'],
      ['--redirect URI', 'where it may send people back to; as often as needed'],
      ['--post-logout-redirect URI', 'where it may send people who have signed out'],
      ['--scope "…"', 'what it may ask for; openid unless given'],
      [
        '--auth METHOD',
        'none, client_secret_basic, client_secret_post, private_key_jwt or tls_client_auth',
      ],
      ['--jwks FILE', 'its public keys, for private_key_jwt'],
      [
        '--certificate NAME',
        'how its certificate names it, for tls_client_auth: dns:…, uri:… or dn:…',
      ],
      ['--certificate-bound', 'its access tokens work with its certificate alone'],
      ['--backchannel-logout URI', 'where it is told of people who sign out'],
      ['--dpop-bound', 'it gets no token without a DPoP proof'],
    ],
    order: async ({ app, print }, rest) => {
      const { words, options } = read(rest, CREATION, 2);
      const [id = '', name = ''] = words;
      const kind = CLIENT_KINDS.find((each) => each === options.type);
      if (kind === undefined) throw new UsageError();
      const created = await app.get(ClientsService).create(
        {
          ...{ id, name, kind, scope: options.scope },
          redirectUris: options.redirect ?? [],
          postLogoutRedirectUris: options['post-logout-redirect'] ?? [],
          authMethod: options.auth,
          jwks: options.jwks === undefined ? undefined : await readJwks(options.jwks),
          backchannelLogoutUri: options['backchannel-logout'],
          certificateName: options.certificate,
          certificateBoundTokens: options['certificate-bound'],
          dpopBoundAccessTokens: options['dpop-bound'],
        },
        undefined,
      );
      print(`registered ${id}`);
      showSecret(created, print);
    },
  },
  'rotate-secret': {
    written: 'ID [--overlap SECONDS]',
    does: 'gives a client another secret, shown this once; the one before works for the overlap',
    order: async ({ app, print }, rest) => {
      const { words, options } = read(rest, { overlap: { type: 'string', default: '0' } }, 1);
      if (!/^\d{1,9}$/.test(options.overlap)) throw new UsageError();
      const [id = ''] = words;
      const service = app.get(ClientsService);
      showSecret(await service.rotateSecret(id, Number(options.overlap), undefined), print);
    },
  },
  'replace-keys': {
    written: 'ID --jwks FILE',
    does: 'lists other public keys of a client; both the old and the new one for an overlap',
    order: async ({ app, print }, rest) => {
      const { words, options } = read(rest, { jwks: { type: 'string' } }, 1);
      const [id = ''] = words;
      if (options.jwks === undefined) throw new UsageError();
      const jwks = await readJwks(options.jwks);
      const { metadata } = await app.get(ClientsService).replaceKeys(id, jwks, undefined);
      print(`${id} has ${metadata.jwks?.keys.length ?? 0} keys`);
    },
  },
  disable: {
    written: 'ID',
    does: 'keeps a client from getting anything, and ends all it holds',
    order: async ({ app, print }, rest) => {
      const [id = ''] = read(rest, {}, 1).words;
      const { endedSessions } = await app.get(ClientDisablingService).disable(id, undefined);
      print(`disabled ${id}, ended ${endedSessions} sessions`);
    },
  },
  enable: {
    written: 'ID',
    does: 'lets a client work again',
    order: async ({ app, print }, rest) => {
      const [id = ''] = read(rest, {}, 1).words;
      await app.get(ClientDisablingService).enable(id, undefined);
      print(`enabled ${id}`);
    },
  },
};

/** `clients …`: the clients of the authorization server. */
export const clientsCommand: Command = {
  usage: Object.entries(ORDERS).flatMap(([name, { written, does, options = [] }]) => [
    [`clients ${name} ${written}`.trimEnd(), does] as const,
    ...options.map(([option, means]) => [`  ${option}`, means] as const),
  ]),

  async run(context) {
    const [name = '', ...rest] = context.arguments;
    const described = Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined;
    if (described === undefined) throw new UsageError();
    await described.order(context, rest);
  },
};

/** @throws UsageError for options that are not among these, and for more or fewer words */
function read<Options extends Exclude<Parameters<typeof parseArgs>[0], undefined>['options']>(
  rest: readonly string[],
  options: Options,
  words: number,
) {
  try {
    const read = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
    if (read.positionals.length === words) {
      return { words: read.positionals, options: read.values };
    }
  } catch (cause) {
    if (!isParseError(cause)) throw cause;
  }
  throw new UsageError();
}

function isParseError(cause: unknown): boolean {
  const { code = '' } = cause as { readonly code?: string };
  return code.startsWith('ERR_PARSE_ARGS_');
}

async function readJwks(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const detail = `${path} is no file of JSON`;
    throw new ServiceError('INVALID_ARGUMENT', 'oauth_client_metadata_invalid', detail, { cause });
  }
}

function showSecret({ secret }: GivenSecret, print: (line: string) => void): void {
  if (secret !== undefined) print(`its secret, shown this once: ${secret}`);
}

function rowOf({ id, name, metadata, secrets, disabledAt }: ClientRecord): readonly string[] {
  return [
    id,
    name,
    metadata.token_endpoint_auth_method,
    metadata.scope,
    String(secrets.length),
    disabledAt?.toISOString() ?? '-',
  ];
}
