import { SpiffeIdInvalid } from './spiffe-id-invalid.error';
import { TrustDomain } from './trust-domain';

const SCHEME = 'spiffe://';
const MAX_LENGTH = 2048;
const SEGMENT = /^[a-zA-Z0-9._-]+$/;

/** What distinguishes one service's SPIFFE ID from another's. */
export interface ServiceName {
  readonly trustDomain: TrustDomain;
  readonly namespace: string;
  readonly service: string;
}

/**
 * A SPIFFE ID, e.g. `spiffe://sallyport.internal/ns/sallyport/sa/gateway`.
 * Opaque and immutable; a value exists only if it satisfies SPIFFE-ID §2, so two ids are the same
 * workload exactly when their strings are equal: nothing is ever normalised.
 */
export class SpiffeId {
  readonly trustDomain: TrustDomain;
  /** Empty, or begins with a slash. */
  readonly path: string;
  readonly #uri: string;

  private constructor(trustDomain: TrustDomain, path: string) {
    this.trustDomain = trustDomain;
    this.path = path;
    this.#uri = `${SCHEME}${trustDomain.toString()}${path}`;
    Object.freeze(this);
  }

  /** @throws {SpiffeIdInvalid} whose code says which rule the string breaks */
  static parse(uri: string): SpiffeId {
    if (uri.length > MAX_LENGTH) {
      throw new SpiffeIdInvalid(
        'spiffe_id_too_long',
        `the SPIFFE ID is longer than ${MAX_LENGTH} bytes`,
      );
    }
    if (!uri.startsWith(SCHEME)) {
      throw new SpiffeIdInvalid('spiffe_id_scheme', `a SPIFFE ID begins with "${SCHEME}"`);
    }
    const rest = uri.slice(SCHEME.length);
    const slash = rest.indexOf('/');
    if (slash === -1) return new SpiffeId(TrustDomain.parse(rest), '');
    const segments = rest.slice(slash + 1).split('/');
    segments.forEach(validateSegment);
    return new SpiffeId(TrustDomain.parse(rest.slice(0, slash)), rest.slice(slash));
  }

  /**
   * The id `spiffe://<trust domain>/ns/<namespace>/sa/<service>`, the form SPIRE, Istio and
   * cert-manager mint on Kubernetes.
   * @throws {SpiffeIdInvalid} when a part is not a valid path segment
   */
  static ofService({ trustDomain, namespace, service }: ServiceName): SpiffeId {
    validateSegment(namespace);
    validateSegment(service);
    return SpiffeId.parse(`${SCHEME}${trustDomain.toString()}/ns/${namespace}/sa/${service}`);
  }

  equals(other: SpiffeId): boolean {
    return this.#uri === other.#uri;
  }

  toString(): string {
    return this.#uri;
  }

  toJSON(): string {
    return this.#uri;
  }
}

function validateSegment(segment: string): void {
  if (segment === '' || segment === '.' || segment === '..') {
    throw new SpiffeIdInvalid(
      'spiffe_id_path_segment',
      'a path segment of a SPIFFE ID is not empty, "." or ".."',
    );
  }
  if (!SEGMENT.test(segment)) {
    throw new SpiffeIdInvalid(
      'spiffe_id_path_character',
      'a path segment of a SPIFFE ID consists of letters, digits, ".", "-" and "_"',
    );
  }
}
