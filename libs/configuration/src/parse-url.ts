/** The URL, or undefined when `text` is none or carries white space or control characters that a parser would drop. */
export function parseUrl(text: string): URL | undefined {
  if (/[^\x21-\x7e]/.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text);
}

/** Whether a URL's host name is this machine: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    hostname === '::1' ||
    /^127(?:\.[0-9]{1,3}){3}$/.test(hostname)
  );
}
