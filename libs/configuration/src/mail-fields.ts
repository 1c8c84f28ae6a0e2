import { field, type Field } from './field';
import { parseUrl } from './parse-url';

/**
 * The URL of an SMTP server: `smtps:` for TLS from the start, `smtp:` for STARTTLS. A query would be options that could turn
 * TLS off. Holds a password: a refusal never shows it.
 */
export function smtpUrl(): Field<string> {
  return field({
    expected: 'an smtps:// or smtp:// URL with a host and nothing behind it',
    secret: true,
    parse: (text) => {
      const url = parseUrl(text);
      if (url?.protocol !== 'smtps:' && url?.protocol !== 'smtp:') return undefined;
      if (url.hostname === '' || /[?#]/.test(text) || !['', '/'].includes(url.pathname)) {
        return undefined;
      }
      return text;
    },
  });
}

/** A mail address of plain ASCII. */
export function mailbox(): Field<string> {
  return field({
    expected: 'an e-mail address',
    parse: (text) =>
      /^[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/i.test(text) ? text : undefined,
  });
}
