import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';

/** Base64url without padding (RFC 7515 section 2), so that a value has one spelling. */
const base64url = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/);

/** At most 1023 bytes (WebAuthn Level 3 section 4, "Credential ID"). */
const credentialId = base64url(1364);
const clientDataJSON = base64url(4096);

/** As registered (section 5.8.4), and what may yet be; kept as a hint for browsers alone. */
const transport = z.string().regex(/^[a-z-]{1,32}$/);

const credential = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
};

const registration = z.object({
  ...credential,
  response: z.object({
    clientDataJSON,
    attestationObject: base64url(16_384),
    transports: z.array(transport).max(8).default([]),
  }),
});

const assertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON,
    authenticatorData: base64url(4096),
    signature: base64url(4096),
    userHandle: base64url(128).optional(),
  }),
});

/** What the browser says it was asked (section 5.8.1), not verified yet. */
const clientData = z.object({
  challenge: base64url(128),
  crossOrigin: z.boolean().optional(),
});

/** Parsed, and not verified. */
export interface Presented<Credential> {
  readonly credential: Credential;
  readonly credentialId: Buffer;
  /** What it claims to answer. */
  readonly challenge: Buffer;
}

/** A `RegistrationResponseJSON` (section 5.1.8); undefined for what is none, and for one out of a page within another site's. */
export function parseRegistration(text: string): Presented<RegistrationResponseJSON> | undefined {
  const parsed = registration.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  return presentedOf({ ...parsed.data, clientExtensionResults: {} });
}

/** An `AuthenticationResponseJSON`; undefined as above. */
export function parseAssertion(text: string): Presented<AuthenticationResponseJSON> | undefined {
  const parsed = assertion.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  return presentedOf({ ...parsed.data, clientExtensionResults: {} } as AuthenticationResponseJSON);
}

function presentedOf<
  Credential extends {
    readonly id: string;
    readonly response: { readonly clientDataJSON: string };
  },
>(credential: Credential): Presented<Credential> | undefined {
  const said = Buffer.from(credential.response.clientDataJSON, 'base64url').toString('utf8');
  const parsed = clientData.safeParse(jsonOf(said));
  // No page of this system is shown within one of another site (section 7.2, on crossOrigin).
  if (!parsed.success || parsed.data.crossOrigin === true) return undefined;
  return {
    credential,
    credentialId: Buffer.from(credential.id, 'base64url'),
    challenge: Buffer.from(parsed.data.challenge, 'base64url'),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
