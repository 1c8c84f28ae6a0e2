import { RevocationReplica, type RevocableKind, type Revocation } from '@sallyport/revocation';

/** Revocations as a test wants them: complete, and none at first. */
export class FakeRevocations {
  readonly replica = new RevocationReplica();
  /** Set to false for a feed that has been silent for longer than the bound. */
  isCurrent = true;

  constructor(private readonly onApplied: (revocation: Revocation) => void = () => undefined) {}

  /** Withdraws what the id names; of a subject or a client, what was issued before a moment, in seconds. */
  revoke(kind: RevocableKind, id: string, issuedBefore = nextSecond()): void {
    const expiresAt = nextSecond() + 900;
    if (kind === 'subject' || kind === 'client') {
      this.#apply({ kind, id, expiresAt, issuedBefore });
    } else {
      this.#apply({ kind, id, expiresAt });
    }
  }

  #apply(revocation: Revocation): void {
    this.replica.apply(revocation);
    this.onApplied(revocation);
  }
}

function nextSecond(): number {
  return Math.floor(Date.now() / 1000) + 1;
}
