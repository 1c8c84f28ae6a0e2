import { createHash, randomBytes } from 'node:crypto';
import { encodeCbor } from './cbor';
import type {
  CreationOptions,
  CredentialOverrides,
  RequestOptions,
  SoftwareAssertion,
  SoftwareAttestation,
  SoftwareCredential,
} from './credential-json';
import { newCredentialKey } from './credential-key';
import type { CredentialAlgorithm, CredentialKey } from './credential-key';

/** A passkey as its authenticator has it. */
export interface SoftwarePasskey {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly key: CredentialKey;
  signCount: number;
}

export interface SoftwareAuthenticatorOptions {
  /** Of the pages it is used on. */
  readonly origin: string;
  /** Canonical UUID; zeros when left out. */
  readonly aaguid?: string;
  /** Whether its passkeys are synced, and keep no counter; else they stay on one device. */
  readonly synced?: boolean;
  readonly algorithm?: CredentialAlgorithm;
}

const NO_AAGUID = '00000000-0000-0000-0000-000000000000';

const FLAGS = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10 };
const ATTESTED = 0x40;

/**
 * An authenticator and its browser in software: makes discoverable passkeys and uses them as WebAuthn Level 3 has it, with its
 * user verified, unless it is told to do something wrong.
 */
export class SoftwareAuthenticator {
  readonly passkeys: SoftwarePasskey[] = [];
  readonly #options: Required<SoftwareAuthenticatorOptions>;

  constructor(options: SoftwareAuthenticatorOptions) {
    this.#options = { aaguid: NO_AAGUID, synced: false, algorithm: -7, ...options };
  }

  /** A new passkey; `RegistrationResponseJSON`. */
  create(
    options: CreationOptions,
    overrides: CredentialOverrides = {},
  ): SoftwareCredential<SoftwareAttestation> {
    const passkey: SoftwarePasskey = {
      id: overrides.credentialId ?? randomBytes(32).toString('base64url'),
      rpId: options.rp.id ?? '',
      userHandle: options.user.id,
      key: newCredentialKey(this.#options.algorithm),
      signCount: this.#options.synced ? 0 : 1,
    };
    this.passkeys.push(passkey);
    const id = Buffer.from(passkey.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const aaguid = Buffer.from(this.#options.aaguid.replaceAll('-', ''), 'hex');
    const attested = Buffer.concat([aaguid, length, id, passkey.key.publicKey]);
    const authData = this.#authenticatorData(passkey, overrides, attested);
    const attestation = new Map<string, string | Uint8Array | ReadonlyMap<string, string>>([
      ['fmt', overrides.attestation ?? 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]);
    return {
      ...described(passkey.id),
      response: {
        clientDataJSON: this.#clientData('webauthn.create', options, overrides).toString(
          'base64url',
        ),
        attestationObject: encodeCbor(attestation).toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** An assertion of the first passkey that is asked for; `AuthenticationResponseJSON`. @throws Error when there is none */
  get(
    options: RequestOptions,
    overrides: CredentialOverrides = {},
  ): SoftwareCredential<SoftwareAssertion> {
    const { rpId, allowCredentials: allowed = [] } = options;
    const passkey = this.passkeys.find(
      (each) =>
        each.rpId === rpId && (allowed.length === 0 || allowed.some(({ id }) => id === each.id)),
    );
    if (!passkey) throw new Error('there is no passkey for this');
    return this.use(passkey, options, overrides);
  }

  /** The same of one passkey, whether it is asked for or not. */
  use(
    passkey: SoftwarePasskey,
    options: RequestOptions,
    overrides: CredentialOverrides = {},
  ): SoftwareCredential<SoftwareAssertion> {
    if (!this.#options.synced) passkey.signCount += 1;
    const authenticatorData = this.#authenticatorData(passkey, overrides);
    const clientData = this.#clientData('webauthn.get', options, overrides);
    const signed = Buffer.concat([authenticatorData, sha256(clientData)]);
    const { userHandle = passkey.userHandle, signedBy = passkey.key } = overrides;
    return {
      ...described(overrides.credentialId ?? passkey.id),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signedBy.sign(signed).toString('base64url'),
        ...(userHandle !== null && { userHandle }),
      },
    };
  }

  /** Section 5.8.1. */
  #clientData(
    type: string,
    { challenge }: { readonly challenge: string },
    { origin = this.#options.origin, topOrigin, ...overrides }: CredentialOverrides,
  ): Buffer {
    const said = {
      type: overrides.type ?? type,
      challenge: overrides.challenge ?? challenge,
      origin,
      crossOrigin: overrides.crossOrigin ?? false,
      ...(topOrigin !== undefined && { topOrigin }),
    };
    return Buffer.from(JSON.stringify(said));
  }

  /** Section 6.1. */
  #authenticatorData(
    passkey: SoftwarePasskey,
    overrides: CredentialOverrides,
    attested?: Buffer,
  ): Buffer {
    const { synced } = this.#options;
    const said = {
      userPresent: true,
      userVerified: true,
      backupEligible: synced,
      backedUp: synced,
      ...overrides,
    };
    const set = Object.entries(FLAGS).filter(([name]) => said[name as keyof typeof FLAGS]);
    const flags = set.reduce((all, [, bit]) => all | bit, attested ? ATTESTED : 0);
    const signCount = Buffer.alloc(4);
    signCount.writeUInt32BE(overrides.signCount ?? passkey.signCount);
    const rpIdHash = sha256(Buffer.from(overrides.rpId ?? passkey.rpId));
    return Buffer.concat([
      rpIdHash,
      Buffer.from([flags]),
      signCount,
      ...(attested ? [attested] : []),
    ]);
  }
}

function described(id: string) {
  const type = 'public-key' as const;
  const authenticatorAttachment = 'platform' as const;
  return { id, rawId: id, type, authenticatorAttachment, clientExtensionResults: {} };
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
