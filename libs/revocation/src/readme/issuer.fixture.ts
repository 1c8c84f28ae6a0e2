import { RevocationPublisher, type RevocationOutbox } from '@sallyport/revocation';

/** Publishes what the outbox records, and vouches for the feed. Close it after the last call that could revoke. */
export function publishRevocations(
  redisUrl: string,
  outbox: RevocationOutbox,
): RevocationPublisher {
  const publisher = new RevocationPublisher({
    redisUrl,
    name: 'issuer',
    outbox,
    onFailed: (error) => {
      console.error(error);
    },
  });
  publisher.start();
  return publisher;
}
