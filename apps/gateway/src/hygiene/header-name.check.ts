import type { HygieneRefusal, RequestHead } from './hygiene-check';

/** Headers that decide who asks, for what, and where the message ends: none may come under another spelling. */
const PROTECTED: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'cookie',
  'dpop',
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'trailer',
  'te',
  'connection',
  'upgrade',
  'expect',
  'origin',
  'sec-fetch-site',
  'idempotency-key',
]);

/** Headers of which a second one would leave it to the reader which counts. Credentials and `Host` have checks of their own. */
const SINGLE: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'dpop',
  'expect',
  'idempotency-key',
  'origin',
  'referer',
  'sec-fetch-site',
  'te',
  'transfer-encoding',
  'user-agent',
  'access-control-request-method',
]);

/**
 * Refuses a protected header under a name that some server would read as it (`_` and `.` for `-`, `-bin` behind it), and
 * a second header where there is to be one.
 */
export function checkHeaderNames({ rawHeaders }: RequestHead): HygieneRefusal | undefined {
  const seen = new Set<string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (isAlias(name)) return 'header_alias';
    if (SINGLE.has(name)) {
      if (seen.has(name)) return 'header_repeated';
      seen.add(name);
    }
  }
  return undefined;
}

/** Whether a trailer field stands for a protected header: those are read before the body, and nowhere else. */
export function isProtectedName(name: string): boolean {
  return PROTECTED.has(fold(name.toLowerCase()));
}

function isAlias(name: string): boolean {
  // Most names are plain, and folding each would be felt.
  if (!/[^a-z0-9-]|-bin$|^-|--|-$/.test(name)) return false;
  const folded = fold(name);
  return folded !== name && PROTECTED.has(folded);
}

function fold(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|(?:-bin)*-?$/g, '');
}
