import { isRecord, parseStrictJsonObject } from './strict-json';

/** The parts of a compact JWS whose signature nobody has verified yet. */
export interface UnverifiedJws {
  readonly unverifiedHeader: Readonly<Record<string, unknown>>;
  readonly unverifiedPayload: Buffer;
  readonly signature: Buffer;
  /** What the signature covers: the first two segments and the dot between them (RFC 7515 §5.2). */
  readonly signingInput: string;
  /** The header as it was presented. */
  readonly encodedHeader: string;
}

/**
 * Parses the compact serialisation (RFC 7515 §7.1) and nothing else: three non-empty segments in the one canonical
 * base64url spelling of their bytes, no padding, a header that is a JSON object without repeated members.
 * No claim and no signature is looked at.
 *
 * @param longest how many characters are looked at, at most.
 * @returns undefined when `presentedToken` is not of that form.
 */
export function parseCompactJws(
  presentedToken: string,
  longest: number,
): UnverifiedJws | undefined {
  if (typeof presentedToken !== 'string' || presentedToken.length > longest) return undefined;
  const [encodedHeader = '', encodedPayload = '', encodedSignature = '', ...further] =
    presentedToken.split('.');
  if (further.length > 0) return undefined;

  const header = decodeSegment(encodedHeader);
  const unverifiedPayload = decodeSegment(encodedPayload);
  const signature = decodeSegment(encodedSignature);
  if (!header || !unverifiedPayload || !signature) return undefined;

  const unverifiedHeader = parseStrictJsonObject(header);
  if (!isRecord(unverifiedHeader)) return undefined;
  return {
    unverifiedHeader,
    unverifiedPayload,
    signature,
    signingInput: `${encodedHeader}.${encodedPayload}`,
    encodedHeader,
  };
}

function decodeSegment(segment: string): Buffer | undefined {
  if (segment === '') return undefined;
  const bytes = Buffer.from(segment, 'base64url');
  // Node skips foreign characters and ignores spare bits: one token would have many spellings.
  return bytes.toString('base64url') === segment ? bytes : undefined;
}
