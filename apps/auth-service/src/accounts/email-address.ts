import { ServiceError } from '@sallyport/nest-zero-trust';

declare const normalised: unique symbol;

/** An e-mail address in the one spelling under which its account is kept. */
export type EmailAddress = string & { readonly [normalised]: true };

const LONGEST_ADDRESS_BYTES = 254;
const LONGEST_LOCAL_PART_BYTES = 64;
// RFC 5321 section 4.1.2 without quoted strings and address literals, RFC 6531 section 3.3 beyond ASCII.
const LOCAL_PART = /^(?!\.)(?!.*\.\.)[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+(?<!\.)$/u;
const DOMAIN =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+\p{L}[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}]$/u;

/**
 * Parses an address: trimmed, NFC, lower-case in both parts, although RFC 5321 leaves the case of
 * the local part to the receiver: no mailbox in use tells them apart, and people do not.
 * Does not check that the address receives mail.
 *
 * @throws ServiceError INVALID_ARGUMENT `email_invalid`.
 */
export function parseEmailAddress(presented: string): EmailAddress {
  if (Buffer.byteLength(presented) > 4 * LONGEST_ADDRESS_BYTES) throw invalid();
  const address = presented.trim().normalize('NFC').toLowerCase().normalize('NFC');
  const [localPart = '', domain = '', ...rest] = address.split('@');
  const accepted =
    rest.length === 0 &&
    Buffer.byteLength(address) <= LONGEST_ADDRESS_BYTES &&
    Buffer.byteLength(localPart) <= LONGEST_LOCAL_PART_BYTES &&
    LOCAL_PART.test(localPart) &&
    DOMAIN.test(domain);
  if (!accepted) throw invalid();
  return address as EmailAddress;
}

function invalid(): ServiceError {
  return new ServiceError('INVALID_ARGUMENT', 'email_invalid');
}
