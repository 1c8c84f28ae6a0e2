export type SvidRejectionCode =
  | 'svid_certificate_missing'
  | 'svid_malformed'
  | 'svid_uri_san_missing'
  | 'svid_uri_san_multiple'
  | 'svid_spiffe_id_invalid'
  | 'svid_path_missing'
  | 'svid_san_not_critical'
  | 'svid_is_ca'
  | 'svid_key_usage'
  | 'svid_ext_key_usage'
  | 'svid_extension_refused'
  | 'svid_key_malformed'
  | 'svid_key_mismatch'
  | 'svid_expired'
  | 'svid_not_yet_valid'
  | 'svid_chain_untrusted'
  | 'svid_peer_unexpected'
  | 'trust_domain_foreign';

/** A certificate, or a chain of them, is not an acceptable X.509-SVID. The message is one line. */
export class SvidRejected extends Error {
  override readonly name = 'SvidRejected';

  constructor(
    readonly code: SvidRejectionCode,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }
}
