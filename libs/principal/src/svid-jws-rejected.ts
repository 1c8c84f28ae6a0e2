/** Why a JWS was not accepted as one that a workload signed by the key of its SVID. */
export type SvidJwsRejectionCode =
  /** Not a compact JWS of bounded length with canonical segments, a strict JSON header and an allowed member set. */
  | 'malformed'
  /** The header points to or carries a bare key (`jku`, `x5u`, `jwk`, `kid`, `x5t…`) or demands extensions (`crit`). */
  | 'key_reference_refused'
  | 'algorithm_refused'
  | 'type_wrong'
  /** `x5c` is absent, empty, or not a list of certificates. */
  | 'chain_missing'
  /** `x5c` does not lead to the trust bundle now, or its leaf is no X.509-SVID of the trust domain. */
  | 'chain_untrusted'
  /** The chain is in order, but its leaf is none of those that may sign. */
  | 'issuer_wrong'
  | 'signature_invalid';

/** Internal to the library: each kind of token reports it as a rejection of its own. */
export class SvidJwsRejected extends Error {
  override readonly name = 'SvidJwsRejected';

  constructor(
    readonly code: SvidJwsRejectionCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
