import { addressBlock } from '@sallyport/client-address';

/** The block an address is in, for its owner to recognise: of IPv4 three bytes, of IPv6 the first 48 bits. */
export function maskedAddress(clientAddress: string | undefined): string {
  const block = addressBlock(clientAddress ?? '');
  if (block === undefined) return 'an unknown address';
  if (block.includes(':')) return `${block.split(':').slice(0, 3).join(':')}::/48`;
  return `${block.split('.').slice(0, 3).join('.')}.x`;
}
