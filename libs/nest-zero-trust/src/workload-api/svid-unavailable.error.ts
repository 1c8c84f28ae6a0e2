/**
 * The Workload API has given no identity, has taken it back, or has not renewed it in time. The message is one line for an
 * operator, e.g. `SPIFFE_ENDPOINT_SOCKET unix:///run/spire/agent.sock: nothing answers`.
 */
export class SvidUnavailable extends Error {
  override readonly name = 'SvidUnavailable';
  readonly code = 'svid_unavailable';

  constructor(
    readonly endpoint: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`SPIFFE_ENDPOINT_SOCKET ${endpoint}: ${detail}`, options);
  }
}
