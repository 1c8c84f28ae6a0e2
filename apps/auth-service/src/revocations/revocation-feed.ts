import type { RevocationPublisher } from '@sallyport/revocation';

/** RevocationFeed, bound to the publisher of this process. */
export const REVOCATION_FEED = Symbol('RevocationFeed');

/** How revocations reach the gateways. */
export type RevocationFeed = Pick<RevocationPublisher, 'isPublishing' | 'publish'>;
