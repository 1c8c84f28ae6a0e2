const LONGEST_TEXT = 16_384;

/** What a secret looks like inside other text; each keeps the part that tells what was there. */
const SECRET_SHAPES: readonly (readonly [shape: RegExp, replacement: string])[] = [
  // PEM private keys, complete or cut off.
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    '<redacted private key>',
  ],
  // Compact JOSE objects: the encoded form of `{"`, then at least one more segment.
  [/\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)*/g, '<redacted token>'],
  // API keys; without word boundaries, because what stands before one may be the end of an escape.
  [/sp_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}/g, '<redacted api key>'],
  // Cookies that are for one host or for HTTPS alone, as all of this system are.
  [/(__(?:Secure|Host)-[\w-]+=)[^;\s"',]+/gi, '$1<redacted>'],
  // Password hashes in PHC form.
  [/\$argon2[a-z]{0,2}\$[^\s"']+/g, '<redacted hash>'],
  // RFC 9110 credentials.
  [/\b(Bearer|Basic|DPoP)(\s+|%20)[\w.~+/=-]{6,}/gi, '$1 <redacted>'],
  // The password of a URL's user information.
  [/(:\/\/[^\s/:@"']*):[^\s/@"']+@/g, '$1:<redacted>@'],
  // Query and form parameters that carry credentials.
  [
    /\b((?:[a-z]+[-_])?(?:token|secret|password|api_?key|key|assertion|authorization)=)[^&\s"'<]+/gi,
    '$1<redacted>',
  ],
];

/** Text without the secrets that can be told by their shape, at most 16,384 characters of it. */
export function redactText(text: string): string {
  const bounded = text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text;
  // Every shape needs one of these; most field values have none.
  if (!/[=@$]|eyJ|sp_|PRIVATE KEY|bearer|basic|dpop/i.test(bounded)) return bounded;
  return SECRET_SHAPES.reduce(
    (remaining, [shape, replacement]) => remaining.replace(shape, replacement),
    bounded,
  );
}
