/**
 * Of the pages to which links of mails lead. They set no cookie and read none, link to nobody else and say to nobody where a
 * visitor came from. They load their style and one script from here.
 */
export const LINK_PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;
