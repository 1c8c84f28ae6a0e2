import { ServiceError } from '@sallyport/nest-zero-trust';
import { FIRST_PARTY_CLIENT_ID } from '@sallyport/principal';
import { isUuid } from '../../is-uuid';

const CLIENT_ID = /^[a-z0-9][a-z0-9._-]{1,62}$/;

/** Whether a client could have that id. */
export function isClientId(text: string): boolean {
  return CLIENT_ID.test(text);
}

/**
 * Reads the id of a client that is to be registered. A client that acts for itself is the subject of its tokens: an id
 * with the look of an account's could be taken for that account (RFC 9700 section 4.15), and the first-party client's is
 * in use.
 *
 * @throws ServiceError INVALID_ARGUMENT `oauth_client_id_invalid`
 */
export function parseNewClientId(text: string): string {
  if (isClientId(text) && !isUuid(text) && text !== FIRST_PARTY_CLIENT_ID) return text;
  throw new ServiceError(
    'INVALID_ARGUMENT',
    'oauth_client_id_invalid',
    '2 to 63 of a-z, 0-9, ".", "_", "-", no UUID, and not the id of the first-party client',
  );
}
