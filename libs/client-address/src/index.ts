export { addressBlock } from './address-block';
export { plainAddress } from './plain-address';
export { FORWARDING_HEADERS, TrustedHops, type ForwardingHeader } from './trusted-hops';
