import { SpiffeIdInvalid } from './spiffe-id-invalid.error';

const MAX_LENGTH = 255;
const NAME = /^[a-z0-9._-]+$/;

/**
 * The name of a trust domain, e.g. `sallyport.internal`.
 * Opaque and immutable; a value exists only if it satisfies SPIFFE-ID §2.1: lower-case letters,
 * digits, `.`, `-` and `_`, at most 255 bytes, no port, user information or percent-encoding.
 */
export class TrustDomain {
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  /** @throws {SpiffeIdInvalid} `trust_domain_empty`, `trust_domain_too_long` or `trust_domain_character` */
  static parse(name: string): TrustDomain {
    if (name === '') {
      throw new SpiffeIdInvalid('trust_domain_empty', 'the trust domain is empty');
    }
    if (name.length > MAX_LENGTH) {
      throw new SpiffeIdInvalid(
        'trust_domain_too_long',
        `the trust domain is longer than ${MAX_LENGTH} bytes`,
      );
    }
    if (!NAME.test(name)) {
      throw new SpiffeIdInvalid(
        'trust_domain_character',
        'a trust domain consists of lower-case letters, digits, ".", "-" and "_"',
      );
    }
    return new TrustDomain(name);
  }

  equals(other: TrustDomain): boolean {
    return this.#name === other.#name;
  }

  toString(): string {
    return this.#name;
  }

  toJSON(): string {
    return this.#name;
  }
}
