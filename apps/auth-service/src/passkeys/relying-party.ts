/** RelyingParty, as the operator has set it. */
export const RELYING_PARTY = Symbol('RelyingParty');

/** Who passkeys are made for (WebAuthn Level 3 section 4, "Relying Party"). */
export interface RelyingParty {
  /** A domain. Passkeys are scoped to it: with another one, none that exist work any more. */
  readonly id: string;
  /** What authenticators show. */
  readonly name: string;
  /** The origins whose pages may use them, exactly as browsers write them. */
  readonly origins: readonly string[];
}
