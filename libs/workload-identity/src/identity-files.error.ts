/**
 * An SVID directory does not hold a usable identity. The message is one line for an operator, e.g.
 * `SVID_DIR /run/svid: tls.key does not match tls.crt`.
 */
export class IdentityFilesError extends Error {
  override readonly name = 'IdentityFilesError';
  readonly code = 'identity_files_unusable';

  constructor(
    readonly directory: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`SVID_DIR ${directory}: ${detail}`, options);
  }
}
