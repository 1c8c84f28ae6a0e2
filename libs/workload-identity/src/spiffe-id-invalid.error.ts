export type SpiffeIdInvalidCode =
  | 'spiffe_id_scheme'
  | 'spiffe_id_too_long'
  | 'spiffe_id_path_segment'
  | 'spiffe_id_path_character'
  | 'trust_domain_empty'
  | 'trust_domain_too_long'
  | 'trust_domain_character';

/** A string is not a SPIFFE ID, or not the name of a trust domain. The message does not repeat the string. */
export class SpiffeIdInvalid extends Error {
  override readonly name = 'SpiffeIdInvalid';

  constructor(
    readonly code: SpiffeIdInvalidCode,
    detail: string,
  ) {
    super(detail);
  }
}
