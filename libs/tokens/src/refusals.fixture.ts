import { mint, publishedKeys, verifierOf } from './issuer.fixture';
import { TokenRejected, type TokenRejectionCode } from './token-rejected';

/** What is broken, the code it is refused with, and the token, valid but for this one property. */
export type Refusal = readonly [broken: string, code: TokenRejectionCode, token: string];

/** Rows of one code. */
export function refusedAs(
  code: TokenRejectionCode,
  rows: readonly (readonly [broken: string, token: string])[],
): Refusal[] {
  return rows.map(([broken, token]) => [broken, code, token]);
}

/** The refusal of a token; whatever else comes of it fails the test. */
export async function refusalOf(
  presentedToken: unknown,
  verifier = verifierOf(),
): Promise<TokenRejected> {
  try {
    await verifier.verify(presentedToken as string);
  } catch (error) {
    if (error instanceof TokenRejected) return error;
    throw error;
  }
  throw new Error('was accepted');
}

/**
 * A test for each row: the token is refused with exactly this code, after `lookups` searches for a key, and the same
 * verifier takes the unbroken token.
 */
export function itRefuses(
  rows: readonly Refusal[],
  { lookups, unbroken = mint() }: { readonly lookups: 0 | 1; readonly unbroken?: string },
): void {
  it.each(rows)('%s: %s', async (_broken, code, token) => {
    const keys = publishedKeys();
    const find = jest.spyOn(keys, 'find');
    const verifier = verifierOf(keys);
    expect(await refusalOf(token, verifier)).toMatchObject({ code, message: code });
    expect(find).toHaveBeenCalledTimes(lookups);
    await expect(verifier.verify(unbroken)).resolves.toMatchObject({ sub: 'user-1' });
  });
}

/** Makes the valid token with other members in one of its parts. */
export type TokenWith = (members: object) => string;

/** Rows of one code for a member with each of these values. */
export function refusedValues(
  member: string,
  code: TokenRejectionCode,
  tokenWith: TokenWith,
  values: readonly unknown[],
): Refusal[] {
  return values.map((value) => {
    const broken = `${member} ${JSON.stringify(value).slice(0, 60)}`;
    return [broken, code, tokenWith({ [member]: value })];
  });
}

const OF_EACH_KIND: Readonly<Record<string, unknown>> = {
  absent: undefined,
  null: null,
  'a boolean': true,
  'a number': 7,
  'a text': 'text',
  'a list': [],
  'an object': {},
};

/** Rows of one code for a member with a value of each kind that JSON has, and with none; some kinds may pass. */
export function otherKinds(
  member: string,
  code: TokenRejectionCode,
  tokenWith: TokenWith,
  allowed: readonly string[] = [],
): Refusal[] {
  return Object.entries(OF_EACH_KIND)
    .filter(([kind]) => !allowed.includes(kind))
    .map(([kind, value]) => [`${member}: ${kind}`, code, tokenWith({ [member]: value })]);
}
