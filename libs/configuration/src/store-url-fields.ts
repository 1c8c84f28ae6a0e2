import { field, type Field } from './field';
import { isLoopbackHost, parseUrl } from './parse-url';

/**
 * A PostgreSQL connection URL. Off this machine it must say `sslmode=verify-full`, once, and nothing that weakens it.
 * Holds a password: a refusal never shows it.
 */
export function databaseUrl(): Field<string> {
  return field({
    expected:
      'a postgres:// URL with a database name, with sslmode=verify-full unless the host is this machine',
    secret: true,
    parse: (text) => {
      const url = parseUrl(text);
      if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') return undefined;
      if (!/^\/[^/]+$/.test(url.pathname)) return undefined;
      return isLocalDatabase(url) || isFullyVerified(url.searchParams) ? text : undefined;
    },
  });
}

/**
 * A Redis URL: `rediss://` (TLS), or `redis://` and `unix://` on this machine. Holds a password: a refusal never shows it.
 */
export function redisUrl(): Field<string> {
  return field({
    expected: 'a rediss:// URL, or redis:// or unix:// on this machine',
    secret: true,
    parse: (text) => {
      const url = parseUrl(text);
      // The client takes options from the query, and `?tls=` would turn TLS off again.
      if (url === undefined || url.search !== '' || url.hash !== '') return undefined;
      switch (url.protocol) {
        case 'rediss:':
          return url.hostname === '' ? undefined : text;
        case 'redis:':
          return isLoopbackHost(url.hostname) ? text : undefined;
        case 'unix:':
          return url.pathname.length > 1 ? text : undefined;
        default:
          return undefined;
      }
    },
  });
}

function isLocalDatabase(url: URL): boolean {
  // node-postgres lets a `host` parameter win over the host of the URL; both have to be this machine.
  const parameters = url.searchParams.getAll('host');
  const hosts = url.hostname === '' ? parameters : [url.hostname, ...parameters];
  return hosts.length > 0 && hosts.every((host) => isLoopbackHost(host) || isSocketPath(host));
}

function isSocketPath(host: string): boolean {
  return host.startsWith('/') || /^%2f/i.test(host);
}

function isFullyVerified(parameters: URLSearchParams): boolean {
  const modes = parameters.getAll('sslmode');
  return modes.length === 1 && modes[0] === 'verify-full' && !parameters.has('ssl');
}
