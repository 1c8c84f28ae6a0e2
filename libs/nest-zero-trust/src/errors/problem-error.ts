/** What an RFC 9457 answer carries beside its status and code. */
export interface ProblemOptions extends ErrorOptions {
  /** For the log only. */
  readonly detail?: string;
  /** Replaces the default `WWW-Authenticate` of a 401; set it on a 403 that has a challenge (RFC 6750 §3). */
  readonly challenge?: string;
  /** Seconds, sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Further members of the document (RFC 9457 §3.2), e.g. the fields that were refused. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A refusal that an HTTP client sees as `application/problem+json` with this status and stable code. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly options: ProblemOptions = {},
  ) {
    super(`${status}: ${code}`, options);
  }
}
