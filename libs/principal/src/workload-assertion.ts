import { randomUUID } from 'node:crypto';
import type { Clock } from '@sallyport/tokens';
import { isIdentifier } from '@sallyport/tokens';
import type { SpiffeId, SvidSource, TrustBundle, TrustDomain } from '@sallyport/workload-identity';
import { isEpochSeconds } from './principal';
import { SvidJwsRejected, type SvidJwsRejectionCode } from './svid-jws-rejected';
import { SvidJwsSigner } from './svid-jws-signer';
import { SvidJwsVerifier } from './svid-jws-verifier';

const TYPE = 'workload-assertion+jwt';

/** Made for one request: longer is of use to nobody but who has stolen one. Seconds. */
export const LONGEST_ASSERTION_SECONDS = 60;

const CLOCK_TOLERANCE_SECONDS = 5;

/** Why a presented workload assertion was not accepted; stable, fit for logs and metrics. */
export type WorkloadAssertionRejectionCode =
  /** `issuer_wrong`: signed by another workload than the one that presents it. */
  | `assertion_${SvidJwsRejectionCode}`
  /** `iss` is not who signed. */
  | 'assertion_issuer_claim_wrong'
  /** `sub` is not who signed: a workload speaks for itself alone. */
  | 'assertion_subject_wrong'
  | 'assertion_audience_wrong'
  | 'assertion_expired'
  | 'assertion_not_yet_valid'
  /** A claim is missing, of the wrong shape, or the lifetime is longer than a minute. */
  | 'assertion_claims_invalid';

/** A presented workload assertion that is not accepted. Its message is the code. */
export class WorkloadAssertionRejected extends Error {
  override readonly name = 'WorkloadAssertionRejected';

  constructor(
    readonly code: WorkloadAssertionRejectionCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}

/** What a verified assertion says besides whose it is. */
export interface WorkloadAssertion {
  /** To be used once (R11). */
  readonly jti: string;
  /** Seconds since the epoch; how long its `jti` has to be remembered. */
  readonly usableUntil: number;
}

/**
 * Signs a self-signed subject token (draft-ietf-oauth-transaction-tokens): by the key of the workload's SVID it says that
 * the workload itself begins a transaction. Its type is its own, so that nothing else takes it and it takes nothing else's
 * place (R8).
 */
export class WorkloadAssertionSigner {
  readonly #signer: SvidJwsSigner;

  constructor(
    source: Pick<SvidSource, 'current'>,
    private readonly clock: Clock,
  ) {
    this.#signer = new SvidJwsSigner(TYPE, source);
  }

  /**
   * @param audience the SPIFFE ID of the transaction token service
   * @throws TypeError when the SVID's key is not ECDSA P-256.
   */
  sign(audience: SpiffeId): string {
    const issuedAt = Math.floor(this.clock().getTime() / 1000);
    return this.#signer.sign(({ spiffeId }) => ({
      iss: spiffeId.toString(),
      sub: spiffeId.toString(),
      aud: audience.toString(),
      iat: issuedAt,
      exp: issuedAt + LONGEST_ASSERTION_SECONDS,
      jti: randomUUID(),
    }));
  }
}

export interface WorkloadAssertionVerifierOptions {
  /** Asked on every call, so that a renewed bundle counts at once. */
  readonly bundle: () => TrustBundle;
  readonly trustDomain: TrustDomain;
  readonly clock: Clock;
  /** The SPIFFE ID of the transaction token service. */
  readonly audience: SpiffeId;
}

/**
 * Verifies assertions of {@link WorkloadAssertionSigner}. It does not check that a `jti` is new: that takes a memory.
 *
 * Checks, in this order: what {@link SvidJwsVerifier} checks, the signer being the presenter; issuer, subject, audience,
 * shape of claims, time.
 */
export class WorkloadAssertionVerifier {
  readonly #jws: SvidJwsVerifier;
  readonly #audience: string;
  readonly #clock: Clock;

  constructor({ audience, ...trust }: WorkloadAssertionVerifierOptions) {
    this.#jws = new SvidJwsVerifier({ type: TYPE, ...trust });
    this.#audience = audience.toString();
    this.#clock = trust.clock;
  }

  /**
   * @param presenter the workload at the other end of the channel
   * @throws WorkloadAssertionRejected
   */
  verify(presentedAssertion: string, presenter: SpiffeId): WorkloadAssertion {
    const { iss, sub, aud, iat, exp, jti } = this.#claimsOf(presentedAssertion, presenter);
    if (iss !== presenter.toString()) throw refused('assertion_issuer_claim_wrong');
    if (sub !== presenter.toString()) throw refused('assertion_subject_wrong');
    if (aud !== this.#audience) throw refused('assertion_audience_wrong');
    if (!isEpochSeconds(iat) || !isEpochSeconds(exp) || !isIdentifier(jti)) {
      throw refused('assertion_claims_invalid');
    }
    const now = Math.floor(this.#clock().getTime() / 1000);
    if (exp <= now - CLOCK_TOLERANCE_SECONDS) throw refused('assertion_expired');
    if (iat > now + CLOCK_TOLERANCE_SECONDS) throw refused('assertion_not_yet_valid');
    if (exp <= iat || exp - iat > LONGEST_ASSERTION_SECONDS) {
      throw refused('assertion_claims_invalid');
    }
    return { jti, usableUntil: exp + CLOCK_TOLERANCE_SECONDS };
  }

  #claimsOf(presentedAssertion: string, presenter: SpiffeId): Readonly<Record<string, unknown>> {
    try {
      return this.#jws.verify(presentedAssertion, (signer) => signer.equals(presenter)).claims;
    } catch (cause) {
      if (!(cause instanceof SvidJwsRejected)) throw cause;
      throw new WorkloadAssertionRejected(`assertion_${cause.code}`, { cause });
    }
  }
}

function refused(code: WorkloadAssertionRejectionCode): WorkloadAssertionRejected {
  return new WorkloadAssertionRejected(code);
}
