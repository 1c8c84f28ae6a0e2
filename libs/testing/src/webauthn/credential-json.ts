import type { CredentialKey } from './credential-key';

/** What a page gives a browser to make a passkey of; the members that matter here. */
export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
}

/** What a page gives a browser to ask a passkey with. */
export interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
  readonly allowCredentials?: readonly { readonly id: string }[];
}

/** What is to be wrong with what would else be right. */
export interface CredentialOverrides {
  readonly type?: string;
  readonly challenge?: string;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly rpId?: string;
  readonly userPresent?: boolean;
  readonly userVerified?: boolean;
  readonly backupEligible?: boolean;
  readonly backedUp?: boolean;
  readonly signCount?: number;
  /** Null for none. */
  readonly userHandle?: string | null;
  readonly credentialId?: string;
  /** Of another passkey. */
  readonly signedBy?: CredentialKey;
  /** Format of the attestation statement. */
  readonly attestation?: string;
}

/** As `toJSON()` of a browser's `PublicKeyCredential` gives it (WebAuthn Level 3 section 5.1.8). */
export interface SoftwareCredential<Response> {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly authenticatorAttachment: 'platform';
  readonly clientExtensionResults: object;
  readonly response: Response;
}

export interface SoftwareAttestation {
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

export interface SoftwareAssertion {
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle?: string;
}
