import { FORWARDING_HEADERS, TrustedHops, type ForwardingHeader } from '@sallyport/client-address';
import { field, type Field } from '@sallyport/configuration';

/** Comma-separated addresses and CIDR blocks of proxies. */
export function addressRanges(): Field<readonly string[]> {
  return field<readonly string[]>({
    expected:
      'comma-separated IP addresses and CIDR blocks, such as 10.0.0.0/8, none wider than /8 (IPv6: /7)',
    parse: (text) => {
      const ranges = text.split(',').map((range) => range.trim());
      return areRanges(ranges) ? ranges : undefined;
    },
  });
}

/** Which header the proxies write. */
export function forwardingHeader(): Field<ForwardingHeader> {
  return field<ForwardingHeader>({
    expected: FORWARDING_HEADERS.join(' or '),
    parse: (text) => FORWARDING_HEADERS.find((header) => header === text.toLowerCase()),
  });
}

function areRanges(texts: readonly string[]): boolean {
  try {
    TrustedHops.of(texts, 'x-forwarded-for');
    return true;
  } catch {
    return false;
  }
}
