import type { Configuration } from 'oidc-provider';

/** Where this service may call clients: at public addresses alone, or wherever an operator has registered. */
export type ClientAddresses = 'public' | 'any';

type Fetch = NonNullable<Configuration['fetch']>;

/**
 * How clients are called. oidc-provider hands over a dispatcher that connects to no special-use address (RFC 6890), so that a
 * registered URI reaches nothing of the inside; where the clients themselves are inside, it has to be left out.
 */
export function fetchOf(addresses: ClientAddresses): Fetch {
  return addresses === 'public'
    ? (url, options) => fetch(url, options)
    : (url, options = {}) => {
        delete options.dispatcher;
        return fetch(url, options);
      };
}
